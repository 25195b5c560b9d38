//! Playbacks: lists of sounds, played in turn on a channel or to a bridge.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::event::json as json_text;
use super::{Event, Timer, World};

/// How far `forward` and `reverse` jump.
const SKIP: Duration = Duration::from_secs(3);

/// The states of a playback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PlaybackState {
    /// Others play before it.
    Queued,
    /// An item plays.
    Playing,
    /// One item is over, the next comes.
    Continuing,
    /// Held by `pause`.
    Paused,
    /// Played to the end, or stopped.
    Done,
    /// Cut off, or a sound that there is not.
    Failed,
}

/// What a playback plays to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Channel(String),
    Bridge(String),
}

/// A playback.
#[derive(Debug, Clone)]
pub(crate) struct Playback {
    pub(crate) id: String,
    pub(crate) target: Target,
    pub(crate) media: Vec<String>,
    pub(crate) state: PlaybackState,
    item: usize,
    /// Counts starts, so that a timer of an earlier one is told apart.
    run: u64,
    /// When the current item started, moved by jumps.
    since: Option<Instant>,
    /// How much of the current item has been played before `since`.
    played: Duration,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    media_uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_media_uri: Option<&'a String>,
    target_uri: String,
    language: &'static str,
    state: PlaybackState,
}

impl Playback {
    pub(crate) fn new(id: String, target: Target, media: Vec<String>) -> Self {
        let state = PlaybackState::Queued;
        Self {
            id,
            target,
            media,
            state,
            item: 0,
            run: 0,
            since: None,
            played: Duration::ZERO,
        }
    }

    /// The playback as JSON text.
    pub(crate) fn json(&self) -> String {
        json_text(&Shown {
            id: &self.id,
            media_uri: self.current(),
            next_media_uri: self.media.get(self.item + 1),
            target_uri: self.target_uri(),
            language: "en",
            state: self.state,
        })
    }

    pub(crate) fn target_uri(&self) -> String {
        match &self.target {
            Target::Channel(id) => format!("channel:{id}"),
            Target::Bridge(id) => format!("bridge:{id}"),
        }
    }

    fn current(&self) -> &str {
        self.media.get(self.item).map_or("", String::as_str)
    }

    fn position(&self) -> Duration {
        self.played + self.since.map(|since| since.elapsed()).unwrap_or_default()
    }

    fn event(&self, kind: &'static str) -> Event {
        let event = match &self.target {
            Target::Channel(id) => Event::new(kind).for_channel(id),
            Target::Bridge(id) => Event::new(kind).for_bridge(id),
        };
        event.raw_field("playback", &self.json())
    }
}

impl World {
    /// Queues a playback; it starts at once where nothing else plays.
    pub(crate) fn play(&mut self, playback: Playback) {
        let (id, target) = (playback.id.clone(), playback.target.clone());
        self.playbacks.push(playback);
        let Some(queue) = self.queue_mut(&target) else {
            return;
        };
        queue.push_back(id.clone());
        if queue.len() == 1 {
            self.start(&id);
        }
    }

    /// Stops a playback: now if it plays, when its turn comes if it is queued.
    pub(crate) fn stop_playback(&mut self, id: &str) {
        let Some(playback) = self.playback_mut(id) else {
            return;
        };
        let waits = playback.state == PlaybackState::Queued;
        playback.state = PlaybackState::Done;
        if !waits {
            self.finish(id, PlaybackState::Done);
        }
    }

    /// Holds a playing playback.
    pub(crate) fn pause_playback(&mut self, id: &str) {
        let Some(playback) = self.playback_mut(id) else {
            return;
        };
        playback.played = playback.position();
        playback.since = None;
        playback.run += 1;
        playback.state = PlaybackState::Paused;
    }

    /// Lets a held playback go on.
    pub(crate) fn unpause_playback(&mut self, id: &str) {
        let at = self.playback(id).map(Playback::position).unwrap_or_default();
        self.play_from(id, at);
        self.emit_playback(id, "PlaybackStarted");
    }

    /// Plays the current item from its beginning.
    pub(crate) fn restart_playback(&mut self, id: &str) {
        self.play_from(id, Duration::ZERO);
    }

    /// Jumps ahead in the current item.
    pub(crate) fn forward_playback(&mut self, id: &str) {
        let at = self.playback(id).map(Playback::position).unwrap_or_default();
        self.play_from(id, at + SKIP);
    }

    /// Jumps back in the current item.
    pub(crate) fn reverse_playback(&mut self, id: &str) {
        let at = self.playback(id).map(Playback::position).unwrap_or_default();
        self.play_from(id, at.saturating_sub(SKIP));
    }

    /// An item has been played to its end.
    pub(super) fn item_over(&mut self, id: &str, run: u64) {
        let Some(playback) = self.playback_mut(id) else {
            return;
        };
        if playback.run != run || playback.state != PlaybackState::Playing {
            return;
        }
        if playback.item + 1 == playback.media.len() {
            self.finish(id, PlaybackState::Done);
            return;
        }
        playback.state = PlaybackState::Continuing;
        self.emit_playback(id, "PlaybackContinuing");
        if let Some(playback) = self.playback_mut(id) {
            playback.item += 1;
        }
        self.start(id);
    }

    /// The channel of playbacks is gone. What plays has failed; what waits fails in turn, or is dropped without a
    /// word where the channel is in a bridge.
    pub(super) fn playbacks_cut_off(&mut self, channel_id: &str) {
        let Some(channel) = self.channel_mut(channel_id) else {
            return;
        };
        channel.leaving = None;
        let dropped = channel.bridge.is_some();
        let queue = std::mem::take(&mut channel.queue);
        for (turn, id) in queue.iter().enumerate() {
            if turn > 0 && dropped {
                self.retire(id, PlaybackState::Failed);
            } else {
                self.fail(id);
            }
        }
    }

