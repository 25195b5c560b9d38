//! Who gets which event: a table from object ids to mailboxes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;

use super::mailbox::Mailbox;
use crate::generated::{EventType, Peek};
use crate::id::ObjectKind;
use crate::peek::Keys;

/// The routing table of a client. The socket's reader looks up, everybody else registers.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    tables: Mutex<Tables>,
}

/// Each object's route, by kind and id.
#[derive(Debug, Default)]
struct Tables {
    channels: HashMap<Box<str>, Route>,
    bridges: HashMap<Box<str>, Route>,
    playbacks: HashMap<Box<str>, Route>,
    recordings: HashMap<Box<str>, Route>,
    /// Mailboxes that hear every event, whatever it is about.
    hear_all: Vec<Arc<Mailbox>>,
    /// The channels of the calls that ended last.
    ended: VecDeque<Box<str>>,
}

/// How many ended calls are remembered.
const REMEMBERED: usize = 256;

#[derive(Debug, Default)]
struct Route {
    mailboxes: Vec<Arc<Mailbox>>,
    role: Option<Role>,
}

/// What a channel is to this program while it is in Stasis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A call: it has a task.
    Call,
    /// The program made it: it never becomes a call.
    Made,
}

/// Keeps a mailbox in the table under its keys for as long as it lives.
#[derive(Debug)]
pub(crate) struct Registration {
    hub: Weak<Hub>,
    mailbox: Arc<Mailbox>,
    keys: Mutex<Vec<(ObjectKind, Box<str>)>>,
}

impl Hub {
    /// Enters `mailbox` without keys; see [`Registration::add`].
    pub(crate) fn register(self: &Arc<Self>, mailbox: Arc<Mailbox>) -> Registration {
        Registration {
            hub: Arc::downgrade(self),
            mailbox,
            keys: Mutex::default(),
        }
    }

    /// Says what the channel `id` is to this program.
    pub(crate) fn set_role(&self, id: &str, role: Role) {
        self.lock().route(ObjectKind::Channel, id).role = Some(role);
    }

    /// The channel `id` left Stasis: it is nothing to this program any more.
    pub(crate) fn clear_role(&self, id: &str) {
        let mut tables = self.lock();
        let role = tables.channels.get_mut(id).and_then(|route| route.role.take());
        if role == Some(Role::Call) {
            tables.ended.truncate(REMEMBERED - 1);
            tables.ended.push_front(id.into());
        }
        tables.tidy(ObjectKind::Channel, id);
    }

    /// Whether the channel `id` was one of the last calls that ended.
    pub(crate) fn has_just_ended(&self, id: &str) -> bool {
        self.lock().ended.iter().any(|ended| **ended == *id)
    }

    /// What the channel `id` is to this program.
    pub(crate) fn role(&self, id: &str) -> Option<Role> {
        self.lock().channels.get(id).and_then(|route| route.role)
    }

    /// The channel `id` ended, and no event will tell: everybody who listens to it is told.
    pub(crate) fn gone(&self, id: &str) {
        let mut tables = self.lock();
        if let Some(route) = tables.channels.get_mut(id) {
            route.role = None;
            for mailbox in &route.mailboxes {
                mailbox.gone(id);
            }
        }
        tables.tidy(ObjectKind::Channel, id);
    }

    /// Forgets who listens to channel `id`: it came back as another call.
    pub(crate) fn start_over(&self, id: &str) {
        if let Some(route) = self.lock().channels.get_mut(id) {
            route.mailboxes.clear();
        }
    }

    /// Channel `new` takes the place of `old`: those who listen to the one now listen to both.
    ///
    /// Returns whether `old` was known.
    pub(crate) fn replace(&self, old: &str, new: &str) -> bool {
        let mut tables = self.lock();
        let Some((mailboxes, role)) = tables
            .channels
            .get(old)
            .map(|route| (route.mailboxes.clone(), route.role))
        else {
            return false;
        };
        let route = tables.route(ObjectKind::Channel, new);
        route.role = role;
        for mailbox in mailboxes {
            route.add(mailbox);
        }
        role.is_some()
    }

    /// Gives an event to every mailbox that wants it under one of its keys, and to those that hear all. Returns
    /// whether there was one of the former.
    ///
    /// The frame is copied once, and only if somebody wants it.
    pub(crate) fn deliver(&self, event_type: EventType, peek: &Peek<'_>, frame: &[u8]) -> bool {
        let tables = self.lock();
        let mut shared: Option<Bytes> = None;
        // A mailbox may be there under several keys of one event; it gets the event once.
        let mut served: Vec<*const Mailbox> = Vec::new();
        peek.keys(&mut |kind, id| {
            let Some(route) = tables.table(kind).and_then(|table| table.get(id)) else {
                return;
            };
            for mailbox in &route.mailboxes {
                let address = Arc::as_ptr(mailbox);
                if mailbox.wants(event_type) && !served.contains(&address) {
                    served.push(address);
                    mailbox.push(
                        event_type,
                        shared.get_or_insert_with(|| Bytes::copy_from_slice(frame)),
                    );
                }
            }
        });
        let owned = !served.is_empty();
        for mailbox in &tables.hear_all {
            if mailbox.wants(event_type) {
                mailbox.push(
                    event_type,
                    shared.get_or_insert_with(|| Bytes::copy_from_slice(frame)),
                );
            }
        }
        owned
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        // No code that can panic runs under this lock.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many ids have a route; for tests of what is left behind.
    #[cfg(test)]
    fn len(&self) -> usize {
        let tables = self.lock();
        [
            &tables.channels,
            &tables.bridges,
            &tables.playbacks,
            &tables.recordings,
        ]
        .map(HashMap::len)
        .iter()
        .sum()
    }
}

impl Tables {
    fn table(&self, kind: ObjectKind) -> Option<&HashMap<Box<str>, Route>> {
        Some(match kind {
            ObjectKind::Channel => &self.channels,
            ObjectKind::Bridge => &self.bridges,
            ObjectKind::Playback => &self.playbacks,
            ObjectKind::Recording => &self.recordings,
        })
    }

