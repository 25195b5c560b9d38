//! How channels come, enter and leave applications, and end.

use super::app::Interest;
use super::channel::{CallerId, Leave, stasis_data, unique_id};
use super::{Channel, Event, Location, Origin, State, World};

/// A call that comes in from outside.
#[derive(Debug)]
pub(crate) struct NewCall {
    pub(crate) app: String,
    pub(crate) args: Vec<String>,
    pub(crate) context: String,
    pub(crate) exten: String,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) endpoint: String,
    pub(crate) variables: Vec<(String, String)>,
}

/// What happened to a far end, kept when its channel is gone.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) answered: bool,
    pub(crate) ending: Option<Ending>,
    pub(crate) heard: Vec<String>,
}

/// How a call left Stasis.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// It was hung up.
    #[non_exhaustive]
    HungUp {
        /// Who hung up.
        by: HungUpBy,
        /// The Q.850 cause, such as 16 for a normal end or 17 for busy.
        cause: u16,
    },
    /// The application let it go on in the dialplan.
    #[non_exhaustive]
    Continued {
        /// The dialplan context.
        context: String,
        /// The extension.
        extension: String,
        /// The priority.
        priority: i64,
    },
    /// No application of that name was connected: the dialplan went on without one.
    NotTaken,
    /// Another channel took its place, as in an attended transfer.
    #[non_exhaustive]
    Replaced {
        /// The id of the channel that did.
        by: String,
    },
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HungUpBy {
    /// The application, by a request.
    Application,
    /// The far end: the person at the phone, or the network.
    FarEnd,
}

/// A hangup being done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hangup {
    pub(crate) by: HungUpBy,
    pub(crate) cause: u16,
    /// The SIP status that came with it.
    pub(crate) tech_cause: Option<u16>,
}

/// The cause that `ChannelHangupRequest` gives for a hangup asked for by a request: not a Q.850 cause but a flag.
const SOFT_HANGUP: u16 = 32;

impl World {
    /// Lets a call come in; tells the id of its channel.
    pub(crate) fn new_call(&mut self, call: NewCall) -> String {
        let serial = self.next_serial();
        let id = unique_id(serial);
        let name = format!("{}-{serial:08x}", call.endpoint);
        let mut channel = Channel::new(&id, name, State::Ring, Origin::Caller);
        channel.caller = CallerId {
            name: call.name,
            number: call.number,
        };
        channel.location = Location {
            context: call.context,
            exten: call.exten,
            priority: 1,
        };
        channel.protocol_id = format!("{serial:032x}");
        channel.variables = call.variables.into_iter().collect();
        self.channels.push(channel);
        self.records.insert(id.clone(), Record::default());
        if !self.enter_stasis(&id, &call.app, &call.args) {
            self.end_record(&id, Ending::NotTaken);
            self.remove_channel(&id);
        }
        id
    }

    /// Puts a channel into an application; `false` if nobody is connected for it.
    pub(super) fn enter_stasis(&mut self, id: &str, app: &str, args: &[String]) -> bool {
        if !self.is_active(app) {
            return false;
        }
        let Some(channel) = self.channel_mut(id) else {
            return false;
        };
        channel.app = Some(app.to_owned());
        channel.running = ("Stasis".to_owned(), stasis_data(app, args));
        let start = Event::new("StasisStart")
            .for_app(app)
            .field("args", args)
            .raw_field("channel", &channel.json());
        self.emit(&start);
        self.add_interest(app, Interest::Channel(id));
        true
    }

    /// Takes a channel out of its bridge and its application.
    ///
    /// The application's interest in the bridge stays, as in Asterisk, when a channel leaves both at once.
    pub(super) fn leave_stasis(&mut self, id: &str) {
        let bridge = self.leave_bridge(id);
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        let Some(app) = channel.app.take() else { return };
        let end = Event::new("StasisEnd")
            .for_app(&app)
            .raw_field("channel", &channel.json());
        self.emit(&end);
        self.remove_interest(&app, Interest::Channel(id));
        if let Some(bridge) = bridge {
            self.playback_to_nobody_fails(&bridge);
        }
    }

