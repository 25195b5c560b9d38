//! Applications: who is connected, and what they get to hear.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::event::Topic;
use super::{Event, SocketId, World};

/// What Asterisk answers for a subscription to all objects of a kind.
const ALL_CHANNELS: &str = "__AST_CHANNEL_ALL_TOPIC";
const ALL_BRIDGES: &str = "__AST_BRIDGE_ALL_TOPIC";
const ALL_ENDPOINTS: &str = "__AST_ENDPOINT_ALL_TOPIC";
const ALL_DEVICES: &str = "__AST_DEVICE_STATE_ALL_TOPIC";

/// A Stasis application.
///
/// Its interest in a channel or bridge is counted: entering Stasis, being created by the application, an explicit
/// subscription and so on each add one.
#[derive(Debug, Default)]
pub(crate) struct App {
    pub(crate) name: String,
    /// The socket that gets the events; without one the application is not active, and events are dropped.
    pub(crate) socket: Option<SocketId>,
    pub(crate) subscribe_all: bool,
    pub(crate) channels: BTreeMap<String, usize>,
    pub(crate) bridges: BTreeMap<String, usize>,
    pub(crate) allowed: Vec<String>,
    pub(crate) disallowed: Vec<String>,
}

impl App {
    pub(super) fn wants(&self, topics: &[Topic]) -> bool {
        topics.iter().any(|topic| match topic {
            Topic::App(name) => *name == self.name,
            Topic::Channel(id) => self.subscribe_all || has(&self.channels, id, ALL_CHANNELS),
            Topic::Bridge(id) => self.subscribe_all || has(&self.bridges, id, ALL_BRIDGES),
        })
    }

    pub(super) fn lets_through(&self, kind: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == kind);
        !named(&self.disallowed) && (self.allowed.is_empty() || named(&self.allowed))
    }

    pub(crate) fn json(&self) -> Value {
        let types = |list: &[String]| {
            list.iter()
                .map(|name| json!({ "type": name }))
                .collect::<Vec<_>>()
        };
        let ids = |counts: &BTreeMap<String, usize>, all: &'static str| {
            let all = (self.subscribe_all && !counts.contains_key(all)).then_some(all);
            let ids = counts.keys().map(String::as_str).chain(all);
            ids.map(str::to_owned).collect::<Vec<_>>()
        };
        json!({
            "name": self.name,
            "channel_ids": ids(&self.channels, ALL_CHANNELS),
            "bridge_ids": ids(&self.bridges, ALL_BRIDGES),
            "endpoint_ids": ids(&BTreeMap::new(), ALL_ENDPOINTS),
            "device_names": ids(&BTreeMap::new(), ALL_DEVICES),
            "events_allowed": types(&self.allowed),
            "events_disallowed": types(&self.disallowed),
        })
    }

    /// An application lives as long as it is connected or interested in anything.
    fn is_finished(&self) -> bool {
        self.socket.is_none() && self.channels.is_empty() && self.bridges.is_empty()
    }
}

fn has(interest: &BTreeMap<String, usize>, id: &str, all: &str) -> bool {
    interest.contains_key(id) || interest.contains_key(all)
}

/// What an interest is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest<'a> {
    Channel(&'a str),
    Bridge(&'a str),
}

impl Interest<'_> {
    /// All channels and all bridges, as the explicit subscriptions `channel:` and `bridge:` ask for.
    pub(crate) const ALL_CHANNELS: Interest<'static> = Interest::Channel(ALL_CHANNELS);
    pub(crate) const ALL_BRIDGES: Interest<'static> = Interest::Bridge(ALL_BRIDGES);
}

impl<'a> Interest<'a> {
    fn of(self, app: &mut App) -> (&mut BTreeMap<String, usize>, &'a str) {
        match self {
            Interest::Channel(id) => (&mut app.channels, id),
            Interest::Bridge(id) => (&mut app.bridges, id),
        }
    }
}

impl World {
    /// Whether new calls may enter the application.
    pub(crate) fn is_active(&self, app: &str) -> bool {
        self.apps.get(app).is_some_and(|app| app.socket.is_some())
    }

    /// Registers applications for a socket; a socket that had one of them before loses it.
    pub(crate) fn connect(&mut self, socket: SocketId, names: &[&str], subscribe_all: bool) {
        for &name in names {
            let known = self.apps.contains_key(name);
            let app = self.apps.entry(name.to_owned()).or_default();
            name.clone_into(&mut app.name);
            if !known {
                app.subscribe_all = subscribe_all;
            }
            if let Some(loser) = app.socket.replace(socket) {
                self.emit_to(loser, name, &Event::new("ApplicationReplaced"));
            }
        }
    }

    /// Deactivates what the socket still owns. The calls go on; subscriptions to all objects of a kind are lost.
    pub(crate) fn disconnect(&mut self, socket: SocketId) {
        self.deactivate_all(|app| app.socket == Some(socket));
    }

    /// Deactivates one application, whoever has it.
    pub(crate) fn deactivate(&mut self, name: &str) {
        self.deactivate_all(|app| app.name == name);
    }

    fn deactivate_all(&mut self, which: impl Fn(&App) -> bool) {
        for app in self.apps.values_mut().filter(|app| which(app)) {
            app.socket = None;
            app.channels.remove(ALL_CHANNELS);
            app.bridges.remove(ALL_BRIDGES);
        }
        self.drop_finished_apps();
    }

    pub(crate) fn add_interest(&mut self, app: &str, interest: Interest<'_>) {
        if let Some(app) = self.apps.get_mut(app) {
            let (counts, id) = interest.of(app);
            *counts.entry(id.to_owned()).or_default() += 1;
        }
    }

    /// Takes one interest away; `false` if there was none.
    pub(crate) fn remove_interest(&mut self, app: &str, interest: Interest<'_>) -> bool {
        let Some(app) = self.apps.get_mut(app) else {
            return false;
        };
        let (counts, id) = interest.of(app);
        let Some(count) = counts.get_mut(id) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            counts.remove(id);
        }
        self.drop_finished_apps();
        true
    }

    /// Ends every interest in an object that is gone.
    pub(super) fn forget(&mut self, gone: Interest<'_>) {
        for app in self.apps.values_mut() {
            let (counts, id) = gone.of(app);
            counts.remove(id);
        }
        self.drop_finished_apps();
    }

    fn drop_finished_apps(&mut self) {
        self.apps.retain(|_, app| !app.is_finished());
    }
}