    fn table_mut(&mut self, kind: ObjectKind) -> &mut HashMap<Box<str>, Route> {
        match kind {
            ObjectKind::Channel => &mut self.channels,
            ObjectKind::Bridge => &mut self.bridges,
            ObjectKind::Playback => &mut self.playbacks,
            ObjectKind::Recording => &mut self.recordings,
        }
    }

    fn route(&mut self, kind: ObjectKind, id: &str) -> &mut Route {
        self.table_mut(kind).entry(id.into()).or_default()
    }

    /// Removes a route that nobody needs any more.
    fn tidy(&mut self, kind: ObjectKind, id: &str) {
        let table = self.table_mut(kind);
        if table
            .get(id)
            .is_some_and(|route| route.mailboxes.is_empty() && route.role.is_none())
        {
            table.remove(id);
        }
    }
}

impl Route {
    fn add(&mut self, mailbox: Arc<Mailbox>) {
        if !self.mailboxes.iter().any(|known| Arc::ptr_eq(known, &mailbox)) {
            self.mailboxes.push(mailbox);
        }
    }
}

impl Registration {
    /// Adds a key: the mailbox gets events about this object from now on.
    pub(crate) fn add(&self, kind: ObjectKind, id: &str) {
        let Some(hub) = self.hub.upgrade() else { return };
        self.keys().push((kind, id.into()));
        hub.lock().route(kind, id).add(Arc::clone(&self.mailbox));
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

    fn keys(&self) -> MutexGuard<'_, Vec<(ObjectKind, Box<str>)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let Some(hub) = self.hub.upgrade() else { return };
        let mut tables = hub.lock();
        for (kind, id) in self.keys().drain(..) {
            if let Some(route) = tables.table_mut(kind).get_mut(&id) {
                route.mailboxes.retain(|known| !Arc::ptr_eq(known, &self.mailbox));
            }
            tables.tidy(kind, &id);
        }
        tables.hear_all.retain(|known| !Arc::ptr_eq(known, &self.mailbox));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::interest::EventTypes;
    use crate::app::mailbox::{Item, WhenFull};

    const DIAL: &str = r#"{"type":"Dial","application":"a","timestamp":"t","dialstatus":"",
        "caller":{"id":"c1","name":"n"},"peer":{"id":"c2","name":"n"}}"#;

    fn listener(hub: &Arc<Hub>, types: EventTypes) -> Registration {
        hub.register(Arc::new(Mailbox::new(types, 10_000, WhenFull::Overflow)))
    }

    fn deliver(hub: &Hub, frame: &str) -> bool {
        let peek: Peek<'_> = serde_json::from_str(frame).unwrap();
        hub.deliver(EventType::from_name(&peek.type_name), &peek, frame.as_bytes())
    }

    fn count(registration: &Registration) -> usize {
        std::iter::from_fn(|| registration.mailbox().try_next())
            .filter(|item| matches!(item, Item::Frame(_)))
            .count()
    }

    #[test]
    fn an_event_reaches_each_interested_mailbox_once() {
        let hub = Arc::new(Hub::default());
        let both = listener(&hub, EventTypes::ALL);
        both.add(ObjectKind::Channel, "c1");
        both.add(ObjectKind::Channel, "c2");
        let peer = listener(&hub, EventTypes::ALL);
        peer.add(ObjectKind::Channel, "c2");
        let digits_only = listener(&hub, EventType::ChannelDtmfReceived.into());
        digits_only.add(ObjectKind::Channel, "c1");
        assert!(deliver(&hub, DIAL));
        assert_eq!((count(&both), count(&peer), count(&digits_only)), (1, 1, 0));
    }

    #[test]
    fn nothing_is_left_in_the_table_when_all_is_over() {
        let hub = Arc::new(Hub::default());
        let listener = listener(&hub, EventTypes::ALL);
        listener.add(ObjectKind::Channel, "c1");
        listener.add(ObjectKind::Playback, "p1");
        hub.set_role("c1", Role::Call);
        drop(listener);
        hub.clear_role("c1");
        assert_eq!(hub.len(), 0);
        assert!(!deliver(&hub, DIAL));
    }

    #[test]
    fn a_replacing_channel_inherits_role_and_listeners() {
        let hub = Arc::new(Hub::default());
        let call = listener(&hub, EventTypes::ALL);
        call.add(ObjectKind::Channel, "old");
        hub.set_role("old", Role::Call);
        assert!(hub.replace("old", "c1"));
        hub.clear_role("old");
        assert_eq!(hub.role("c1"), Some(Role::Call));
        assert!(deliver(&hub, DIAL));
        assert_eq!(count(&call), 1);
        assert!(!hub.replace("stranger", "c9"));
    }
}