    /// Answers a call that has not been answered.
    pub(crate) fn answer(&mut self, id: &str) {
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        if channel.state == State::Up {
            return;
        }
        channel.state = State::Up;
        channel.ringing = false;
        let event = Event::new("ChannelStateChange")
            .for_channel(id)
            .raw_field("channel", &channel.json());
        self.emit(&event);
        self.records.entry(id.to_owned()).or_default().answered = true;
    }

    /// Hangs a channel up, wherever it is.
    pub(crate) fn hang_up(&mut self, id: &str, hangup: Hangup) {
        let Some(channel) = self.channel(id) else { return };
        let id = channel.id.clone();
        let event = self.hangup_request(channel, hangup);
        self.emit(&event);
        self.dial_aborted(&id);
        self.playbacks_cut_off(&id, hangup.by);
        self.leave_stasis(&id);
        self.run_h_extension(&id);
        self.end_record(
            &id,
            Ending::HungUp {
                by: hangup.by,
                cause: hangup.cause,
            },
        );
        self.destroy(&id, hangup);
    }

    fn hangup_request(&self, channel: &Channel, hangup: Hangup) -> Event {
        let event = Event::new("ChannelHangupRequest").for_channel(&channel.id);
        let event = match hangup.by {
            HungUpBy::Application => event.leading("cause", &SOFT_HANGUP).leading("soft", &true),
            // Without a SIP status Asterisk names a cause only where the call was bridged with another.
            HungUpBy::FarEnd if hangup.tech_cause.is_none() && !self.has_peer(channel) => event,
            HungUpBy::FarEnd => event.leading("cause", &hangup.cause),
        };
        let event = match hangup.tech_cause {
            Some(status) => event.leading("tech_cause", &status),
            None => event,
        };
        event.raw_field("channel", &channel.json())
    }

    fn has_peer(&self, channel: &Channel) -> bool {
        let bridge = channel.bridge.as_deref().and_then(|id| self.bridge(id));
        bridge.is_some_and(|bridge| bridge.channels.len() > 1)
    }

    /// The dialplan runs the extension `h` after a hangup. Where the pattern of the only line matches it too, the dead
    /// channel enters the application once more, for a moment.
    fn run_h_extension(&mut self, id: &str) {
        let matches = self.pattern_matches_h;
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        if !matches || channel.origin != Origin::Caller || channel.running.0 != "Stasis" {
            return;
        }
        "h".clone_into(&mut channel.location.exten);
        let mut data = channel.running.1.split(',').map(str::to_owned);
        let app = data.next().unwrap_or_default();
        let args: Vec<String> = data.collect();
        if self.enter_stasis(id, &app, &args) {
            self.leave_stasis(id);
        }
    }

    /// Ends a channel whose phone did not take the call.
    pub(super) fn gone_unanswered(&mut self, id: &str, hangup: Hangup) {
        self.leave_stasis(id);
        self.end_record(
            id,
            Ending::HungUp {
                by: hangup.by,
                cause: hangup.cause,
            },
        );
        self.destroy(id, hangup);
    }

    /// Ends a channel that has left its application.
    fn destroy(&mut self, id: &str, hangup: Hangup) {
        let Some(channel) = self.channel(id) else { return };
        let event = Event::new("ChannelDestroyed")
            .for_channel(id)
            .field("cause", &hangup.cause)
            .field("cause_txt", cause_text(hangup.cause))
            .raw_field("channel", &channel.json());
        self.emit(&event);
        self.remove_channel(id);
        let snoops = |channel: &&Channel| channel.origin == Origin::Snoop(id.to_owned());
        let listeners: Vec<String> = self
            .channels
            .iter()
            .filter(snoops)
            .map(|snoop| snoop.id.clone())
            .collect();
        for listener in listeners {
            self.playbacks_cut_off(&listener, HungUpBy::FarEnd);
            self.leave_stasis(&listener);
            self.end_record(
                &listener,
                Ending::HungUp {
                    by: HungUpBy::FarEnd,
                    cause: hangup.cause,
                },
            );
            self.remove_channel(&listener);
        }
    }

