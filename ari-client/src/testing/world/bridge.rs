//! Bridges: who is in one, and how it is shown.

use std::collections::VecDeque;

use serde::Serialize;

use super::app::Interest;
use super::event::json as json_text;
use super::{Event, World, timestamp};

/// What a bridge does with its channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BridgeKind {
    /// Everybody hears everybody.
    Mixing,
    /// Everybody waits.
    Holding,
}

/// A bridge.
#[derive(Debug)]
pub(crate) struct Bridge {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: BridgeKind,
    pub(crate) channels: Vec<String>,
    pub(crate) created: String,
    /// The id of the hidden channel that plays the music on hold, while there is music.
    pub(crate) music: Option<String>,
    /// The id of the hidden channel that announces, while something plays.
    pub(crate) announcer: Option<String>,
    /// What plays to the bridge: the first one now, the others after it.
    pub(crate) queue: VecDeque<String>,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    technology: &'static str,
    bridge_type: BridgeKind,
    bridge_class: &'static str,
    creator: &'static str,
    name: &'a str,
    channels: Vec<&'a String>,
    creationtime: &'a str,
    video_mode: &'static str,
}

impl Bridge {
    /// The bridge as a reply shows it.
    pub(crate) fn json(&self) -> String {
        self.shown(self.channels.iter().collect())
    }

    /// The bridge as an event shows it: unlike replies, Asterisk's events also list the hidden channels that play
    /// music or announce.
    fn event_json(&self) -> String {
        self.shown(
            self.channels
                .iter()
                .chain(&self.music)
                .chain(&self.announcer)
                .collect(),
        )
    }

    fn shown(&self, channels: Vec<&String>) -> String {
        json_text(&Shown {
            id: &self.id,
            technology: self.technology(),
            bridge_type: self.kind,
            bridge_class: "stasis",
            creator: "Stasis",
            name: &self.name,
            channels,
            creationtime: &self.created,
            video_mode: "talker",
        })
    }

    fn technology(&self) -> &'static str {
        match self.kind {
            BridgeKind::Holding => "holding_bridge",
            BridgeKind::Mixing if self.channels.len() > 2 => "softmix",
            BridgeKind::Mixing => "simple_bridge",
        }
    }
}

/// Reads the comma list of bridge types; `None` for a list that Asterisk makes no bridge of.
pub(crate) fn bridge_kind(types: Option<&str>) -> Option<BridgeKind> {
    let types = types.filter(|types| !types.is_empty()).unwrap_or("mixing");
    let has = |word: &str| types.split(',').any(|part| part.trim() == word);
    match (has("mixing"), has("holding")) {
        (true, false) => Some(BridgeKind::Mixing),
        (false, true) => Some(BridgeKind::Holding),
        (false, false) if has("video_sfu") => Some(BridgeKind::Mixing),
        _ => None,
    }
}

impl World {
    /// Makes a bridge. Making one subscribes nobody to it.
    pub(crate) fn create_bridge(&mut self, id: String, name: String, kind: BridgeKind) {
        let event = Event::new("BridgeCreated").for_bridge(&id);
        let bridge = Bridge {
            id,
            name,
            kind,
            channels: Vec::new(),
            created: timestamp(),
            music: None,
            announcer: None,
            queue: VecDeque::new(),
        };
        let event = event.raw_field("bridge", &bridge.event_json());
        self.bridges.push(bridge);
        self.emit(&event);
    }

    /// Ends a bridge; its channels go back to their applications.
    pub(crate) fn destroy_bridge(&mut self, id: &str) {
        let members = self
            .bridge(id)
            .map(|bridge| bridge.channels.clone())
            .unwrap_or_default();
        for member in members {
            self.remove_from_bridge(&member);
        }
        self.bridge_playbacks_fail(id);
        let Some(bridge) = self.bridge_mut(id) else { return };
        bridge.music = None;
        let event = Event::new("BridgeDestroyed")
            .for_bridge(id)
            .raw_field("bridge", &bridge.event_json());
        self.emit(&event);
        self.bridges.retain(|bridge| bridge.id != id);
        self.forget(Interest::Bridge(id));
    }

    /// Puts a channel of an application into a bridge, taking it out of the one that it is in.
    pub(crate) fn add_to_bridge(&mut self, bridge: &str, channel: &str) {
        self.remove_from_bridge(channel);
        self.enter_bridge(bridge, channel);
    }

    /// Takes a channel out of its bridge, back to its application, which then loses interest in the bridge.
    pub(crate) fn remove_from_bridge(&mut self, channel: &str) {
        let app = self.channel(channel).and_then(|channel| channel.app.clone());
        let Some(bridge) = self.leave_bridge(channel) else {
            return;
        };
        if let Some(app) = app {
            self.remove_interest(&app, Interest::Bridge(&bridge));
        }
        self.bridge_emptied(&bridge);
    }

    /// Puts `new` in the place of `old`.
    pub(super) fn swap_in_bridge(&mut self, bridge: &str, old: &str, new: &str) {
        self.leave_bridge(old);
        self.enter_bridge(bridge, new);
    }

    fn enter_bridge(&mut self, bridge_id: &str, channel_id: &str) {
        let Some(channel) = self.channel_mut(channel_id) else {
            return;
        };
        let (id, app) = (channel.id.clone(), channel.app.clone());
        channel.bridge = Some(bridge_id.to_owned());
        if let Some(app) = app {
            self.add_interest(&app, Interest::Bridge(bridge_id));
        }
        if let Some(bridge) = self.bridge_mut(bridge_id) {
            bridge.channels.push(id.clone());
        }
        self.emit_membership("ChannelEnteredBridge", bridge_id, &id);
    }

    /// Takes a channel out of its bridge, and tells which that was.
    pub(super) fn leave_bridge(&mut self, channel_id: &str) -> Option<String> {
        let channel = self.channel_mut(channel_id)?;
        let id = channel.id.clone();
        let bridge_id = channel.bridge.take()?;
        channel.was_bridged = true;
        if let Some(bridge) = self.bridge_mut(&bridge_id) {
            bridge.channels.retain(|member| *member != id);
        }
        self.emit_membership("ChannelLeftBridge", &bridge_id, &id);
        Some(bridge_id)
    }

    /// The hidden channels of a bridge do not stay alone: music and announcements end with the last real member.
    pub(super) fn bridge_emptied(&mut self, id: &str) {
        let Some(bridge) = self.bridge_mut(id) else { return };
        if bridge.channels.is_empty() {
            bridge.music = None;
            self.bridge_playbacks_fail(id);
        }
    }

    fn emit_membership(&mut self, kind: &'static str, bridge_id: &str, channel_id: &str) {
        let (Some(bridge), Some(channel)) = (self.bridge(bridge_id), self.channel(channel_id)) else {
            return;
        };
        let event = Event::new(kind)
            .for_bridge(bridge_id)
            .raw_field("bridge", &bridge.event_json())
            .raw_field("channel", &channel.json());
        self.emit(&event);
    }
}
