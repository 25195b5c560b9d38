//! Who gets which event: a table from object ids to mailboxes.

mod table;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;

use super::interest::EventTypes;
use super::mailbox::{Mailbox, Tally, WhenFull};
use crate::generated::{EventType, Peek};
use crate::handles::Identity;
use crate::id::ObjectKind;
use crate::peek::Keys;

use table::Table;

/// The routing table of a client. The socket's reader looks up, everybody else registers.
#[derive(Debug)]
pub(crate) struct Hub {
    table: Mutex<Table>,
    tally: Arc<Tally>,
}

/// What a channel is to this program while it is in Stasis.
#[derive(Debug, Clone)]
pub(crate) enum Role {
    /// A call of this application: it has a task.
    Call {
        application: Arc<str>,
        identity: Arc<Identity>,
    },
    /// The program made it: it never becomes a call.
    Made,
}

/// Keeps a mailbox in the table for as long as it lives.
#[derive(Debug)]
pub(crate) struct Registration {
    hub: Weak<Hub>,
    mailbox: Arc<Mailbox>,
}

impl Hub {
    /// A hub whose mailboxes hold `limit` bytes together.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            table: Mutex::default(),
            tally: Arc::new(Tally::new(limit)),
        }
    }

    /// What all mailboxes hold together, and what they had to drop.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// A mailbox that is counted with the others of this client.
    pub(crate) fn mailbox(&self, wanted: EventTypes, limit: usize, when_full: WhenFull) -> Mailbox {
        Mailbox::new(&self.tally, wanted, limit, when_full)
    }

    /// Enters `mailbox` without keys; see [`Registration::add`].
    pub(crate) fn register(self: &Arc<Self>, mailbox: Arc<Mailbox>) -> Registration {
        Registration {
            hub: Arc::downgrade(self),
            mailbox,
        }
    }

    /// The socket of `application` was gone for so long: everybody who may have missed something is told.
    pub(crate) fn gap(&self, application: &str, length: Duration) {
        let table = self.lock();
        let mut told: HashSet<*const Mailbox> = HashSet::new();
        for mailbox in table.mailboxes() {
            if mailbox.may_hear_of(application) && told.insert(Arc::as_ptr(mailbox)) {
                mailbox.gap(length);
            }
        }
    }

    /// The program is about to ask for the channel `id`: it never becomes a call. Returns whether that is new; what is
    /// something to this program already stays what it is.
    pub(crate) fn expect(&self, id: &str) -> bool {
        self.lock().expect(id)
    }

    /// The channel `id` is a call of `application`.
    pub(crate) fn begin_call(&self, application: &Arc<str>, identity: &Arc<Identity>) {
        let mut table = self.lock();
        let id = identity.id();
        // It may be back, while its former task is still finishing: that one hears no more of it.
        let former = |mailbox: &&Arc<Mailbox>| mailbox.is_of(application);
        let former: Vec<_> = table
            .channels
            .get(&*id)
            .into_iter()
            .flat_map(|route| &route.mailboxes)
            .filter(former)
            .cloned()
            .collect();
        for mailbox in former {
            table.detach(ObjectKind::Channel, &id, &mailbox);
        }
        table.set_role(
            &id,
            Role::Call {
                application: Arc::clone(application),
                identity: Arc::clone(identity),
            },
        );
    }

    /// The channel `id` left `application`, or all of them: it is nothing to this program any more, unless it is a
    /// call of another one.
    pub(crate) fn leave(&self, id: &str, application: Option<&str>) {
        let mut table = self.lock();
        let stays = match (
            table.channels.get(id).and_then(|route| route.role.as_ref()),
            application,
        ) {
            (Some(Role::Call { application, .. }), Some(left)) => **application != *left,
            _ => false,
        };
        if !stays {
            table.clear_role(id);
        }
    }

    /// What the channel `id` is to this program.
    pub(crate) fn role(&self, id: &str) -> Option<Role> {
        self.lock().channels.get(id).and_then(|route| route.role.clone())
    }

    /// Whether the channel is a call of another application now, so that its leaving `application` ends nothing. With a
    /// socket for each application, that event may come behind the one that told of its arrival.
    pub(crate) fn has_moved_from(&self, id: &str, application: &str) -> bool {
        matches!(self.role(id), Some(Role::Call { application: now, .. }) if *now != *application)
    }

    /// The call on the channel `id`.
    pub(crate) fn call(&self, id: &str) -> Option<Arc<Identity>> {
        match self.lock().channels.get(id)?.role.as_ref()? {
            Role::Call { identity, .. } => Some(Arc::clone(identity)),
            Role::Made => None,
        }
    }

    /// A call ended, and no event will tell: everybody who listens to its channel is told. Where the channel is another
    /// call by now, that one goes on.
    pub(crate) fn gone(&self, call: &Arc<Identity>) {
        let mut table = self.lock();
        let id = call.id();
        let Some(route) = table.channels.get(&*id) else {
            return;
        };
        if matches!(&route.role, Some(Role::Call { identity, .. }) if !Arc::ptr_eq(identity, call)) {
            return;
        }
        for mailbox in &route.mailboxes {
            mailbox.gone(&id);
        }
        table.clear_role(&id);
    }

    /// Channel `new` takes the place of `old`: those who listen to the one now listen to both.
    ///
    /// Returns whether `old` was anything to this program.
    pub(crate) fn replace(&self, old: &str, new: &str) -> bool {
        let mut table = self.lock();
        let Some(route) = table.channels.get(old) else {
            return false;
        };
        let Some(role) = route.role.clone() else {
            return false;
        };
        let mailboxes = route.mailboxes.clone();
        table.set_role(new, role);
        for mailbox in mailboxes {
            table.attach(ObjectKind::Channel, new, &mailbox);
        }
        true
    }

    /// Gives an event to every mailbox that wants it under one of its keys, and to those that hear all. Returns
    /// whether there was one of the former.
    ///
    /// The frame is copied once, and only if somebody wants it. A call's own task, which was there first, gets it
    /// last: when it closes the call's other mailboxes at the end, they hold the last event already.
    pub(crate) fn deliver(&self, event_type: EventType, peek: &Peek<'_>, frame: &[u8]) -> bool {
        let table = self.lock();
        let wants = |mailbox: &&Arc<Mailbox>| mailbox.wants(event_type, &peek.application);
        // A mailbox may be there under several keys of one event; it gets the event once. Few have more than three.
        let mut wanting: Vec<&Mailbox> = Vec::new();
        peek.keys(&mut |kind, id| {
            let route = table.routes(kind).get(id);
            for mailbox in route
                .iter()
                .flat_map(|route| route.mailboxes.iter().rev())
                .filter(wants)
            {
                if !wanting.iter().any(|known| std::ptr::eq(*known, &**mailbox)) {
                    wanting.push(mailbox);
                }
            }
        });
        let owned = !wanting.is_empty();
        wanting.extend(table.hear_all.iter().filter(wants).map(|mailbox| &**mailbox));
        let Some(last) = wanting.pop() else { return false };
        let frame = Bytes::copy_from_slice(frame);
        for mailbox in wanting {
            mailbox.push(event_type, frame.clone());
        }
        // Most events are for one mailbox: to hand the copy over costs less than to share it.
        last.push(event_type, frame);
        owned
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // No code that can panic runs under this lock.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many ids have a route; for tests of what is left behind.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let table = self.lock();
        let kinds = [
            ObjectKind::Channel,
            ObjectKind::Bridge,
            ObjectKind::Playback,
            ObjectKind::Recording,
        ];
        kinds.map(|kind| table.routes(kind).len()).iter().sum()
    }
}

impl Registration {
    /// Adds a key: the mailbox gets events about this object from now on.
    pub(crate) fn add(&self, kind: ObjectKind, id: &str) {
        if let Some(hub) = self.hub.upgrade() {
            hub.lock().attach(kind, id, &self.mailbox);
        }
    }

    /// Removes a key: the mailbox gets no more events about this object.
    pub(crate) fn remove(&self, kind: ObjectKind, id: &str) {
        if let Some(hub) = self.hub.upgrade() {
            self.mailbox
                .keys()
                .retain(|(known_kind, known)| *known_kind != kind || **known != *id);
            hub.lock().detach(kind, id, &self.mailbox);
        }
    }

    /// The mailbox gets every event from now on, whatever it is about.
    pub(crate) fn hear_all(&self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.lock().hear_all.push(Arc::clone(&self.mailbox));
        }
    }

    /// The mailbox.
    pub(crate) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let Some(hub) = self.hub.upgrade() else { return };
        let mut table = hub.lock();
        let keys = std::mem::take(&mut *self.mailbox.keys());
        for (kind, id) in keys {
            table.detach(kind, &id, &self.mailbox);
        }
        table.hear_all.retain(|known| !Arc::ptr_eq(known, &self.mailbox));
    }
}
