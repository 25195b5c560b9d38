//! Which calls have a task, as the tasks themselves say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ari_client::EndReason;

/// What is known of the task of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Which of the programs runs it.
    pub(super) program: u32,
    /// The id of the call's channel.
    pub(super) channel: String,
    /// It was told that the call ended.
    pub(super) told: Option<EndReason>,
    /// It is gone: the code returned, panicked, or was dropped.
    pub(super) over: bool,
}

impl Entry {
    /// Whether it looks after a call that, for all it knows, lives.
    pub(super) fn serves(&self) -> bool {
        self.told.is_none() && !self.over
    }
}

/// All tasks that ever were. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Roll(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    all: BTreeMap<u64, Entry>,
}

impl Roll {
    /// A task says that it is there.
    pub(super) fn enter(&self, program: u32, channel: &str) -> Present {
        let mut entries = self.lock();
        let number = entries.next;
        entries.next += 1;
        let entry = Entry {
            program,
            channel: channel.to_owned(),
            told: None,
            over: false,
        };
        entries.all.insert(number, entry);
        Present {
            roll: self.clone(),
            number,
        }
    }

    /// All tasks so far.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.lock().all.values().cloned().collect()
    }

    /// How many tasks serve a call now.
    pub(super) fn serving(&self) -> usize {
        self.lock().all.values().filter(|entry| entry.serves()).count()
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.lock().all.get_mut(&number) {
            change(entry);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that is there, until this value is dropped.
#[derive(Debug)]
pub(super) struct Present {
    roll: Roll,
    number: u64,
}

impl Present {
    /// The task was told of the call's end.
    pub(super) fn told(&self, end: EndReason) {
        self.roll.change(self.number, |entry| entry.told = Some(end));
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.roll.change(self.number, |entry| entry.over = true);
    }
}
