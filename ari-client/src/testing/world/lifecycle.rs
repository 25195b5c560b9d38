//! How channels come, enter and leave applications, and end.

use super::app::Interest;
use super::channel::{CallerId, stasis_data, unique_id};
use super::ending::{Ending, Hangup, HungUpBy, Record, cause_text};
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

    /// Runs `Stasis(app,args)` on a channel; `false` if nobody is connected for the application.
    pub(super) fn enter_stasis(&mut self, id: &str, app: &str, args: &[String]) -> bool {
        if !self.is_active(app) {
            return false;
        }
        let Some(channel) = self.channel_mut(id) else {
            return false;
        };
        let stasis = ("Stasis".to_owned(), stasis_data(app, args));
        channel.ran_before = std::mem::replace(&mut channel.running, stasis);
        self.enter_app(id, app, args);
        true
    }

    /// Puts a channel that runs `Stasis()` into an application.
    pub(super) fn enter_app(&mut self, id: &str, app: &str, args: &[String]) {
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        channel.app = Some(app.to_owned());
        let start = Event::new("StasisStart").for_app(app).field("args", args);
        let start = start.raw_field("channel", &channel.json());
        self.emit(&start);
        self.add_interest(app, Interest::Channel(id));
    }

    /// Ends `Stasis()` on a channel.
    pub(super) fn leave_stasis(&mut self, id: &str) {
        self.leave_app(id);
        if let Some(channel) = self.channel_mut(id) {
            channel.running = std::mem::take(&mut channel.ran_before);
        }
    }

    /// Takes a channel out of its bridge and its application.
    ///
    /// The application's interest in the bridge stays, as in Asterisk, when a channel leaves both at once.
    pub(super) fn leave_app(&mut self, id: &str) {
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
            self.bridge_emptied(&bridge);
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
        let running = channel.app.is_some().then(|| channel.running.1.clone());
        let event = self.hangup_request(channel, hangup);
        self.emit(&event);
        self.dial_aborted(&id);
        self.playbacks_cut_off(&id);
        self.leave_stasis(&id);
        if let Some(stasis_data) = running {
            self.run_h_extension(&id, &stasis_data);
        }
        self.end_record(&id, hangup.into());
        self.destroy(&id, hangup);
    }

    fn hangup_request(&self, channel: &Channel, hangup: Hangup) -> Event {
        let event = Event::new("ChannelHangupRequest").for_channel(&channel.id);
        let event = match hangup.by {
            HungUpBy::Application => event.leading("cause", &SOFT_HANGUP).leading("soft", &true),
            // Without a SIP status Asterisk names a cause only where a bridge has something to do with it.
            HungUpBy::FarEnd if hangup.tech_cause.is_none() && !self.knows_bridging(channel) => event,
            HungUpBy::FarEnd => event.leading("cause", &hangup.cause),
        };
        let event = match hangup.tech_cause {
            Some(status) => event.leading("tech_cause", &status),
            None => event,
        };
        event.raw_field("channel", &channel.json())
    }

    /// Whether the channel is in a bridge with another, or has been in a bridge.
    fn knows_bridging(&self, channel: &Channel) -> bool {
        match channel.bridge.as_deref().and_then(|id| self.bridge(id)) {
            Some(bridge) => bridge.channels.len() > 1,
            None => channel.was_bridged,
        }
    }

    /// The dialplan runs the extension `h` after a hangup. Where the pattern of the only line matches it too, the dead
    /// channel enters the application once more, for a moment.
    fn run_h_extension(&mut self, id: &str, stasis_data: &str) {
        let matches = self.pattern_matches_h;
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        if !matches || channel.origin != Origin::Caller {
            return;
        }
        "h".clone_into(&mut channel.location.exten);
        let mut data = stasis_data.split(',').map(str::to_owned);
        let app = data.next().unwrap_or_default();
        let args: Vec<String> = data.collect();
        if self.enter_stasis(id, &app, &args) {
            self.leave_stasis(id);
        }
    }

    /// Ends a channel whose phone did not take the call.
    pub(super) fn gone_unanswered(&mut self, id: &str, hangup: Hangup) {
        self.leave_stasis(id);
        self.end_record(id, hangup.into());
        self.destroy(id, hangup);
    }

    /// Ends a channel that has left its application, and the snoops that listen to it.
    pub(super) fn destroy(&mut self, id: &str, hangup: Hangup) {
        let Some(channel) = self.channel(id) else { return };
        let event = Event::new("ChannelDestroyed")
            .for_channel(id)
            .field("cause", &hangup.cause)
            .field("cause_txt", cause_text(hangup.cause))
            .raw_field("channel", &channel.json());
        self.emit(&event);
        self.remove_channel(id);
        let of_this = Origin::Snoop(id.to_owned());
        let snoops = self.channels.iter().filter(|channel| channel.origin == of_this);
        let snoops: Vec<String> = snoops.map(|snoop| snoop.id.clone()).collect();
        for snoop in snoops {
            self.playbacks_cut_off(&snoop);
            self.leave_stasis(&snoop);
            self.end_record(&snoop, Hangup::NORMAL.into());
            self.remove_channel(&snoop);
        }
    }

    pub(super) fn remove_channel(&mut self, id: &str) {
        self.channels.retain(|channel| channel.id != id);
        self.media.remove(id);
        self.forget(Interest::Channel(id));
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
