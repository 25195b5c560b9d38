//! What waits in a mailbox, in order.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::generated::EventType;

/// Something that waits to be read.
#[derive(Debug)]
pub(super) enum Entry {
    Frame(EventType, Bytes),
    /// So long nothing could come.
    Gap(Duration),
}

/// Events in order. Chatter waits in a lane of its own, so that the oldest of it is found at once.
#[derive(Debug, Default)]
pub(super) struct Queue {
    chatter: Lane,
    rest: Lane,
    /// The number of the next entry.
    next: u64,
    bytes: usize,
}

type Lane = VecDeque<(u64, Entry)>;

/// What an entry costs besides its frame's bytes.
pub(super) const OVERHEAD: usize = size_of::<(u64, Entry)>();

impl Queue {
    /// How many bytes wait, with what keeping them costs.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, event_type: EventType, frame: Bytes, is_chatter: bool) {
        self.bytes += frame.len() + OVERHEAD;
        let entry = (self.next, Entry::Frame(event_type, frame));
        self.next += 1;
        let lane = if is_chatter {
            &mut self.chatter
        } else {
            &mut self.rest
        };
        lane.push_back(entry);
    }

    /// Notes a gap. One that follows another without an event between them makes that one longer.
    pub(super) fn gap(&mut self, length: Duration) {
        if let Some((number, Entry::Gap(known))) = self.rest.back_mut()
            && *number + 1 == self.next
        {
            *known += length;
            return;
        }
        self.rest.push_back((self.next, Entry::Gap(length)));
        self.next += 1;
        self.bytes += OVERHEAD;
    }

    /// Takes the oldest entry.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        let number = |lane: &Lane| lane.front().map(|(number, _)| *number);
        let chatter_first = match (number(&self.chatter), number(&self.rest)) {
            (Some(chatter), Some(rest)) => chatter < rest,
            (chatter, _) => chatter.is_some(),
        };
        self.take(chatter_first)
    }

    /// Drops the oldest chatter.
    pub(super) fn drop_chatter(&mut self) -> bool {
        self.take(true).is_some()
    }

    /// Drops the oldest event.
    pub(super) fn drop_oldest(&mut self) -> bool {
        self.pop().is_some()
    }

    fn take(&mut self, chatter: bool) -> Option<Entry> {
        let lane = if chatter {
            &mut self.chatter
        } else {
            &mut self.rest
        };
        let (_, entry) = lane.pop_front()?;
        self.bytes -= OVERHEAD;
        if let Entry::Frame(_, frame) = &entry {
            self.bytes -= frame.len();
        }
        if lane.is_empty() {
            // A burst must not hold its memory for the rest of a long call.
            lane.shrink_to(8);
        }
        Some(entry)
    }
}
