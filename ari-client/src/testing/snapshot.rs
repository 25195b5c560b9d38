//! What the server keeps, as a test sees it.

use std::collections::BTreeMap;

use super::world::{Bridge, Channel, Playback, json};

/// A channel, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelSnapshot {
    /// Its id.
    pub id: String,
    /// Its name, such as `PJSIP/anonymous-00000001`.
    pub name: String,
    /// Its state: `Down`, `Ring`, `Ringing` or `Up`.
    pub state: String,
    /// The Stasis application that it is in.
    pub application: Option<String>,
    /// The bridge that it is in.
    pub bridge: Option<String>,
    /// Whether what the far end says is muted.
    pub muted_in: bool,
    /// Whether what the far end hears is muted.
    pub muted_out: bool,
    /// Whether the application has put it on hold.
    pub on_hold: bool,
    /// Whether the far end was told that it rings.
    pub ringing: bool,
    /// Whether music on hold plays to it.
    pub music: bool,
    /// Whether silence plays to it.
    pub silence: bool,
    /// The digits that the application sent to it.
    pub digits: String,
    /// Its variables.
    pub variables: BTreeMap<String, String>,
}

/// A bridge, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BridgeSnapshot {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type: `mixing` or `holding`.
    pub kind: String,
    /// The ids of the channels in it, in the order in which they came.
    pub channels: Vec<String>,
    /// Whether music on hold plays to it.
    pub music: bool,
}

/// A playback: one that plays or waits, or one that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlaybackSnapshot {
    /// Its id.
    pub id: String,
    /// What it plays to: `channel:` or `bridge:` and an id.
    pub target: String,
    /// The media that it was made with.
    pub media: Vec<String>,
    /// Its state: `queued`, `playing`, `continuing` or `paused`; `done` or `failed` when it is over.
    pub state: String,
}

fn word(value: &impl serde::Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

impl From<&Channel> for ChannelSnapshot {
    fn from(channel: &Channel) -> Self {
        Self {
            id: channel.id.clone(),
            name: channel.name.clone(),
            state: word(&channel.state),
            application: channel.app.clone(),
            bridge: channel.bridge.clone(),
            muted_in: channel.muted_in,
            muted_out: channel.muted_out,
            on_hold: channel.on_hold,
            ringing: channel.ringing,
            music: channel.music,
            silence: channel.silence,
            digits: channel.digits.clone(),
            variables: channel.variables.clone(),
        }
    }
}

impl From<&Bridge> for BridgeSnapshot {
    fn from(bridge: &Bridge) -> Self {
        Self {
            id: bridge.id.clone(),
            name: bridge.name.clone(),
            kind: word(&bridge.kind),
            channels: bridge.channels.clone(),
            music: bridge.music.is_some(),
        }
    }
}

impl From<&Playback> for PlaybackSnapshot {
    fn from(playback: &Playback) -> Self {
        Self {
            id: playback.id.clone(),
            target: playback.target_uri(),
            media: playback.media.clone(),
            state: word(&playback.state),
        }
    }
}
