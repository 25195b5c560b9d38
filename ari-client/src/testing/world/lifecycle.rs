//! How channels come, enter and leave applications, and end.

use super::app::Interest;
use super::broadcast::Offer;
use super::channel::{CallerId, stasis_data, unique_id};
use super::ending::{Ending, Hangup, HungUpBy, cause_text};
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
pub(super) const BY_REQUEST: u16 = 32;
/// The cause that it gives when the dialplan has come to its end.
const DIALPLAN_END: u16 = 16;

impl World {
    /// Lets a call come in that runs `Stasis()`; tells the id of its channel.
    pub(crate) fn new_call(&mut self, call: NewCall) -> String {
        let (app, args) = (call.app.clone(), call.args.clone());
        let id = self.ring_in(call);
        if !self.enter_stasis(&id, &app, &args) {
            self.not_taken(&id);
        }
        id
    }

    /// Lets a call come in, into the dialplan; tells the id of its channel.
    pub(super) fn ring_in(&mut self, call: NewCall) -> String {
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
        self.add_channel(channel);
        id
    }

    /// Adds a channel, of which only those hear who are interested in all channels.
    pub(super) fn add_channel(&mut self, channel: Channel) {
        let created = channel.event("ChannelCreated");
        self.records.entry(channel.id.clone()).or_default();
        self.channels.push(channel);
        self.emit(&created);
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

    /// Ends `Stasis()` on a channel, which takes it out of its bridge and its application.
    ///
    /// The application's interest in the bridge stays, as in Asterisk, when a channel leaves both at once.
    pub(super) fn leave_stasis(&mut self, id: &str) {
        if self.channel(id).is_none_or(|channel| channel.app.is_none()) {
            return;
        }
        let bridge = self.leave_bridge(id);
        self.end_app(id);
        if let Some(bridge) = bridge {
            self.bridge_emptied(&bridge);
        }
        if let Some(channel) = self.channel_mut(id) {
            channel.running = std::mem::take(&mut channel.ran_before);
            channel.offer = Offer::None;
        }
    }

    /// Takes a channel out of its application.
    pub(super) fn end_app(&mut self, id: &str) {
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        let Some(app) = channel.app.take() else { return };
        let end = Event::new("StasisEnd")
            .for_app(&app)
            .raw_field("channel", &channel.json());
        self.emit(&end);
        self.remove_interest(&app, Interest::Channel(id));
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
        let in_stasis = channel.app.is_some() && channel.running.0 == "Stasis";
        let running = in_stasis.then(|| channel.running.1.clone());
        let mut known = self.as_known(channel, hangup);
        let event = hangup_request(channel, known);
        self.emit(&event);
        self.dial_aborted(&id);
        self.playbacks_cut_off(&id);
        self.leave_stasis(&id);
        if let Some(stasis_data) = running
            && self.run_h_extension(&id, &stasis_data)
            && known.cause == 0
        {
            // The line after Stasis() is Hangup(), there too.
            known.cause = Hangup::NORMAL.cause;
        }
        self.end_record(&id, hangup.into());
        self.destroy(&id, known);
    }

    /// A hangup as Asterisk knows of it. When the far end gives no SIP status Asterisk knows a cause only where a
    /// bridge has something to do with it.
    fn as_known(&self, channel: &Channel, hangup: Hangup) -> Hangup {
        let is_told = hangup.by == HungUpBy::Application || hangup.tech_cause.is_some();
        match is_told || self.knows_bridging(channel) {
            true => hangup,
            false => Hangup { cause: 0, ..hangup },
        }
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
    ///
    /// Tells whether it matches.
    fn run_h_extension(&mut self, id: &str, stasis_data: &str) -> bool {
        let matches = self.pattern_matches_h;
        let Some(channel) = self.channel_mut(id) else {
            return false;
        };
        if !matches || channel.origin != Origin::Caller {
            return false;
        }
        "h".clone_into(&mut channel.location.exten);
        let mut data = stasis_data.split(',').map(str::to_owned);
        let app = data.next().unwrap_or_default();
        let args: Vec<String> = data.collect();
        if self.enter_stasis(id, &app, &args) {
            self.leave_stasis(id);
        }
        true
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
        let dialplan_ends = channel.origin == Origin::Caller;
        let told = dialplan_ends.then(|| soft_hangup_request(channel, DIALPLAN_END, hangup.tech_cause));
        let destroyed = channel
            .event("ChannelDestroyed")
            .field("cause", &hangup.cause)
            .field("cause_txt", cause_text(hangup.cause));
        let is_sip = channel.name.starts_with("PJSIP/");
        let destroyed = match hangup.sip_status().filter(|_| is_sip) {
            Some(status) => destroyed.field("tech_cause", &status),
            None => destroyed,
        };
        for event in told.iter().chain([&destroyed]) {
            self.emit(event);
        }
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

    /// Takes a channel variable away, of which nobody hears.
    pub(crate) fn unset_variable(&mut self, id: &str, name: &str) {
        if let Some(channel) = self.channel_mut(id) {
            channel.variables.remove(name);
        }
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

/// The event that tells of a hangup to come.
pub(super) fn hangup_request(channel: &Channel, hangup: Hangup) -> Event {
    match hangup.by {
        HungUpBy::Application => soft_hangup_request(channel, BY_REQUEST, hangup.tech_cause),
        HungUpBy::FarEnd => with_causes(
            channel,
            Some(hangup.cause).filter(|cause| *cause > 0),
            hangup.tech_cause,
        ),
    }
}

/// The event that tells of a hangup that did not come from the far end.
pub(super) fn soft_hangup_request(channel: &Channel, flag: u16, tech_cause: Option<u16>) -> Event {
    with_causes(channel, Some(flag), tech_cause).leading("soft", &true)
}

fn with_causes(channel: &Channel, cause: Option<u16>, tech_cause: Option<u16>) -> Event {
    let mut event = channel.event("ChannelHangupRequest");
    for (name, value) in [("cause", cause), ("tech_cause", tech_cause)] {
        if let Some(value) = value {
            event = event.leading(name, &value);
        }
    }
    event
}
