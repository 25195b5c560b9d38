//! Events: how they are written, and who gets them.

use std::fmt::Write;

use serde::Serialize;

use super::app::App;
use super::{Effect, World, timestamp};

/// The entity id of this server, which every event carries.
pub(crate) const ASTERISK_ID: &str = "02:00:00:fa:ce:01";

/// What an event is about. An application gets an event when it is interested in one of its topics.
#[derive(Debug, Clone)]
pub(crate) enum Topic {
    App(String),
    Channel(String),
    Bridge(String),
}

/// An event being written, its fields in the order in which Asterisk sends them.
#[derive(Debug)]
pub(crate) struct Event {
    kind: &'static str,
    topics: Vec<Topic>,
    /// A few events have fields before their type; a client has to cope.
    leading: String,
    fields: String,
}

/// The JSON text of a value.
pub(crate) fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

impl Event {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            topics: Vec::new(),
            leading: String::new(),
            fields: String::new(),
        }
    }

    pub(crate) fn for_app(self, app: &str) -> Self {
        self.topic(Topic::App(app.to_owned()))
    }

    pub(crate) fn for_channel(self, id: &str) -> Self {
        self.topic(Topic::Channel(id.to_owned()))
    }

    pub(crate) fn for_bridge(self, id: &str) -> Self {
        self.topic(Topic::Bridge(id.to_owned()))
    }

    fn topic(mut self, topic: Topic) -> Self {
        self.topics.push(topic);
        self
    }

    /// Adds a field in front of the type.
    pub(crate) fn leading(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        // Writing to a string cannot fail.
        let _ = write!(self.leading, "\"{name}\":{},", json(value));
        self
    }

    /// Adds a field.
    pub(crate) fn field(self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        self.raw_field(name, &json(value))
    }

    /// Adds a field whose value is JSON text already.
    pub(crate) fn raw_field(mut self, name: &str, value: &str) -> Self {
        let _ = write!(self.fields, ",\"{name}\":{value}");
        self
    }

    fn text(&self, application: &str) -> String {
        let Self {
            kind,
            leading,
            fields,
            ..
        } = self;
        let (time, application) = (timestamp(), json(application));
        format!(
            "{{{leading}\"type\":\"{kind}\",\"timestamp\":\"{time}\"{fields},\
             \"asterisk_id\":\"{ASTERISK_ID}\",\"application\":{application}}}"
        )
    }
}

impl World {
    /// Sends an event to every connected application that is interested in it.
    pub(crate) fn emit(&mut self, event: &Event) {
        let interested = self
            .apps
            .values()
            .filter(|app| app.lets_through(event.kind) && app.wants(&event.topics));
        let sends: Vec<Effect> = interested.filter_map(|app| send_to(app, event)).collect();
        self.effects.extend(sends);
    }

    /// Sends an event to one socket, whatever its applications are interested in.
    pub(super) fn emit_to(&mut self, socket: super::SocketId, application: &str, event: &Event) {
        self.effects.push(Effect::Send {
            socket,
            text: event.text(application),
        });
    }
}

fn send_to(app: &App, event: &Event) -> Option<Effect> {
    Some(Effect::Send {
        socket: app.socket?,
        text: event.text(&app.name),
    })
}
