//! Outgoing calls: phones that can be dialled, and what happens when they are.

use std::time::Duration;

use super::app::Interest;
use super::lifecycle::{BY_REQUEST, hangup_request, soft_hangup_request};
use super::{Channel, Event, Hangup, State, Timer, World};

/// What a phone does when it is dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phone {
    /// Rings at once, and answers after this time.
    AnswersAfter(Duration),
    /// Rings, and nobody answers.
    RingsOn,
    /// Is busy.
    Busy,
}

/// What an outgoing channel is dialled for.
#[derive(Debug, Clone)]
pub(crate) struct Dial {
    /// The endpoint without its technology.
    pub(crate) dialstring: String,
    pub(crate) phone: Phone,
    /// How long to let it ring.
    pub(crate) timeout: Option<Duration>,
    /// The application that the channel enters when it is answered, with its arguments; `None` if it is in one, or
    /// goes to the dialplan.
    pub(crate) enters: Option<(String, Vec<String>)>,
    pub(crate) begun: bool,
}

/// A step of a dialled phone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Answered,
    TimedOut,
}

impl World {
    /// Adds a channel that a request made, in which `app` takes an interest for as long as the channel lives.
    pub(crate) fn add_created(&mut self, channel: Channel, app: Option<&str>) {
        let id = channel.id.clone();
        self.add_channel(channel);
        if let Some(app) = app {
            self.add_interest(app, Interest::Channel(&id));
        }
    }

    /// Puts a channel that a request made into an application at once.
    pub(crate) fn enter_now(&mut self, id: &str, app: &str, args: &[String]) -> bool {
        self.enter_stasis(id, app, args)
    }

    /// Dials the phone that a channel was made for.
    pub(crate) fn dial(&mut self, id: &str) {
        let Some(dial) = self.channel_mut(id).and_then(|channel| channel.dial.as_mut()) else {
            return;
        };
        dial.begun = true;
        let (phone, timeout) = (dial.phone, dial.timeout);
        self.emit_dial(id, "");
        if phone == Phone::Busy {
            self.refused(id);
            return;
        }
        if phone != Phone::AnswersAfter(Duration::ZERO) {
            self.set_channel_state(id, State::Ringing);
            self.emit_dial(id, "RINGING");
        }
        if let Phone::AnswersAfter(delay) = phone {
            self.after(
                delay,
                Timer::Dial {
                    channel: id.to_owned(),
                    step: Step::Answered,
                },
            );
        }
        if let Some(timeout) = timeout {
            self.after(
                timeout,
                Timer::Dial {
                    channel: id.to_owned(),
                    step: Step::TimedOut,
                },
            );
        }
    }

    pub(super) fn dial_step(&mut self, id: &str, step: Step) {
        let waits = self
            .channel(id)
            .is_some_and(|channel| channel.dial.is_some() && channel.state != State::Up);
        match step {
            _ if !waits => {}
            Step::Answered => self.answered(id),
            Step::TimedOut => self.timed_out(id),
        }
    }

    /// The dialled phone answers.
    fn answered(&mut self, id: &str) {
        let Some(dial) = self.channel_mut(id).and_then(|channel| channel.dial.clone()) else {
            return;
        };
        self.answer(id);
        self.emit_dial(id, "ANSWER");
        self.no_more_dial(id);
        if let Some((app, args)) = dial.enters
            && !self.enter_stasis(id, &app, &args)
        {
            // Nobody takes it: Asterisk lets it go.
            self.gone_unanswered(id, Hangup::NORMAL);
        }
    }

    fn refused(&mut self, id: &str) {
        let busy = Hangup {
            cause: 17,
            tech_cause: Some(486),
            ..Hangup::NORMAL
        };
        let Some(channel) = self.channel(id) else { return };
        let told = hangup_request(channel, busy);
        let is_in_app = channel.app.is_some();
        self.emit(&told);
        // A channel that is in an application already ends before the dialling does.
        if !is_in_app {
            self.emit_dial(id, "BUSY");
        }
        self.no_more_dial(id);
        self.gone_unanswered(id, busy);
    }

    fn timed_out(&mut self, id: &str) {
        let in_app = self.channel(id).filter(|channel| channel.app.is_some());
        let told = in_app.map(|channel| soft_hangup_request(channel, BY_REQUEST, None));
        if let Some(told) = told {
            self.emit(&told);
        }
        let unanswered = Hangup {
            cause: 19,
            ..Hangup::NORMAL
        };
        self.no_more_dial(id);
        self.gone_unanswered(id, unanswered);
    }

    /// A hangup while it rings ends the dialling.
    pub(super) fn dial_aborted(&mut self, id: &str) {
        let Some(channel) = self.channel(id) else { return };
        let rings = channel.state != State::Up && channel.dial.as_ref().is_some_and(|dial| dial.begun);
        // A channel that is in an application already ends before the dialling does.
        if rings && channel.app.is_none() {
            self.emit_dial(id, "NOANSWER");
        }
        self.no_more_dial(id);
    }

    fn emit_dial(&mut self, id: &str, status: &str) {
        let Some(channel) = self.channel(id) else { return };
        let dialstring = channel.dial.as_ref().map_or("", |dial| dial.dialstring.as_str());
        // Who dials a channel that is in an application already forgets at once whom.
        let is_forgotten = channel.app.is_some() && !status.is_empty();
        let dialstring = if is_forgotten { "" } else { dialstring };
        let event = Event::new("Dial")
            .for_channel(id)
            .field("dialstatus", status)
            .field("forward", "")
            .field("dialstring", dialstring)
            .raw_field("peer", &channel.json());
        self.emit(&event);
    }

    fn set_channel_state(&mut self, id: &str, state: State) {
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        channel.state = state;
        let event = Event::new("ChannelStateChange")
            .for_channel(id)
            .raw_field("channel", &channel.json());
        self.emit(&event);
    }

    fn no_more_dial(&mut self, id: &str) {
        if let Some(channel) = self.channel_mut(id) {
            channel.dial = None;
        }
    }
}
