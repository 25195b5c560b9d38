//! What all mailboxes of a client hold together, and what they had to drop.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What became of the events that reached a client's calls and subscriptions, since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Events put into the mailbox of a call or a subscription; one that is in several counts for each.
    pub delivered: u64,
    /// Events dropped because a mailbox was full; its reader is told, too. Events of a call for which its code never
    /// asked are none of them.
    pub dropped: u64,
    /// Calls and subscriptions that ended because what matters did not fit into their mailbox.
    pub overflowed: u64,
    /// Bytes that wait to be read now, with what keeping them costs.
    pub unread: usize,
}

/// Counts over all mailboxes of a client.
#[derive(Debug)]
pub(crate) struct Tally {
    limit: usize,
    held: AtomicUsize,
    delivered: AtomicU64,
    dropped: AtomicU64,
    overflowed: AtomicU64,
}

/// While all mailboxes together are over their limit, each may hold this much: enough for what matters in a call
/// whose events are read, and little in one whose events are not.
const FAIR: usize = 8 * 1024;

impl Tally {
    /// A tally of mailboxes that may hold `limit` bytes together.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            held: AtomicUsize::new(0),
            delivered: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            overflowed: AtomicU64::new(0),
        }
    }

    /// What is counted so far.
    pub(crate) fn counters(&self) -> Counters {
        Counters {
            delivered: self.delivered.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            overflowed: self.overflowed.load(Ordering::Relaxed),
            unread: self.held(),
        }
    }

    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    pub(super) fn deliver(&self) {
        self.delivered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn drop_some(&self, count: u64) {
        if count > 0 {
            self.dropped.fetch_add(count, Ordering::Relaxed);
        }
    }

    pub(super) fn overflow(&self) {
        self.overflowed.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether all mailboxes together hold more than they should.
    pub(crate) fn is_over(&self) -> bool {
        self.held() > self.limit
    }

    /// How much a mailbox with a limit of its own may hold now.
    pub(super) fn allows(&self, limit: usize) -> usize {
        if self.is_over() { limit.min(FAIR) } else { limit }
    }

    /// A mailbox that held `before` bytes holds `after` now.
    pub(super) fn changed(&self, before: usize, after: usize) {
        if after >= before {
            self.held.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.held.fetch_sub(before - after, Ordering::Relaxed);
        }
    }
}
