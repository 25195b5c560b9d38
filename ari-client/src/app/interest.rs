//! Sets of event types.

use crate::generated::EventType;

/// A set of event types, such as those that a subscription is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTypes(u128);

impl EventTypes {
    /// Every type, unknown ones too.
    pub const ALL: Self = Self(u128::MAX);

    /// The set of these types.
    #[must_use]
    pub const fn of(types: &[EventType]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < types.len() {
            bits |= 1 << types[index] as u32;
            index += 1;
        }
        Self(bits)
    }

    /// Whether the set holds `event_type`.
    #[must_use]
    pub const fn contains(self, event_type: EventType) -> bool {
        self.0 & (1 << event_type as u32) != 0
    }

    /// Whether events of this type may be dropped where there is no room: none of them tells of a channel's life,
    /// of a digit or of an end.
    pub(crate) fn is_chatter(event_type: EventType) -> bool {
        const CHATTER: EventTypes = EventTypes::of(&[
            EventType::ChannelVarset,
            EventType::ChannelDialplan,
            EventType::ChannelTalkingStarted,
            EventType::ChannelTalkingFinished,
        ]);
        CHATTER.contains(event_type)
    }
}

// The set has a bit for each type, `Unknown` among them.
const _: () = assert!(EventType::ALL.len() < 128, "EventTypes needs more bits");

impl std::ops::BitOr for EventTypes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl<const N: usize> From<[EventType; N]> for EventTypes {
    fn from(types: [EventType; N]) -> Self {
        Self::of(&types)
    }
}

impl From<&[EventType]> for EventTypes {
    fn from(types: &[EventType]) -> Self {
        Self::of(types)
    }
}

impl From<EventType> for EventTypes {
    fn from(event_type: EventType) -> Self {
        Self::of(&[event_type])
    }
}
