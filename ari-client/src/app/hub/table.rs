//! The hub's table: each object's route, by kind and id.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::super::mailbox::Mailbox;
use super::Role;
use crate::id::ObjectKind;

/// How many channels that the program asked for, and that were never seen, are remembered.
const EXPECTED: usize = 65_536;

#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) channels: Routes,
    bridges: Routes,
    playbacks: Routes,
    recordings: Routes,
    /// Mailboxes that hear every event, whatever it is about.
    pub(super) hear_all: Vec<Arc<Mailbox>>,
    /// The channels that the program asked for last.
    expected: VecDeque<Box<str>>,
}

pub(super) type Routes = HashMap<Box<str>, Route>;

#[derive(Debug, Default)]
pub(super) struct Route {
    pub(super) mailboxes: Vec<Arc<Mailbox>>,
    pub(super) role: Option<Role>,
}

impl Table {
    pub(super) fn routes(&self, kind: ObjectKind) -> &Routes {
        match kind {
            ObjectKind::Channel => &self.channels,
            ObjectKind::Bridge => &self.bridges,
            ObjectKind::Playback => &self.playbacks,
            ObjectKind::Recording => &self.recordings,
        }
    }

    pub(super) fn routes_mut(&mut self, kind: ObjectKind) -> &mut Routes {
        match kind {
            ObjectKind::Channel => &mut self.channels,
            ObjectKind::Bridge => &mut self.bridges,
            ObjectKind::Playback => &mut self.playbacks,
            ObjectKind::Recording => &mut self.recordings,
        }
    }

    /// Every mailbox, some of them several times.
    pub(super) fn mailboxes(&self) -> impl Iterator<Item = &Arc<Mailbox>> {
        let kinds = [&self.channels, &self.bridges, &self.playbacks, &self.recordings];
        let routes = kinds.into_iter().flat_map(HashMap::values);
        routes.flat_map(|route| &route.mailboxes).chain(&self.hear_all)
    }

    pub(super) fn attach(&mut self, kind: ObjectKind, id: &str, mailbox: &Arc<Mailbox>) {
        let mailboxes = &mut self.routes_mut(kind).entry(id.into()).or_default().mailboxes;
        if !mailboxes.iter().any(|known| Arc::ptr_eq(known, mailbox)) {
            mailboxes.push(Arc::clone(mailbox));
            let mut keys = mailbox.keys();
            // Most have one key, and a call has several mailboxes.
            keys.reserve_exact(1);
            keys.push((kind, id.into()));
        }
    }

    pub(super) fn detach(&mut self, kind: ObjectKind, id: &str, mailbox: &Arc<Mailbox>) {
        if let Some(route) = self.routes_mut(kind).get_mut(id) {
            route.mailboxes.retain(|known| !Arc::ptr_eq(known, mailbox));
        }
        self.tidy(kind, id);
    }

    /// Says what a channel is to this program.
    pub(super) fn set_role(&mut self, id: &str, role: Role) {
        self.channels.entry(id.into()).or_default().role = Some(role);
    }

    /// A channel is nothing to this program any more.
    pub(super) fn clear_role(&mut self, id: &str) {
        if let Some(route) = self.channels.get_mut(id) {
            route.role = None;
        }
        self.tidy(ObjectKind::Channel, id);
    }

    /// The program asks for a channel that never becomes a call. Those of which nothing was ever seen are forgotten
    /// when there are too many of them. Returns whether the channel was nothing to this program before.
    pub(super) fn expect(&mut self, id: &str) -> bool {
        if self.channels.get(id).is_some_and(|route| route.role.is_some()) {
            return false;
        }
        self.set_role(id, Role::Made);
        self.expected.push_back(id.into());
        if self.expected.len() > EXPECTED
            && let Some(oldest) = self.expected.pop_front()
            && self
                .channels
                .get(&oldest)
                .is_some_and(|route| route.mailboxes.is_empty() && matches!(route.role, Some(Role::Made)))
        {
            self.clear_role(&oldest);
        }
        true
    }

    /// Removes a route that nobody needs any more.
    fn tidy(&mut self, kind: ObjectKind, id: &str) {
        let routes = self.routes_mut(kind);
        if routes
            .get(id)
            .is_some_and(|route| route.mailboxes.is_empty() && route.role.is_none())
        {
            routes.remove(id);
        }
    }
}
