//! What a conference is like.

use std::num::NonZeroUsize;

use serde::Deserialize;

use super::media::{MusicClass, Sound};

/// What the conferences of one customer are like.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Profile {
    /// How many members a conference has at most; no limit by default.
    pub max_members: Option<NonZeroUsize>,
    /// The music on hold for a member who is alone; Asterisk's class `default` by default.
    pub music: MusicClass,
    /// Whether members are muted when they join; they are not by default.
    pub mute_on_entry: bool,
    /// What a member hears when he joins; a beep by default.
    pub join_sound: Sound,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            max_members: None,
            music: MusicClass::named("default"),
            mute_on_entry: false,
            join_sound: Sound::uri("sound:beep"),
        }
    }
}
