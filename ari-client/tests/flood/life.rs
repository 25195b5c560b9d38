//! What a consumer got of its call.

use ari_client::prelude::*;
use ari_client::{EndReason, Events, Missed};

use crate::mix::END;

/// What came of a call's events, and what did not.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Life {
    /// Events that may be dropped, and were not.
    pub(crate) chatter: usize,
    /// Events that may not be dropped, but for those of the call's beginning and end.
    pub(crate) rest: usize,
    pub(crate) digits: usize,
    /// Events that were told to be dropped.
    pub(crate) missed: usize,
    /// `StasisStart`, and what tells of the end.
    pub(crate) milestones: Vec<EventType>,
    pub(crate) hung_up: bool,
}

impl Life {
    /// Reads and decodes all events of `call` until it has ended.
    pub(crate) async fn follow(call: &Call, events: &Events) -> Self {
        let mut life = Self::default();
        while let Some(next) = events.next().await {
            match next {
                Ok(event) => life.note(&event),
                Err(Missed::Lagged(count)) => life.missed += usize::try_from(count).unwrap(),
                Err(gap) => panic!("the socket was never gone: {gap}"),
            }
        }
        while call.next_digit().await.is_ok() {
            life.digits += 1;
        }
        life.hung_up = call.end().is_some_and(|end| end.reason == EndReason::HungUp);
        life
    }

    /// Whether all came that tells of the call's beginning and end.
    pub(crate) fn ended_well(&self) -> bool {
        let milestones = [
            EventType::StasisStart,
            EventType::ChannelHangupRequest,
            EventType::StasisEnd,
        ];
        self.hung_up && self.milestones == milestones
    }

    fn note(&mut self, event: &Event) {
        match (&event.kind, event.event_type()) {
            (EventKind::Unknown(_) | EventKind::Malformed(_), _) => panic!("{event:?}"),
            (
                _,
                EventType::ChannelVarset
                | EventType::ChannelDialplan
                | EventType::ChannelTalkingStarted
                | EventType::ChannelTalkingFinished,
            ) => self.chatter += 1,
            (_, milestone) if milestone == EventType::StasisStart || END.contains(&milestone.name()) => {
                self.milestones.push(milestone);
            }
            _ => self.rest += 1,
        }
    }
}
