//! Bounded queues of undecoded events.

mod queue;
mod tally;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::interest::EventTypes;
use crate::generated::EventType;
use crate::id::ObjectKind;

use queue::{Entry, Queue};
pub use tally::Counters;
pub(crate) use tally::Tally;

/// What a mailbox does when it is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// Chatter goes first, oldest first; if what matters still does not fit, the mailbox overflows.
    Overflow,
    /// Chatter goes first, then the oldest, whatever it is; the reader is told how many.
    DropOldest,
    /// As `DropOldest`; but nobody asked for these events yet, and what is dropped is not missed until somebody does.
    Unclaimed,
}

/// What a reader gets from a mailbox.
#[derive(Debug)]
pub(crate) enum Item {
    /// The next event, and its type.
    Frame(EventType, Bytes),
    /// So many events were dropped since the last item.
    Lagged(u64),
    /// The socket was gone for so long: what happened meanwhile did not come.
    Gap(Duration),
    /// The channel with this id ended, and no event tells how.
    Gone(Box<str>),
}

/// A queue between the socket's reader, which never waits, and a task that reads at its own pace.
///
/// Its limit is in bytes. Frames are shared with the other mailboxes that hold them, and counted in each.
#[derive(Debug)]
pub(crate) struct Mailbox {
    wanted: EventTypes,
    tally: Arc<Tally>,
    state: Mutex<State>,
    ready: Notify,
    /// The call that the mailbox belongs to.
    owner: Option<Owner>,
    /// The objects under which the hub has it; the hub's lock guards them.
    keys: Mutex<Vec<Key>>,
}

/// An object that events are about.
pub(crate) type Key = (ObjectKind, Box<str>);

/// What a mailbox knows of the call that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    /// Events for other applications are not for this call.
    pub(crate) application: Arc<str>,
    /// Rung when the mailbox overflows: the call must end.
    pub(crate) alarm: Arc<Notify>,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    limit: usize,
    when_full: WhenFull,
    /// Dropped since the reader was last told.
    untold: u64,
    /// Channels that ended without an event.
    gone: Vec<Box<str>>,
    closed: bool,
}

impl Mailbox {
    /// A mailbox for the `wanted` events that holds up to `limit` bytes, and is counted in `tally`.
    pub(crate) fn new(tally: &Arc<Tally>, wanted: EventTypes, limit: usize, when_full: WhenFull) -> Self {
        let state = State {
            queue: Queue::default(),
            limit,
            when_full,
            untold: 0,
            gone: Vec::new(),
            closed: false,
        };
        Self {
            wanted,
            tally: Arc::clone(tally),
            state: Mutex::new(state),
            ready: Notify::new(),
            owner: None,
            keys: Mutex::default(),
        }
    }

    /// Gives the mailbox to a call.
    pub(crate) fn owned_by(mut self, owner: &Owner) -> Self {
        self.owner = Some(owner.clone());
        self
    }

    /// Whether events of this type for this application belong in here.
    pub(crate) fn wants(&self, event_type: EventType, application: &str) -> bool {
        self.wanted.contains(event_type) && self.may_hear_of(application)
    }

