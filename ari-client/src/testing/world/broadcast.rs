//! Calls that the dialplan offers to every application: the first that claims one has it.

use std::time::Duration;

use super::ending::{Ending, Hangup};
use super::{Event, NewCall, Timer, World};

/// What `StasisBroadcast()` does with a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Offer {
    /// It does not run there.
    #[default]
    None,
    /// The channel waits for a claim, with arguments for who makes it.
    Open(Vec<String>),
    /// The channel was claimed.
    Claimed,
}

/// What becomes of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The channel goes to the application.
    Granted,
    /// Another one was faster.
    Taken,
    /// There is no such channel, or it is not on offer.
    NotOffered,
}

impl World {
    /// Lets a call come in that runs `StasisBroadcast()`: it is offered for so long; tells the id of its channel.
    pub(crate) fn offer_call(&mut self, call: NewCall, window: Duration) -> String {
        let args = call.args.clone();
        let id = self.ring_in(call);
        let data = format!("{},,{}", window.as_millis(), args.join(":"));
        let Some(channel) = self.channel_mut(&id) else {
            return id;
        };
        channel.running = ("StasisBroadcast".to_owned(), data);
        channel.offer = Offer::Open(args);
        let event = Event::new("CallBroadcast")
            .raw_field("channel", &channel.json())
            .field("caller", &channel.caller.number)
            .field("called", &channel.location.exten);
        let event = self.apps.keys().fold(event, |event, app| event.for_app(app));
        self.emit(&event);
        let channel = id.clone();
        self.after(window, Timer::OfferOver { channel });
        id
    }

    /// An application asks for a channel that is on offer.
    pub(crate) fn claim(&mut self, id: &str, app: &str) -> Claim {
        let Some(channel) = self.channel_mut(id) else {
            return Claim::NotOffered;
        };
        let id = channel.id.clone();
        match std::mem::replace(&mut channel.offer, Offer::Claimed) {
            Offer::None => {
                channel.offer = Offer::None;
                Claim::NotOffered
            }
            Offer::Claimed => Claim::Taken,
            Offer::Open(args) => {
                if self.is_active(app) {
                    self.enter_app(&id, app, &args);
                } else {
                    self.not_taken(&id);
                }
                Claim::Granted
            }
        }
    }

    /// The time for claims is over.
    pub(super) fn offer_over(&mut self, id: &str) {
        let waits = |channel: &super::Channel| matches!(channel.offer, Offer::Open(_));
        if self.channel(id).is_some_and(waits) {
            self.not_taken(id);
        }
    }

    /// The line after `Stasis()` or `StasisBroadcast()` is `Hangup()`.
    pub(super) fn not_taken(&mut self, id: &str) {
        self.end_record(id, Ending::NotTaken);
        self.destroy(id, Hangup::NORMAL);
    }
}