    /// What can be played no more has failed; what waited begins first.
    fn fail(&mut self, id: &str) {
        let state = self.playback(id).map(|playback| playback.state);
        if state == Some(PlaybackState::Queued) {
            self.set_state(id, PlaybackState::Playing);
            self.emit_playback(id, "PlaybackStarted");
        }
        self.end(id, PlaybackState::Failed);
    }

    /// What plays to a bridge, and what waits, fails.
    pub(super) fn bridge_playbacks_fail(&mut self, bridge_id: &str) {
        let Some(bridge) = self.bridge_mut(bridge_id) else {
            return;
        };
        bridge.announcer = None;
        let queue: Vec<String> = std::mem::take(&mut bridge.queue).into();
        for id in queue {
            self.fail(&id);
        }
    }

    fn start(&mut self, id: &str) {
        let Some(playback) = self.playback(id) else { return };
        if playback.state == PlaybackState::Done {
            // Stopped while it was queued.
            self.finish(id, PlaybackState::Done);
            return;
        }
        let (media, target) = (playback.current().to_owned(), playback.target.clone());
        let missing = self.sounds.missing.contains(&media);
        self.set_state(id, PlaybackState::Playing);
        self.emit_playback(id, "PlaybackStarted");
        if missing {
            self.finish(id, PlaybackState::Failed);
        } else if !is_playable(&media) {
            // Asterisk never tells the end of such a playback.
            self.retire(id, PlaybackState::Failed);
            self.next(&target);
        } else {
            self.announce(&target);
            self.heard(&target, &media);
            self.play_from(id, Duration::ZERO);
        }
    }

    fn play_from(&mut self, id: &str, at: Duration) {
        let Some(playback) = self.playback(id) else { return };
        let length = self
            .sounds
            .durations
            .get(playback.current())
            .copied()
            .unwrap_or(self.sounds.otherwise);
        let Some(playback) = self.playback_mut(id) else {
            return;
        };
        playback.run += 1;
        playback.played = at;
        playback.since = Some(Instant::now());
        playback.state = PlaybackState::Playing;
        let timer = Timer::ItemOver {
            playback: id.to_owned(),
            run: playback.run,
        };
        self.after(length.saturating_sub(at), timer);
    }

    /// A playback is over, and the next in its queue begins.
    fn finish(&mut self, id: &str, state: PlaybackState) {
        let Some(target) = self.playback(id).map(|playback| playback.target.clone()) else {
            return;
        };
        self.end(id, state);
        self.next(&target);
    }

    fn next(&mut self, target: &Target) {
        let Some(queue) = self.queue_mut(target) else {
            return;
        };
        queue.pop_front();
        if let Some(next) = queue.front().cloned() {
            self.start(&next);
            return;
        }
        match target {
            Target::Bridge(id) => {
                if let Some(bridge) = self.bridge_mut(id) {
                    bridge.announcer = None;
                }
            }
            Target::Channel(id) => {
                let leaving = self.channel_mut(id).and_then(|channel| channel.leaving.take());
                if let Some(leave) = leaving {
                    self.leave(id, leave);
                }
            }
        }
    }

    fn end(&mut self, id: &str, state: PlaybackState) {
        self.set_state(id, state);
        self.emit_playback(id, "PlaybackFinished");
        self.retire(id, state);
    }

    fn retire(&mut self, id: &str, state: PlaybackState) {
        let Some(at) = self.playbacks.iter().position(|playback| playback.id == id) else {
            return;
        };
        let mut playback = self.playbacks.remove(at);
        playback.state = state;
        self.played.push(playback);
    }

    fn set_state(&mut self, id: &str, state: PlaybackState) {
        if let Some(playback) = self.playback_mut(id) {
            playback.state = state;
        }
    }

    fn emit_playback(&mut self, id: &str, kind: &'static str) {
        let Some(event) = self.playback(id).map(|playback| playback.event(kind)) else {
            return;
        };
        self.emit(&event);
    }

    fn queue_mut(&mut self, target: &Target) -> Option<&mut VecDeque<String>> {
        match target {
            Target::Channel(id) => self.channel_mut(id).map(|channel| &mut channel.queue),
            Target::Bridge(id) => self.bridge_mut(id).map(|bridge| &mut bridge.queue),
        }
    }

    /// A bridge gets a hidden channel that plays to it.
    fn announce(&mut self, target: &Target) {
        let Target::Bridge(id) = target else { return };
        let hidden = super::channel::unique_id(self.next_serial());
        if let Some(bridge) = self.bridge_mut(id) {
            bridge.announcer.get_or_insert(hidden);
        }
    }

    fn heard(&mut self, target: &Target, media: &str) {
        let listeners = match target {
            Target::Channel(id) => vec![id.clone()],
            Target::Bridge(id) => self
                .bridge(id)
                .map(|bridge| bridge.channels.clone())
                .unwrap_or_default(),
        };
        for listener in listeners {
            self.records
                .entry(listener)
                .or_default()
                .heard
                .push(media.to_owned());
        }
    }
}

fn is_playable(media: &str) -> bool {
    [
        "sound:",
        "recording:",
        "number:",
        "digits:",
        "characters:",
        "tone:",
    ]
    .iter()
    .any(|scheme| media.starts_with(scheme))
}