    /// Whether it belongs to a call of this application.
    pub(crate) fn is_of(&self, application: &str) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| *owner.application == *application)
    }

    /// Whether events for this application could be in here.
    pub(crate) fn may_hear_of(&self, application: &str) -> bool {
        self.owner
            .as_ref()
            .is_none_or(|owner| *owner.application == *application)
    }

    /// The objects under which the hub has it.
    pub(crate) fn keys(&self) -> MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an event, making room by the mailbox's policy. What it costs is told by the tally.
    pub(crate) fn push(&self, event_type: EventType, frame: Bytes) {
        let is_chatter = EventTypes::is_chatter(event_type);
        let mut state = self.lock();
        if state.closed {
            return;
        }
        let (held, untold) = (state.queue.bytes(), state.untold);
        let limit = self.tally.allows(state.limit);
        let fits = state.make_room(limit, frame.len() + queue::OVERHEAD);
        if fits {
            state.queue.push(event_type, frame, is_chatter);
            self.tally.deliver();
        } else {
            state.untold += 1;
        }
        let overflows = !fits && !is_chatter && state.when_full == WhenFull::Overflow;
        state.closed |= overflows;
        self.tally.changed(held, state.queue.bytes());
        if state.when_full != WhenFull::Unclaimed {
            self.tally.drop_some(state.untold - untold);
        }
        drop(state);
        if overflows {
            self.tally.overflow();
            self.wake_all();
            if let Some(owner) = &self.owner {
                owner.alarm.notify_one();
            }
        } else if fits {
            self.ready.notify_one();
        }
    }

    /// Tells that the socket was gone for so long.
    pub(crate) fn gap(&self, length: Duration) {
        let mut state = self.lock();
        if !state.closed {
            let held = state.queue.bytes();
            state.queue.gap(length);
            self.tally.changed(held, state.queue.bytes());
        }
        drop(state);
        self.ready.notify_one();
    }

    /// Tells that a channel ended without an event.
    pub(crate) fn gone(&self, channel: &str) {
        let mut state = self.lock();
        if !state.closed {
            state.gone.push(channel.into());
        }
        drop(state);
        self.ready.notify_one();
    }

    /// Waits for the next item; `None` when the mailbox is closed and empty. Cancelling loses nothing.
    pub(crate) async fn next(&self) -> Option<Item> {
        loop {
            if let Some(next) = self.look() {
                return next;
            }
            // Enlisted before another look, so that a push or the end between the two is not missed.
            let mut ready = std::pin::pin!(self.ready.notified());
            ready.as_mut().enable();
            if let Some(next) = self.look() {
                return next;
            }
            ready.await;
        }
    }

    /// The next item if there is one.
    #[cfg(test)]
    pub(crate) fn try_next(&self) -> Option<Item> {
        self.pop(&mut self.lock())
    }

    /// Somebody reads the mailbox from now on: it holds more, and loses nothing that matters in silence.
    pub(crate) fn claim(&self, limit: usize) {
        let mut state = self.lock();
        if state.when_full == WhenFull::Unclaimed {
            self.tally.drop_some(state.untold);
        }
        state.limit = limit;
        state.when_full = WhenFull::Overflow;
    }

    /// Takes nothing more; what is in it can still be read.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake_all();
    }

    /// What `next` would return at once: an item, or `None` at the end.
    fn look(&self) -> Option<Option<Item>> {
        let mut state = self.lock();
        let item = self.pop(&mut state);
        (item.is_some() || state.closed).then_some(item)
    }

    fn pop(&self, state: &mut State) -> Option<Item> {
        let held = state.queue.bytes();
        let item = state.pop();
        self.tally.changed(held, state.queue.bytes());
        item
    }

    /// One permit for a reader that is not waiting yet, and a wake for all that are.
    fn wake_all(&self) {
        self.ready.notify_waiters();
        self.ready.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let held = self.lock().queue.bytes();
        self.tally.changed(held, 0);
    }
}

impl State {
    fn pop(&mut self) -> Option<Item> {
        if self.untold > 0 {
            return Some(Item::Lagged(std::mem::take(&mut self.untold)));
        }
        match self.queue.pop() {
            Some(Entry::Frame(event_type, frame)) => Some(Item::Frame(event_type, frame)),
            Some(Entry::Gap(length)) => Some(Item::Gap(length)),
            None => self.gone.pop().map(Item::Gone),
        }
    }

    /// Drops what may be dropped until `needed` more bytes fit into `limit`. Returns whether they do.
    fn make_room(&mut self, limit: usize, needed: usize) -> bool {
        let fits = |queue: &Queue| queue.bytes() + needed <= limit;
        while !fits(&self.queue) && self.queue.drop_chatter() {
            self.untold += 1;
        }
        if self.when_full != WhenFull::Overflow {
            while !fits(&self.queue) && self.queue.drop_oldest() {
                self.untold += 1;
            }
        }
        fits(&self.queue)
    }
}
