//! External media: a channel whose sound goes to a program.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{CallState, Channel, Identity};
use crate::app::Events;
use crate::error::{Error, ErrorKind, Result};
use crate::generated::{EventKind, EventType, channels};
use crate::id::{ObjectKind, new_id};
use crate::rt::Pending;

/// Asterisk answers an RTP channel at once; this much later it never will.
const START_DEADLINE: Duration = Duration::from_secs(10);

/// A channel that sends a call's sound to a program and plays what comes back; await it to make it.
///
/// The channel belongs to the call: it is hung up when the call ends.
#[must_use = "no channel is made until this is awaited"]
#[derive(Debug)]
pub struct ExternalMedia {
    call: Arc<CallState>,
    peer: SocketAddr,
    format: String,
}

impl ExternalMedia {
    pub(super) fn new(call: Arc<CallState>, peer: SocketAddr) -> Self {
        Self {
            call,
            peer,
            format: "ulaw".into(),
        }
    }

    /// Chooses the codec: `ulaw` (the default), `alaw`, `slin16` and so on.
    pub fn format(mut self, format: impl Into<String>) -> Self {
        self.format = format.into();
        self
    }

    async fn create(self) -> Result<Channel> {
        if let Some(end) = self.call.end() {
            return Err(end.error());
        }
        let ari = self.call.channel().ari().clone();
        let application = self.call.application().to_owned();
        let id = new_id(ObjectKind::Channel);
        // Subscribed before the request leaves: the channel may be in Stasis before the reply is here.
        let events = ari.subscription([EventType::StasisStart, EventType::ChannelDestroyed].into());
        events.add(ObjectKind::Channel, &id);
        let channel = Channel::new(ari.clone(), Identity::new(&id));
        self.call.own_channel(channel.clone());
        let operation = channels::ExternalMedia::new(application, self.format)
            .channel_id(id)
            .external_host(self.peer.to_string());
        ari.send(operation).await?;
        match tokio::time::timeout(START_DEADLINE, in_stasis(&events)).await {
            Ok(started) => started.map(|()| channel),
            Err(_) => Err(failed("it did not enter Stasis in time")),
        }
    }
}

async fn in_stasis(events: &Events) -> Result<()> {
    loop {
        match events.next().await {
            Some(Ok(event)) => match &event.kind {
                EventKind::StasisStart(_) => return Ok(()),
                EventKind::ChannelDestroyed(end) => {
                    return Err(failed(&format!("it ended, cause {}", end.cause)));
                }
                _ => {}
            },
            Some(Err(_)) => {}
            None => return Err(failed("the client is closed")),
        }
    }
}

fn failed(why: &str) -> Error {
    Error::new(ErrorKind::Failed, format!("external media channel: {why}"))
}

impl IntoFuture for ExternalMedia {
    type Output = Result<Channel>;
    type IntoFuture = Pending<Channel>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.create())
    }
}
