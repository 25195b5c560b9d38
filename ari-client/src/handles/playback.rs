//! Playbacks: media that Asterisk plays to a channel or a bridge.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::{Bridge, Channel};

use crate::app::{EventTypes, Events, News};
use crate::client::Ari;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::generated::models::PlaybackState;
use crate::generated::{EventKind, EventType, bridges, channels, playbacks};
use crate::id::{ObjectKind, new_id};
use crate::rt::Pending;

/// What ends a playback, or the thing that it plays to.
const ENDS: EventTypes = EventTypes::of(&[
    EventType::PlaybackFinished,
    EventType::ChannelHangupRequest,
    EventType::StasisEnd,
    EventType::ChannelDestroyed,
    EventType::BridgeDestroyed,
]);

/// How long no news is good news.
const SILENCE: Duration = Duration::from_secs(1);
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// A playback that is about to be asked for; await it to send it.
#[must_use = "nothing plays until this is awaited"]
#[derive(Debug)]
pub struct PlayBuilder {
    target: Target,
    media: Vec<String>,
    language: Option<String>,
    skip_ms: Option<i64>,
    offset_ms: Option<i64>,
}

#[derive(Debug)]
enum Target {
    Channel(Channel),
    Bridge(Bridge),
}

impl PlayBuilder {
    pub(super) fn on_channel(channel: Channel, media: String) -> Self {
        Self::new(Target::Channel(channel), media)
    }

    pub(super) fn on_bridge(bridge: Bridge, media: String) -> Self {
        Self::new(Target::Bridge(bridge), media)
    }

    fn new(target: Target, media: String) -> Self {
        Self {
            target,
            media: vec![media],
            language: None,
            skip_ms: None,
            offset_ms: None,
        }
    }

    /// Plays another media URI behind the last one, in the same playback.
    pub fn then(mut self, media: impl Into<String>) -> Self {
        self.media.push(media.into());
        self
    }

    /// Chooses the language of sounds, such as `en` or `de`; the channel's own by default.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Sets how far [`Playback::control`]'s `forward` and `reverse` jump, in milliseconds.
    pub fn skip_ms(mut self, milliseconds: i64) -> Self {
        self.skip_ms = Some(milliseconds);
        self
    }

    /// Starts so many milliseconds into the first media.
    pub fn offset_ms(mut self, milliseconds: i64) -> Self {
        self.offset_ms = Some(milliseconds);
        self
    }

    async fn start(self) -> Result<Playback> {
        if let Some(media) = self.media.iter().find(|media| !media.contains(':')) {
            // Asterisk would take it, play nothing and tell nothing.
            return Err(Error::invalid(format!(
                "media `{media}` has no scheme; is it `sound:{media}`?"
            )));
        }
        let id = new_id(ObjectKind::Playback);
        let ari = self.target.ari().clone();
        // Subscribed before the request leaves: a short sound may end before the reply is here.
        let events = ari.subscription(ENDS);
        events.add(ObjectKind::Playback, &id);
        let (kind, target) = self.target.key();
        events.add(kind, &target);
        let channel = match &self.target {
            Target::Channel(channel) => Some(channel.clone()),
            Target::Bridge(_) => None,
        };
        let playback = Playback {
            ari,
            id,
            media: self.media.join(", "),
            target,
            channel,
            events,
            missed: AtomicBool::new(false),
            hung_up: AtomicBool::new(false),
            outcome: OnceCell::new(),
        };
        playback.send(self).await?;
        Ok(playback)
    }
}

impl Target {
    fn ari(&self) -> &Ari {
        match self {
            Self::Channel(channel) => channel.ari(),
            Self::Bridge(bridge) => bridge.ari(),
        }
    }

    fn key(&self) -> (ObjectKind, Arc<str>) {
        match self {
            Self::Channel(channel) => (ObjectKind::Channel, channel.id()),
            Self::Bridge(bridge) => (ObjectKind::Bridge, bridge.id().into()),
        }
    }
}

impl IntoFuture for PlayBuilder {
    type Output = Result<Playback>;
    type IntoFuture = Pending<Playback>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}

/// A playback that Asterisk has queued.
#[derive(Debug)]
pub struct Playback {
    ari: Ari,
    id: String,
    /// What it plays, for people.
    media: String,
    /// The channel or bridge that it plays to.
    target: Arc<str>,
    /// The channel's handle, where it plays to one: an attended transfer may change its id.
    channel: Option<Channel>,
    events: Events,
    /// Events were missed: its end may be among them.
    missed: AtomicBool,
    /// The channel is being hung up: Asterisk then calls the playback failed.
    hung_up: AtomicBool,
    outcome: OnceCell<Outcome>,
}

/// How a playback came to its end.
#[derive(Debug)]
enum Outcome {
    Finished,
    /// Asterisk could not play this media.
    Failed(String),
    /// The channel or bridge ended first.
    Gone,
}

