//! Whether Asterisk still tells the application anything: an open socket does not say so.
//!
//! A client that opens an event socket while Asterisk clears up after the one before (a program that was killed and
//! started again at once, a connection that was cut on its way) may find that the clearing up comes last. Its socket stays
//! open and answers pings, but the application is no longer registered, or is inactive: no event comes, and calls fall
//! through `Stasis()`. Asterisk 22.10.1 does that to 2 to 5 of 100 such sockets, mostly before the handshake's reply,
//! and on a busy machine some milliseconds later.
//!
//! Any event proves the contrary. Where it is silent, the application has Asterisk send it one.

use std::borrow::Cow;
use std::time::Duration;

use futures_util::FutureExt;
use serde::Deserialize;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;

use super::running::Running;
use crate::client::Ari;
use crate::error::{Error, ErrorKind};
use crate::generated::models::Application;
use crate::generated::{EventType, Peek, applications, user_events};
use crate::rt::from_json;

/// The event that the application has Asterisk send it. Nobody else gets to see it but those who listen to
/// `UserEvent` on AMI.
const ECHO: &str = "AriClientEcho";

/// How that event is called among the events.
const USER_EVENT: &str = "ChannelUserevent";

/// How long after the socket opened is looked again; each wait is twice the one before. What came just after a look may
/// have been the last, which the look after the next finds.
const SOON: Duration = Duration::from_millis(500);

/// How long after each other the later looks are. None is known to be needed, but all calls depend on it.
const LONGEST: Duration = Duration::from_secs(60);

/// How long the event may trail the reply to its request: it waits behind the application's other events, each of which
/// would do.
const TRAIL: Duration = Duration::from_secs(2);

/// Whether any event came lately.
#[derive(Debug, Default)]
pub(super) struct Hearing(Notify);

impl Hearing {
    /// Takes note of an event of the application's.
    pub(super) fn note(&self, event_type: EventType) {
        // It tells of the registration itself, which may have been undone since.
        if event_type != EventType::ApplicationRegistered {
            self.0.notify_one();
        }
    }

    /// A new socket has opened, whatever came over the one before.
    pub(super) fn begin(&self) {
        let _ = self.0.notified().now_or_never();
    }

    /// Whether an event came since this was asked last, or comes `within` this time.
    async fn heard(&self, within: Duration) -> bool {
        timeout(within, self.0.notified()).await.is_ok()
    }
}

impl<A> Running<A> {
    /// Waits until it is certain that no events come although the socket is open. Returns since when that may be so.
    pub(super) async fn untold(&self) -> Instant {
        let (mut proven, mut before, mut wait) = (Instant::now(), Instant::now(), SOON);
        // Where another client has the name, it has the events.
        while !self.replaced.is_cancelled() {
            let now = Instant::now();
            if self.hearing.heard(Duration::ZERO).await {
                // When, is not known.
                proven = before;
            } else if self.is_untold().await {
                return proven;
            } else {
                proven = now;
            }
            before = now;
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST);
        }
        std::future::pending().await
    }

    /// Has Asterisk send an event. Whether it is certain that it does not come.
    async fn is_untold(&self) -> bool {
        let told = match self
            .ari
            .send(user_events::UserEvent::new(ECHO, &*self.name))
            .await
        {
            Ok(()) => self.hearing.heard(TRAIL).await,
            Err(error) => {
                debug!(%error, "cannot have Asterisk send an event");
                !is_unknown(&error)
            }
        };
        !told && is_missed(&self.ari, &self.name).await
    }
}

/// Whether a user event would have come if all were well.
async fn is_missed(ari: &Ari, name: &str) -> bool {
    match ari.send(applications::Get::new(name)).await {
        Ok(application) => lets_through(&application, USER_EVENT),
        Err(error) => is_unknown(&error),
    }
}

/// Whether Asterisk says that it knows no such application.
fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::Refused && error.status() == Some(404)
}

/// Whether the application's event filter lets events of this type through.
fn lets_through(application: &Application, event_type: &str) -> bool {
    let names = |list: &[crate::rt::Object]| {
        list.iter()
            .any(|entry| entry.get("type").and_then(|name| name.as_str()) == Some(event_type))
    };
    let (allowed, disallowed) = (&application.events_allowed, &application.events_disallowed);
    !names(disallowed) && (allowed.is_empty() || names(allowed))
}

/// Whether this is the event that the application had Asterisk send it.
pub(super) fn is_echo(event_type: EventType, peek: &Peek<'_>, frame: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct UserEvent<'a> {
        #[serde(borrow)]
        eventname: Cow<'a, str>,
    }
    event_type == EventType::ChannelUserevent
        && peek.channel.is_none()
        && from_json::<UserEvent<'_>>(frame).is_ok_and(|event| event.eventname == ECHO)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn application(allowed: &[&str], disallowed: &[&str]) -> Application {
        let list = |names: &[&str]| {
            names
                .iter()
                .map(|name| json!({ "type": name }))
                .collect::<Vec<_>>()
        };
        let application = json!({
            "name": "a", "channel_ids": [], "bridge_ids": [], "endpoint_ids": [], "device_names": [],
            "events_allowed": list(allowed), "events_disallowed": list(disallowed),
        });
        serde_json::from_value(application).unwrap()
    }

    #[test]
    fn a_filter_may_hold_the_event_back() {
        for (allowed, disallowed, passes) in [
            (&[][..], &[][..], true),
            (&["StasisStart"], &[], false),
            (&["StasisStart", USER_EVENT], &[], true),
            (&[], &["StasisStart"], true),
            (&[USER_EVENT], &[USER_EVENT], false),
        ] {
            let filtered = application(allowed, disallowed);
            assert_eq!(
                lets_through(&filtered, USER_EVENT),
                passes,
                "{allowed:?} {disallowed:?}"
            );
        }
    }

    #[test]
    fn the_echo_is_told_from_the_user_events_of_others() {
        let is_ours = |event: serde_json::Value| {
            let frame = event.to_string();
            let peek = from_json(frame.as_bytes()).unwrap();
            is_echo(EventType::ChannelUserevent, &peek, frame.as_bytes())
        };
        assert!(is_ours(json!({"type": USER_EVENT, "eventname": ECHO})));
        assert!(!is_ours(json!({"type": USER_EVENT, "eventname": "x"})));
        assert!(!is_ours(json!({"type": USER_EVENT})));
        assert!(!is_ours(
            json!({"type": USER_EVENT, "eventname": ECHO, "channel": {"id": "c"}})
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_heard_counts_once_and_for_its_socket_only() {
        let hearing = Hearing::default();
        hearing.note(EventType::ApplicationRegistered);
        assert!(!hearing.heard(TRAIL).await);
        hearing.note(EventType::StasisStart);
        hearing.note(EventType::StasisEnd);
        assert!(hearing.heard(Duration::ZERO).await);
        assert!(!hearing.heard(Duration::ZERO).await);
        hearing.note(EventType::StasisStart);
        hearing.begin();
        assert!(!hearing.heard(Duration::ZERO).await);
    }
}
