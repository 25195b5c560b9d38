//! Channels: what is kept of one, and how it is shown.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::json;

use super::broadcast::Offer;
use super::dial::Dial;
use super::event::json as json_text;
use super::{Event, clock, timestamp};

/// The states of a channel that occur here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum State {
    /// Created, not dialled yet.
    Down,
    /// An incoming call that has not been answered.
    Ring,
    /// The dialled phone rings.
    Ringing,
    /// Answered.
    Up,
}

/// Where a channel came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A call from outside.
    Caller,
    /// Made by a request; `ChannelDestroyed` tells its end.
    Created,
    /// Listens to another channel, and ends with it.
    Snoop(String),
}

/// A place in the dialplan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Location {
    pub(crate) context: String,
    pub(crate) exten: String,
    pub(crate) priority: i64,
}

/// A name and a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct CallerId {
    pub(crate) name: String,
    pub(crate) number: String,
}

/// How a channel is about to leave its application, once what plays on it is over.
#[derive(Debug, Clone)]
pub(crate) enum Leave {
    /// To the dialplan; without a place, to the next priority.
    Continue(Option<Location>),
    /// To another application.
    Move { app: String, args: Vec<String> },
}

/// A channel.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) origin: Origin,
    pub(crate) caller: CallerId,
    pub(crate) connected: CallerId,
    pub(crate) location: Location,
    /// The dialplan application and its data: `Stasis` and `EVERYTHING,a,b` in an application.
    pub(crate) running: (String, String),
    /// What it ran before it entered an application.
    pub(super) ran_before: (String, String),
    pub(crate) created: String,
    pub(crate) protocol_id: String,
    pub(crate) variables: BTreeMap<String, String>,
    pub(super) offer: Offer,
    /// The Stasis application that it is in.
    pub(crate) app: Option<String>,
    pub(crate) bridge: Option<String>,
    pub(super) was_bridged: bool,
    pub(crate) muted_in: bool,
    pub(crate) muted_out: bool,
    pub(crate) on_hold: bool,
    pub(crate) ringing: bool,
    pub(crate) music: bool,
    pub(crate) silence: bool,
    /// Digits that the application sent to the far end.
    pub(crate) digits: String,
    /// What plays on the channel: the first one now, the others after it.
    pub(crate) queue: VecDeque<String>,
    pub(crate) leaving: Option<Leave>,
    pub(crate) dial: Option<Dial>,
}

impl Channel {
    pub(crate) fn new(id: &str, name: String, state: State, origin: Origin) -> Self {
        Self {
            id: id.to_owned(),
            name,
            state,
            origin,
            caller: CallerId::default(),
            connected: CallerId::default(),
            location: Location {
                context: "default".to_owned(),
                exten: "s".to_owned(),
                priority: 1,
            },
            running: (String::new(), String::new()),
            ran_before: (String::new(), String::new()),
            created: timestamp(),
            protocol_id: String::new(),
            variables: BTreeMap::new(),
            offer: Offer::None,
            app: None,
            bridge: None,
            was_bridged: false,
            muted_in: false,
            muted_out: false,
            on_hold: false,
            ringing: false,
            music: false,
            silence: false,
            digits: String::new(),
            queue: VecDeque::new(),
            leaving: None,
            dial: None,
        }
    }

    /// Whether `key` is the channel's id, or its name, which Asterisk accepts as well.
    pub(super) fn is(&self, key: &str) -> bool {
        self.id == key || self.name == key
    }

    /// Whether operations that the channel's own thread executes have to wait.
    pub(crate) fn is_busy(&self) -> bool {
        !self.queue.is_empty()
    }

    /// An event about the channel, for who is interested in it.
    pub(super) fn event(&self, kind: &'static str) -> Event {
        Event::new(kind)
            .for_channel(&self.id)
            .raw_field("channel", &self.json())
    }

    /// The value of a variable, or of one of the few functions that are known here.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let state = || json_text(&self.state).trim_matches('"').to_owned();
        match name {
            "CALLERID(num)" => Some(self.caller.number.clone()),
            "CALLERID(name)" => Some(self.caller.name.clone()),
            "CHANNEL(state)" => Some(state()),
            "CHANNEL" | "CHANNEL(name)" => Some(self.name.clone()),
            "UNIQUEID" => Some(self.id.clone()),
            "EXTEN" => Some(self.location.exten.clone()),
            "CONTEXT" => Some(self.location.context.clone()),
            _ => self.variables.get(name).cloned(),
        }
    }

    /// The channel as JSON text, fields in Asterisk's order.
    pub(crate) fn json(&self) -> String {
        json_text(&Shown::of(self, None))
    }

    /// The same with its variables, as the reply to externalMedia has them.
    pub(crate) fn json_with_variables(&self) -> String {
        json_text(&Shown::of(self, Some(&self.variables)))
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    name: &'a str,
    state: State,
    protocol_id: &'a str,
    caller: &'a CallerId,
    connected: &'a CallerId,
    accountcode: &'a str,
    dialplan: serde_json::Value,
    creationtime: &'a str,
    language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channelvars: Option<&'a BTreeMap<String, String>>,
}

impl<'a> Shown<'a> {
    fn of(channel: &'a Channel, channelvars: Option<&'a BTreeMap<String, String>>) -> Self {
        let Location {
            context,
            exten,
            priority,
        } = &channel.location;
        let (app_name, app_data) = &channel.running;
        Self {
            id: &channel.id,
            name: &channel.name,
            state: channel.state,
            protocol_id: &channel.protocol_id,
            caller: &channel.caller,
            connected: &channel.connected,
            accountcode: "",
            dialplan: json!({
                "context": context, "exten": exten, "priority": priority, "app_name": app_name, "app_data": app_data,
            }),
            creationtime: &channel.created,
            language: "en",
            channelvars,
        }
    }
}

/// The data of `Stasis(app,args)`.
pub(super) fn stasis_data(app: &str, args: &[String]) -> String {
    let mut data = app.to_owned();
    for arg in args {
        data.push(',');
        data.push_str(arg);
    }
    data
}

/// An id such as Asterisk makes for a channel: the second, a dot, a number.
pub(super) fn unique_id(serial: u64) -> String {
    format!("{}.{serial}", clock::epoch_seconds())
}