impl Playback {
    async fn send(&self, wanted: PlayBuilder) -> Result<()> {
        /// The two operations take the same arguments.
        macro_rules! play {
            ($operation:expr) => {{
                let mut operation = $operation;
                if let Some(language) = wanted.language {
                    operation = operation.lang(language);
                }
                if let Some(milliseconds) = wanted.skip_ms {
                    operation = operation.skipms(milliseconds);
                }
                if let Some(milliseconds) = wanted.offset_ms {
                    operation = operation.offsetms(milliseconds);
                }
                self.ari.send(operation).await.map(drop)
            }};
        }
        match &wanted.target {
            Target::Channel(_) => play!(channels::PlayWithId::new(&*self.target, &*self.id, wanted.media)),
            Target::Bridge(_) => play!(bridges::PlayWithId::new(&*self.target, &*self.id, wanted.media)),
        }
    }

    /// The playback's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Waits until everything was played, or [`stop`](Self::stop) ended it. An attended transfer ends it as well: the
    /// call goes on with another channel, which heard nothing of it.
    ///
    /// # Errors
    /// [`ErrorKind::Failed`] where Asterisk could not play the media, [`ErrorKind::CallEnded`] where the channel or
    /// bridge ended first.
    pub async fn finished(&self) -> Result<()> {
        match self.outcome.get_or_init(|| self.wait()).await {
            Outcome::Finished => Ok(()),
            Outcome::Failed(media) => Err(Error::new(
                ErrorKind::Failed,
                format!("Asterisk could not play {media}"),
            )),
            Outcome::Gone => {
                let context = format!("{} ended during playback {}", self.target, self.id);
                Err(Error::new(ErrorKind::CallEnded, context))
            }
        }
    }

    async fn wait(&self) -> Outcome {
        let outcome = self.event_or_silence().await;
        let transferred = self
            .channel
            .as_ref()
            .is_some_and(|channel| *channel.id() != *self.target);
        if transferred { Outcome::Finished } else { outcome }
    }

    /// Waits for the event that ends the playback. Asterisk does not always send one: media of an unknown scheme, and
    /// playbacks to a bridge that nobody is left in, end without a word. So in silence it is asked, ever more rarely.
    async fn event_or_silence(&self) -> Outcome {
        let mut patience = SILENCE;
        loop {
            match timeout(patience, self.next_outcome()).await {
                Ok(outcome) => return outcome,
                Err(_) if self.is_over().await => {
                    // The event may just be on its way.
                    let told = timeout(SILENCE, self.next_outcome()).await;
                    return told.unwrap_or_else(|_| self.untold());
                }
                Err(_) => patience = (patience * 2).min(LONGEST_SILENCE),
            }
        }
    }

    /// How a playback came to its end that no event told of: the event was missed, or there was none.
    fn untold(&self) -> Outcome {
        if self.missed.load(Ordering::Relaxed) {
            Outcome::Finished
        } else {
            Outcome::Failed(format!("{}: no end was told", self.media))
        }
    }

    async fn next_outcome(&self) -> Outcome {
        loop {
            match self.events.next_news().await {
                Some(News::Event(event)) => {
                    if let Some(outcome) = self.outcome_of(&event) {
                        return outcome;
                    }
                }
                Some(News::Missed(_)) => self.missed.store(true, Ordering::Relaxed),
                Some(News::Gone(_)) | None => return Outcome::Gone,
            }
        }
    }

    /// Whether Asterisk no longer knows the playback.
    async fn is_over(&self) -> bool {
        let state = self.ari.send(playbacks::Get::new(&*self.id)).await;
        state.is_err_and(|error| error.status() == Some(404))
    }

    fn outcome_of(&self, event: &Event) -> Option<Outcome> {
        let ended = match &event.kind {
            EventKind::PlaybackFinished(finished) if finished.playback.id == self.id => {
                return Some(match finished.playback.state {
                    PlaybackState::Failed if self.hung_up.load(Ordering::Relaxed) => Outcome::Gone,
                    PlaybackState::Failed => Outcome::Failed(finished.playback.media_uri.clone()),
                    _ => Outcome::Finished,
                });
            }
            EventKind::ChannelHangupRequest(request) => {
                let here = request.channel.id == *self.target;
                self.hung_up.fetch_or(here, Ordering::Relaxed);
                return None;
            }
            // Its playback is with the application that it moved to.
            EventKind::StasisEnd(end) if self.ari.hub().has_moved_from(&end.channel.id, &end.application) => {
                return None;
            }
            EventKind::StasisEnd(end) => &end.channel.id,
            EventKind::ChannelDestroyed(end) => &end.channel.id,
            EventKind::BridgeDestroyed(end) => &end.bridge.id,
            _ => return None,
        };
        (**ended == *self.target).then_some(Outcome::Gone)
    }

    /// Stops the playback; one that is over already is no error. Asterisk cannot stop `digits:`, `number:` and
    /// `characters:` media: it answers 500. ARI `playbacks.stop`.
    pub async fn stop(&self) -> Result<()> {
        match self.ari.send(playbacks::Stop::new(&*self.id)).await {
            Err(error) if !error.is_gone() => Err(error),
            _ => Ok(()),
        }
    }

    /// Controls the playback: `pause`, `unpause`, `restart`, `reverse` or `forward`. ARI `playbacks.control`.
    pub async fn control(&self, operation: &str) -> Result<()> {
        self.ari.send(playbacks::Control::new(&*self.id, operation)).await
    }
}
