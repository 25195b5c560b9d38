//! The state of the server and the rules by which it changes.
//!
//! Every rule is a method of [`World`] that changes the state and notes [`Effect`]s: events to send and timers to
//! set. Nothing here waits, sends or knows HTTP.

mod app;
mod bridge;
mod broadcast;
mod channel;
mod clock;
mod dial;
mod ending;
mod event;
mod leaving;
mod lifecycle;
mod playback;
#[cfg(test)]
mod tests;
mod transfer;

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use app::{App, Interest};
pub(crate) use bridge::{Bridge, bridge_kind};
pub(crate) use broadcast::Claim;
pub(crate) use channel::{CallerId, Channel, Leave, Location, Origin, State};
pub(crate) use clock::timestamp;
pub use dial::Phone;
pub(crate) use dial::{Dial, Step};
pub use ending::{Ending, HungUpBy};
pub(crate) use ending::{Hangup, Record};
pub(crate) use event::{ASTERISK_ID, Event, json};
pub(crate) use lifecycle::NewCall;
pub(crate) use playback::{Playback, PlaybackState, Target};

/// Identifies an event socket.
pub(crate) type SocketId = u64;

/// What a change of the world asks the server to do.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Send a text frame.
    Send { socket: SocketId, text: String },
    /// Call [`World::tick`] later.
    After { delay: Duration, timer: Timer },
}

/// Something that happens by itself after a while.
#[derive(Debug)]
pub(crate) enum Timer {
    /// The current item of a playback has been played, unless the playback was disturbed since (`run` differs).
    ItemOver { playback: String, run: u64 },
    /// A dialled phone does its next step.
    Dial { channel: String, step: Step },
    /// The time for claims is over.
    OfferOver { channel: String },
}

/// How many messages a mailbox holds.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) old: i64,
    pub(crate) new: i64,
}

/// How long sounds take, and which there are none of.
#[derive(Debug, Clone)]
pub(crate) struct Sounds {
    pub(crate) durations: BTreeMap<String, Duration>,
    pub(crate) otherwise: Duration,
    pub(crate) missing: Vec<String>,
}

/// Everything that the server keeps.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) apps: BTreeMap<String, App>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) bridges: Vec<Bridge>,
    pub(crate) playbacks: Vec<Playback>,
    /// Playbacks that are over, for assertions.
    pub(crate) played: Vec<Playback>,
    pub(crate) phones: BTreeMap<String, Phone>,
    pub(crate) globals: BTreeMap<String, String>,
    pub(crate) mailboxes: BTreeMap<String, Mailbox>,
    pub(crate) media: BTreeMap<String, Arc<UdpSocket>>,
    pub(crate) sounds: Sounds,
    pub(crate) started: String,
    /// What each far end went through, by channel id; kept when the channel is gone.
    pub(crate) records: BTreeMap<String, Record>,
    /// Whether the dialplan's pattern also matches `h`, the extension that runs after a hangup.
    pub(crate) pattern_matches_h: bool,
    serial: u64,
    effects: Vec<Effect>,
}

impl World {
    pub(crate) fn new(sounds: Sounds, pattern_matches_h: bool) -> Self {
        Self {
            apps: BTreeMap::new(),
            channels: Vec::new(),
            bridges: Vec::new(),
            playbacks: Vec::new(),
            played: Vec::new(),
            phones: BTreeMap::new(),
            globals: BTreeMap::new(),
            mailboxes: BTreeMap::new(),
            media: BTreeMap::new(),
            sounds,
            started: timestamp(),
            records: BTreeMap::new(),
            pattern_matches_h,
            serial: 0,
            effects: Vec::new(),
        }
    }

    /// Takes what the changes since the last call ask for, in order.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Lets happen what a timer was set for.
    pub(crate) fn tick(&mut self, timer: &Timer) {
        match timer {
            Timer::ItemOver { playback, run } => self.item_over(playback, *run),
            Timer::Dial { channel, step } => self.dial_step(channel, *step),
            Timer::OfferOver { channel } => self.offer_over(channel),
        }
    }

    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.is(id))
    }

    pub(crate) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.is(id))
    }

    pub(crate) fn bridge(&self, id: &str) -> Option<&Bridge> {
        self.bridges.iter().find(|bridge| bridge.id == id)
    }

    pub(crate) fn bridge_mut(&mut self, id: &str) -> Option<&mut Bridge> {
        self.bridges.iter_mut().find(|bridge| bridge.id == id)
    }

    pub(crate) fn playback(&self, id: &str) -> Option<&Playback> {
        self.playbacks.iter().find(|playback| playback.id == id)
    }

    fn playback_mut(&mut self, id: &str) -> Option<&mut Playback> {
        self.playbacks.iter_mut().find(|playback| playback.id == id)
    }

    /// The next number for a name or an id that Asterisk makes.
    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// An id for a channel that nobody gave one.
    pub(crate) fn new_channel_id(&mut self) -> String {
        channel::unique_id(self.next_serial())
    }

    fn after(&mut self, delay: Duration, timer: Timer) {
        self.effects.push(Effect::After { delay, timer });
    }
}

/// An id such as Asterisk makes for bridges and playbacks.
pub(crate) fn new_uuid() -> String {
    let bits = fastrand::u128(..);
    let part = |from: u32, bits_wide: u32| (bits >> from) & ((1 << bits_wide) - 1);
    let (a, b, c, d, e) = (
        part(96, 32),
        part(80, 16),
        part(64, 16),
        part(48, 16),
        part(0, 48),
    );
    format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
}
