//! Bounded queues of undecoded events.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::interest::EventTypes;
use crate::generated::EventType;
use crate::id::ObjectKind;

/// What a mailbox does when it is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// Chatter goes first, oldest first; if what matters still does not fit, the mailbox overflows.
    Overflow,
    /// Chatter goes first, then the oldest, whatever it is; the reader is told how many.
    DropOldest,
}

/// What became of a pushed event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It is in the mailbox.
    Kept,
    /// It did not fit and may not be lost: the mailbox is closed.
    Overflowed,
    /// The mailbox had been closed before.
    Closed,
}

/// What a reader gets from a mailbox.
#[derive(Debug)]
pub(crate) enum Item {
    /// The next event.
    Frame(Bytes),
    /// So many events were dropped since the last item.
    Lagged(u64),
    /// The channel with this id ended, and no event tells how.
    Gone(Box<str>),
}

/// A queue between the socket's reader, which never waits, and a task that reads at its own pace.
///
/// Its limit is in bytes. Frames are shared with the other mailboxes that hold them.
#[derive(Debug)]
pub(crate) struct Mailbox {
    wanted: EventTypes,
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
    queue: VecDeque<(EventType, Bytes)>,
    bytes: usize,
    limit: usize,
    when_full: WhenFull,
    /// Dropped since the reader was last told.
    untold: u64,
    /// Channels that ended without an event.
    gone: Vec<Box<str>>,
    closed: bool,
}

/// What one queued frame costs besides its bytes.
const OVERHEAD: usize = size_of::<(EventType, Bytes)>();

impl Mailbox {
    /// A mailbox for the `wanted` events that holds up to `limit` bytes.
    pub(crate) fn new(wanted: EventTypes, limit: usize, when_full: WhenFull) -> Self {
        let state = State {
            queue: VecDeque::new(),
            bytes: 0,
            limit,
            when_full,
            untold: 0,
            gone: Vec::new(),
            closed: false,
        };
        Self {
            wanted,
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
        self.wanted.contains(event_type)
            && self
                .owner
                .as_ref()
                .is_none_or(|owner| *owner.application == *application)
    }

    /// Whether it belongs to a call of this application.
    pub(crate) fn is_of(&self, application: &str) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| *owner.application == *application)
    }

    /// The objects under which the hub has it.
    pub(crate) fn keys(&self) -> MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an event, making room by the mailbox's policy.
    pub(crate) fn push(&self, event_type: EventType, frame: &Bytes) -> Pushed {
        let mut state = self.lock();
        if state.closed {
            return Pushed::Closed;
        }
        if !state.make_room(event_type, frame.len() + OVERHEAD) {
            if state.closed {
                drop(state);
                self.wake_all();
                if let Some(owner) = &self.owner {
                    owner.alarm.notify_one();
                }
                return Pushed::Overflowed;
            }
            return Pushed::Kept;
        }
        state.bytes += frame.len() + OVERHEAD;
        state.queue.push_back((event_type, frame.clone()));
        drop(state);
        self.ready.notify_one();
        Pushed::Kept
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
            // Enlisted before the look, so that a push or the end between the two is not missed.
            let mut ready = std::pin::pin!(self.ready.notified());
            ready.as_mut().enable();
            {
                let mut state = self.lock();
                if let Some(item) = state.pop() {
                    return Some(item);
                }
                if state.closed {
                    return None;
                }
            }
            ready.await;
        }
    }

    /// The next item if there is one.
    #[cfg(test)]
    pub(crate) fn try_next(&self) -> Option<Item> {
        self.lock().pop()
    }

    /// Somebody reads the mailbox from now on: it holds more, and loses nothing that matters in silence.
    pub(crate) fn claim(&self, limit: usize) {
        let mut state = self.lock();
        state.limit = limit;
        state.when_full = WhenFull::Overflow;
    }

    /// Takes nothing more; what is in it can still be read.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake_all();
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

impl State {
    fn pop(&mut self) -> Option<Item> {
        if self.untold > 0 {
            return Some(Item::Lagged(std::mem::take(&mut self.untold)));
        }
        let Some((_, frame)) = self.queue.pop_front() else {
            return self.gone.pop().map(Item::Gone);
        };
        self.bytes -= frame.len() + OVERHEAD;
        if self.queue.is_empty() {
            // A burst must not hold its memory for the rest of a long call.
            self.queue.shrink_to(8);
        }
        Some(Item::Frame(frame))
    }

    /// Drops what may be dropped until `needed` more bytes fit. Without success, an event that may be lost is
    /// counted as dropped, and one that may not closes the mailbox.
    fn make_room(&mut self, event_type: EventType, needed: usize) -> bool {
        let fits = |state: &Self| state.bytes + needed <= state.limit;
        while !fits(self) && self.drop_first(EventTypes::is_chatter) {}
        if self.when_full == WhenFull::DropOldest {
            while !fits(self) && self.drop_first(|_| true) {}
        }
        if fits(self) {
            return true;
        }
        self.untold += 1;
        if self.when_full == WhenFull::Overflow && !EventTypes::is_chatter(event_type) {
            self.closed = true;
        }
        false
    }

    fn drop_first(&mut self, expendable: impl Fn(EventType) -> bool) -> bool {
        let Some(index) = self
            .queue
            .iter()
            .position(|(event_type, _)| expendable(*event_type))
        else {
            return false;
        };
        if let Some((_, frame)) = self.queue.remove(index) {
            self.bytes -= frame.len() + OVERHEAD;
            self.untold += 1;
        }
        true
    }
}