    pub(super) fn remove_channel(&mut self, id: &str) {
        self.channels.retain(|channel| channel.id != id);
        self.media.remove(id);
        self.forget(Interest::Channel(id));
    }

    /// The channel leaves its application, now or when what plays on it is over.
    pub(crate) fn leave(&mut self, id: &str, leave: Leave) {
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        if channel.is_busy() {
            channel.leaving = Some(leave);
            return;
        }
        let id = channel.id.clone();
        match leave {
            Leave::Continue(location) => self.continue_in_dialplan(&id, location),
            Leave::Move { app, args } => self.move_to(&id, &app, &args),
        }
    }

    fn continue_in_dialplan(&mut self, id: &str, location: Option<Location>) {
        self.leave_stasis(id);
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        // The priority after Stasis() is Hangup(), in this dialplan.
        let ends = location.is_none();
        let next = Location {
            priority: channel.location.priority + 1,
            ..channel.location.clone()
        };
        channel.location = location.unwrap_or(next);
        channel.running = (String::new(), String::new());
        let Location {
            context,
            exten,
            priority,
        } = channel.location.clone();
        self.end_record(
            id,
            Ending::Continued {
                context,
                extension: exten,
                priority,
            },
        );
        if ends {
            self.destroy(
                id,
                Hangup {
                    by: HungUpBy::FarEnd,
                    cause: 16,
                    tech_cause: None,
                },
            );
        }
    }

    fn move_to(&mut self, id: &str, app: &str, args: &[String]) {
        if !self.is_active(app) {
            let Some(channel) = self.channel(id) else { return };
            let Some(from) = channel.app.clone() else { return };
            let failed = Event::new("ApplicationMoveFailed")
                .for_app(&from)
                .raw_field("channel", &channel.json())
                .field("destination", app)
                .field("args", args);
            self.emit(&failed);
            return;
        }
        self.leave_stasis(id);
        self.enter_stasis(id, app, args);
    }

    /// A key was pressed at the far end, and let go after `duration_ms`.
    pub(crate) fn digit(&mut self, id: &str, digit: char, duration_ms: u64) {
        let Some(channel) = self.channel(id) else { return };
        let event = Event::new("ChannelDtmfReceived")
            .for_channel(id)
            .field("digit", &digit)
            .field("duration_ms", &duration_ms)
            .raw_field("channel", &channel.json());
        self.emit(&event);
    }

    /// The far end puts the call on hold, or takes it back.
    pub(crate) fn held(&mut self, id: &str, on: bool) {
        let Some(channel) = self.channel(id) else { return };
        let kind = if on { "ChannelHold" } else { "ChannelUnhold" };
        let event = Event::new(kind)
            .for_channel(id)
            .raw_field("channel", &channel.json());
        self.emit(&event);
    }

    /// Sets a channel variable.
    pub(crate) fn set_variable(&mut self, id: &str, name: &str, value: &str) {
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        channel.variables.insert(name.to_owned(), value.to_owned());
        let event = Event::new("ChannelVarset")
            .for_channel(&channel.id)
            .leading("variable", name)
            .leading("value", value)
            .raw_field("channel", &channel.json());
        self.emit(&event);
    }

    /// Notes how a call left Stasis; the first ending counts.
    pub(super) fn end_record(&mut self, id: &str, ending: Ending) {
        self.records
            .entry(id.to_owned())
            .or_default()
            .ending
            .get_or_insert(ending);
    }
}

fn cause_text(cause: u16) -> &'static str {
    match cause {
        1 => "Unallocated (unassigned) number",
        16 => "Normal Clearing",
        17 => "User busy",
        18 => "No user responding",
        19 => "User alerting, no answer",
        21 => "Call Rejected",
        34 => "Circuit/channel congestion",
        127 => "Interworking, unspecified",
        _ => "Unknown",
    }
}
