//! The fields of our models, read by plain serde: nothing tolerated, nothing checked.

use std::hint::black_box;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::corpus::FREQUENT;

/// The ids by which an event of the most frequent types finds its way.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "what matters is that the fields are read")]
pub(crate) struct Peek<'a> {
    #[serde(rename = "type")]
    type_: &'a str,
    application: &'a str,
    #[serde(borrow)]
    channel: Option<PeekId<'a>>,
    #[serde(borrow)]
    bridge: Option<PeekId<'a>>,
    #[serde(borrow)]
    playback: Option<PeekPlayback<'a>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "what matters is that the fields are read")]
struct PeekId<'a> {
    id: &'a str,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "what matters is that the fields are read")]
struct PeekPlayback<'a> {
    id: &'a str,
    target_uri: &'a str,
}

/// Decodes the `n`-th event of a pass, whose type is known from its place: no reader can do less.
pub(crate) fn decode(n: usize, frame: &[u8]) {
    match FREQUENT[n % FREQUENT.len()] {
        "ChannelVarset" => read::<Varset>(frame),
        "ChannelDialplan" => read::<Dialplan>(frame),
        "ChannelStateChange" | "ChannelTalkingStarted" => read::<OfChannel>(frame),
        "ChannelDtmfReceived" => read::<Dtmf>(frame),
        "PlaybackStarted" | "PlaybackFinished" => read::<OfPlayback>(frame),
        "ChannelEnteredBridge" | "ChannelLeftBridge" => read::<OfBridge>(frame),
        "ChannelTalkingFinished" => read::<Talked>(frame),
        other => panic!("no model of {other}"),
    }
}

fn read<T: DeserializeOwned>(frame: &[u8]) {
    black_box(serde_json::from_slice::<T>(frame).unwrap());
}

/// Defines plain structs, of which each field is read.
macro_rules! plain {
    ($($name:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        $(#[derive(Debug, Deserialize)]
        #[allow(dead_code, reason = "what matters is that the fields are read")]
        struct $name { $($field: $type),* })*
    };
}

plain! {
    Varset { asterisk_id: Option<String>, application: String, timestamp: String, variable: String, value: String, channel: Option<Channel> }
    Dialplan { asterisk_id: Option<String>, application: String, timestamp: String, channel: Channel, dialplan_app: String, dialplan_app_data: String }
    OfChannel { asterisk_id: Option<String>, application: String, timestamp: String, channel: Channel }
    Dtmf { asterisk_id: Option<String>, application: String, timestamp: String, digit: String, duration_ms: i64, channel: Channel }
    OfPlayback { asterisk_id: Option<String>, application: String, timestamp: String, playback: Playback }
    OfBridge { asterisk_id: Option<String>, application: String, timestamp: String, bridge: Bridge, channel: Channel }
    Talked { asterisk_id: Option<String>, application: String, timestamp: String, channel: Channel, duration: i64 }
    Channel {
        id: String,
        protocol_id: String,
        name: String,
        state: ChannelState,
        caller: CallerId,
        connected: CallerId,
        accountcode: String,
        dialplan: Cep,
        creationtime: String,
        language: String,
        channelvars: Option<serde_json::Map<String, serde_json::Value>>,
        caller_rdnis: Option<String>,
        tenantid: Option<String>,
    }
    CallerId { name: String, number: String }
    Cep { context: String, exten: String, priority: Option<i64>, app_name: String, app_data: String }
    Bridge {
        id: String,
        technology: String,
        bridge_type: BridgeType,
        bridge_class: String,
        creator: String,
        name: String,
        channels: Vec<String>,
        video_mode: Option<String>,
        video_source_id: Option<String>,
        creationtime: String,
        bridgevars: Option<serde_json::Map<String, serde_json::Value>>,
    }
    Playback { id: String, media_uri: String, next_media_uri: Option<String>, target_uri: String, language: Option<String>, state: PlaybackState }
}

#[derive(Debug, Deserialize)]
enum ChannelState {
    Down,
    Ring,
    Ringing,
    Up,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BridgeType {
    Mixing,
    Holding,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PlaybackState {
    Queued,
    Playing,
    Continuing,
    Done,
    Failed,
}
