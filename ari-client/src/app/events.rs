//! Subscriptions: events, decoded where they are read.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::hub::{Hub, Registration};
use super::interest::EventTypes;
use super::mailbox::{Item, Mailbox, WhenFull};
use crate::event::Event;
use crate::id::ObjectKind;

/// Events that a subscription did not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missed {
    /// So many events were dropped, because they were not read in time.
    #[error("{0} events were dropped because they were not read in time")]
    Lagged(u64),
    /// The event socket was gone for so long. Asterisk keeps no events: what happened meanwhile is not told.
    #[error("the event socket was gone for {0:?}: what happened meanwhile was not told")]
    Gap(Duration),
}

/// A subscription to events, in the order of the wire.
///
/// Events are queued, undecoded, until they are read; the queue is bounded. Reading is cancel-safe: an event that
/// was not returned is still there.
pub struct Events {
    registration: Registration,
}

impl Events {
    /// Subscribes to these types of events about objects that are [added](Self::add).
    pub(crate) fn subscribe(hub: &Arc<Hub>, types: EventTypes, limit: usize) -> Self {
        Self::over(hub, hub.mailbox(types, limit, WhenFull::DropOldest))
    }

    pub(crate) fn over(hub: &Arc<Hub>, mailbox: Mailbox) -> Self {
        Self {
            registration: hub.register(Arc::new(mailbox)),
        }
    }

    pub(crate) fn add(&self, kind: ObjectKind, id: &str) {
        self.registration.add(kind, id);
    }

    pub(crate) fn remove(&self, kind: ObjectKind, id: &str) {
        self.registration.remove(kind, id);
    }

    pub(crate) fn hear_all(&self) {
        self.registration.hear_all();
    }

    pub(crate) fn mailbox(&self) -> &Arc<Mailbox> {
        self.registration.mailbox()
    }

    /// Waits for the next event. `None` when no more can come.
    ///
    /// `Some(Err(_))` tells, in its place in the order, that events were [missed](Missed): others may still come. To
    /// end a call for it, with `?`, is rarely right.
    pub async fn next(&self) -> Option<Result<Event, Missed>> {
        loop {
            match self.next_news().await? {
                News::Event(event) => return Some(Ok(event)),
                News::Missed(missed) => return Some(Err(missed)),
                // Whoever follows a call learns of its end by the call.
                News::Gone(_) => {}
            }
        }
    }

    /// As [`next`](Self::next), and tells of channels that ended without an event, too.
    pub(crate) async fn next_news(&self) -> Option<News> {
        Some(match self.mailbox().next().await? {
            Item::Frame(event_type, frame) => News::Event(Event::of_type(event_type, frame)),
            Item::Lagged(count) => News::Missed(Missed::Lagged(count)),
            Item::Gap(length) => News::Missed(Missed::Gap(length)),
            Item::Gone(id) => News::Gone(id),
        })
    }
}

/// What the library's own readers get from a subscription.
pub(crate) enum News {
    /// The next event.
    Event(Event),
    /// Events did not come.
    Missed(Missed),
    /// The channel with this id ended, and no event tells how.
    Gone(Box<str>),
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
