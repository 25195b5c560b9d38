//! The events of a call, as recorded on a real Asterisk.

use crate::corpus::{about, id, recorded};
use crate::server::frame;

/// What a call in its middle sends, again and again: variables and places in the dialplan most of all.
const MIDDLE: [(&str, usize); 10] = [
    ("ChannelVarset", 6),
    ("ChannelDialplan", 4),
    ("ChannelTalkingStarted", 2),
    ("ChannelTalkingFinished", 2),
    ("ChannelStateChange", 1),
    ("ChannelDtmfReceived", 1),
    ("PlaybackStarted", 1),
    ("PlaybackFinished", 1),
    ("ChannelEnteredBridge", 1),
    ("ChannelLeftBridge", 1),
];

/// How many events a round of a call has.
pub(crate) const ROUND: usize = 20;

/// How many of them may be dropped.
pub(crate) const CHATTER: usize = 14;

/// What a call sends at its end.
pub(crate) const END: [&str; 2] = ["ChannelHangupRequest", "StasisEnd"];

/// What comes behind it: that is of no call any more, so that no call is told what of it was dropped.
const BEHIND: &str = "ChannelDestroyed";

/// Makes the frames of calls.
pub(crate) struct Mix {
    middle: Vec<Vec<String>>,
    end: Vec<Vec<String>>,
    behind: Vec<Vec<String>>,
}

impl Mix {
    pub(crate) fn new() -> Self {
        let events = |event_type: &str| recorded(event_type).unwrap();
        let middle = MIDDLE
            .iter()
            .flat_map(|(event_type, times)| vec![events(event_type); *times]);
        Self {
            middle: middle.collect(),
            end: END.into_iter().map(events).collect(),
            behind: vec![events(BEHIND)],
        }
    }

    /// One round of events of each call, the calls interleaved.
    pub(crate) fn round(&self, round: usize, calls: usize) -> Vec<u8> {
        interleaved(&self.middle, round, calls)
    }

    /// The end of each call, the calls interleaved.
    pub(crate) fn end(&self, calls: usize) -> Vec<u8> {
        interleaved(&self.end, 0, calls)
    }

    /// What comes behind the end of each call.
    pub(crate) fn behind(&self, calls: usize) -> Vec<u8> {
        interleaved(&self.behind, 0, calls)
    }
}

fn interleaved(steps: &[Vec<String>], round: usize, calls: usize) -> Vec<u8> {
    let mut frames = Vec::new();
    for (step, recorded) in steps.iter().enumerate() {
        for call in 0..calls {
            let event = &recorded[(round + step + call) % recorded.len()];
            frames.extend(frame(&about(event, &id(call))));
        }
    }
    frames
}
