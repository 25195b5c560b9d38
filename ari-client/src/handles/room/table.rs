//! Which rooms there are, by name, and who keeps them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OnceCell};

use super::keeper::RoomState;
use crate::client::Ari;

/// The rooms of a client.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    table: Mutex<Table>,
    /// Rung when a room may have come to its end.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Table {
    slots: HashMap<String, Arc<Slot>>,
    /// How many rooms have a keeper, those that are being destroyed among them.
    keepers: usize,
}

/// The place of one room; who comes while it is being made waits here.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) room: OnceCell<Arc<RoomState>>,
    /// How many lookups and `Room` values keep it; changed under the table's lock only.
    pub(super) holders: Arc<AtomicUsize>,
}

impl Rooms {
    /// Waits until every room that nobody holds is destroyed.
    pub(crate) async fn settle(&self) {
        loop {
            let changed = self.changed.notified();
            if self.lock().is_settled() {
                return;
            }
            changed.await;
        }
    }

    /// Whether there is no room, nor one that is being destroyed.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().keepers == 0
    }

    /// A room is made: it has a keeper until [`closed`](Self::closed).
    pub(super) fn opened(&self) {
        self.lock().keepers += 1;
    }

    /// A room's keeper has done its work.
    pub(super) fn closed(&self) {
        self.lock().keepers -= 1;
        self.changed.notify_waiters();
    }

    /// Takes a room out of the table, unless somebody holds it. Returns whether it is out.
    pub(super) fn leave(&self, name: &str, holders: &Arc<AtomicUsize>) -> bool {
        let mut table = self.lock();
        let free = holders.load(Ordering::Relaxed) == 0;
        if free {
            table.remove(name, holders);
        }
        free
    }

    /// Takes a room out of the table, whoever holds it: its bridge is gone.
    pub(super) fn forget(&self, name: &str, holders: &Arc<AtomicUsize>) {
        self.lock().remove(name, holders);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // No code that can panic runs under this lock.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Removes the slot of that name, if it is still the one with these holders.
    fn remove(&mut self, name: &str, holders: &Arc<AtomicUsize>) {
        if self
            .slots
            .get(name)
            .is_some_and(|slot| Arc::ptr_eq(&slot.holders, holders))
        {
            self.slots.remove(name);
        }
    }

    /// Whether the only rooms left are those that somebody holds.
    fn is_settled(&self) -> bool {
        let held = |slot: &&Arc<Slot>| slot.room.initialized() && slot.holders.load(Ordering::Relaxed) > 0;
        self.keepers <= self.slots.values().filter(held).count()
    }
}

/// Keeps a room in the table: a lookup that is under way, or a `Room` value.
pub(super) struct Hold {
    ari: Ari,
    name: Arc<str>,
    slot: Arc<Slot>,
}

impl Hold {
    pub(super) fn take(ari: &Ari, name: &str) -> Self {
        let mut table = ari.rooms().lock();
        let slot = Arc::clone(table.slots.entry(name.to_owned()).or_default());
        slot.holders.fetch_add(1, Ordering::Relaxed);
        drop(table);
        Self {
            ari: ari.clone(),
            name: name.into(),
            slot,
        }
    }

    pub(super) fn slot(&self) -> &Arc<Slot> {
        &self.slot
    }
}

impl Clone for Hold {
    fn clone(&self) -> Self {
        let table = self.ari.rooms().lock();
        self.slot.holders.fetch_add(1, Ordering::Relaxed);
        drop(table);
        Self {
            ari: self.ari.clone(),
            name: Arc::clone(&self.name),
            slot: Arc::clone(&self.slot),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let rooms = self.ari.rooms();
        let mut table = rooms.lock();
        let last = self.slot.holders.fetch_sub(1, Ordering::Relaxed) == 1;
        match self.slot.room.get() {
            Some(state) => state.let_go(),
            // The room could not be made, or nobody waited for it.
            None if last => table.remove(&self.name, &self.slot.holders),
            None => {}
        }
        drop(table);
        rooms.changed.notify_waiters();
    }
}
