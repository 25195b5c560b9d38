//! Which channels are known to be occupied, where requests have nothing but the event socket.
//!
//! Asterisk answers the requests on a socket one after the other. One that [waits](RawRequest::waits) for a channel would
//! hold up all behind it, the hangup of that channel and of others among them. So it waits here, and leaves when what
//! occupies the channel is over.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};
use crate::generated::Peek;
use crate::id::ObjectKind;
use crate::request::{Method, RawRequest};
use crate::transport::Transport;

/// How long an end that nobody tells of goes unnoticed.
const DOUBT: Duration = Duration::from_secs(5);

/// How long the answer to that question may take.
const ANSWER: Duration = Duration::from_secs(5);

/// The playbacks and recordings of this client's that occupy channels.
#[derive(Debug, Default)]
pub(crate) struct Occupied(Mutex<HashMap<(ObjectKind, Box<str>), Occupant>>);

#[derive(Debug)]
struct Occupant {
    channel: Box<str>,
    over: CancellationToken,
}

/// What occupies a channel.
struct Busy {
    channel: String,
    kind: ObjectKind,
    id: Box<str>,
    over: CancellationToken,
}

impl Occupied {
    /// A request is about to leave: notes what it will occupy. Returns whether that is new; of two things with one
    /// name, it is the first that is there.
    pub(super) fn note(&self, request: &RawRequest) -> bool {
        let Some((channel, kind, id)) = request.occupies() else {
            return false;
        };
        let occupant = Occupant {
            channel: channel.into(),
            over: CancellationToken::new(),
        };
        match self.lock().entry((kind, id.into())) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(occupant);
                true
            }
        }
    }

    /// A request, of which something new was noted, had no effect after all.
    pub(super) fn take_back(&self, request: &RawRequest) {
        if let Some((_, kind, id)) = request.occupies() {
            self.end(kind, id);
        }
    }

    /// A playback or a recording is over, or its channel is gone.
    pub(crate) fn heard_end(&self, peek: &Peek<'_>) {
        if let Some(playback) = &peek.playback {
            self.end(ObjectKind::Playback, &playback.id);
        }
        if let Some(recording) = &peek.recording {
            self.end(ObjectKind::Recording, &recording.name);
        }
        if let Some(channel) = &peek.channel {
            self.lock().retain(|_, occupant| {
                let stays = *occupant.channel != *channel.id;
                if !stays {
                    occupant.over.cancel();
                }
                stays
            });
        }
    }

    fn end(&self, kind: ObjectKind, id: &str) {
        if let Some(occupant) = self.lock().remove(&(kind, id.into())) {
            occupant.over.cancel();
        }
    }

    /// Waits until nothing that is known occupies the channels that `request` waits for.
    ///
    /// # Errors
    /// `WouldBlock` where that is not so by `end`.
    pub(super) async fn wait(
        &self,
        request: &RawRequest,
        transport: &dyn Transport,
        end: Instant,
    ) -> Result<()> {
        while let Some(busy) = self.find(request) {
            let Some(left) = end
                .checked_duration_since(Instant::now())
                .filter(|left| !left.is_zero())
            else {
                let kind = match busy.kind {
                    ObjectKind::Recording => "recording",
                    _ => "playback",
                };
                let context = format!(
                    "channel {} is occupied by {kind} {}: on the event socket this would hold up all other requests",
                    busy.channel, busy.id
                );
                return Err(Error::new(ErrorKind::WouldBlock, context).with_operation(request.operation));
            };
            let over = timeout(left.min(DOUBT), busy.over.cancelled()).await;
            let doubtful = over.is_err() && left > DOUBT;
            if doubtful && is_gone(&busy, transport, left - DOUBT).await {
                self.end(busy.kind, &busy.id);
            }
        }
        Ok(())
    }

    fn find(&self, request: &RawRequest) -> Option<Busy> {
        let channels = request.awaited_channels();
        if channels.is_empty() {
            return None;
        }
        let occupied = self.lock();
        let ((kind, id), occupant) = occupied
            .iter()
            .find(|(_, occupant)| channels.iter().any(|channel| **channel == *occupant.channel))?;
        Some(Busy {
            channel: occupant.channel.to_string(),
            kind: *kind,
            id: id.clone(),
            over: occupant.over.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(ObjectKind, Box<str>), Occupant>> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks Asterisk, because an event may have been lost.
async fn is_gone(busy: &Busy, transport: &dyn Transport, patience: Duration) -> bool {
    let id = busy.id.to_string();
    let path = match busy.kind {
        ObjectKind::Recording => vec!["recordings".to_owned(), "live".to_owned(), id],
        _ => vec!["playbacks".to_owned(), id],
    };
    let question = RawRequest::new("occupied", Method::Get, path);
    let answer = transport.execute(&question, patience.min(ANSWER)).await;
    answer.is_ok_and(|reply| reply.status == 404)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::channels;
    use crate::request::Operation;

    #[test]
    fn a_recording_stays_where_a_second_one_of_its_name_is_refused() {
        let record = |channel: &str| {
            let record = channels::Record::new(channel, "greeting", "wav");
            record.into_request().unwrap()
        };
        let answer = channels::Answer::new("c1").into_request().unwrap();
        let occupied = Occupied::default();
        assert!(occupied.note(&record("c1")));
        assert!(!occupied.note(&record("c2")), "it would be taken back");
        assert_eq!(occupied.find(&answer).unwrap().channel, "c1");
        occupied.take_back(&record("c1"));
        assert!(occupied.find(&answer).is_none());
    }
}
