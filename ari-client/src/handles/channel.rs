//! A channel and what can be done to it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Identity, PlayBuilder};
use crate::app::{Disposition, EventTypes, Events};
use crate::client::Ari;
use crate::error::Result;
use crate::generated::{channels, models};
use crate::id::ObjectKind;

/// A handle on a channel.
///
/// Operations on a channel that is gone, or that has left Stasis, fail with an error of which
/// [`is_gone`](crate::Error::is_gone) is true.
#[derive(Clone)]
pub struct Channel {
    pub(super) ari: Ari,
    pub(super) identity: Arc<Identity>,
}

/// Which way sound flows, as the channel's device hears and says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// What the device says.
    In,
    /// What the device hears.
    Out,
    /// Both.
    Both,
}

impl Channel {
    pub(crate) fn new(ari: Ari, identity: Arc<Identity>) -> Self {
        Self { ari, identity }
    }

    /// The channel's id. It changes when an attended transfer puts another channel in this one's place.
    #[must_use]
    pub fn id(&self) -> Arc<str> {
        self.identity.id()
    }

    /// The client that this handle sends its requests through.
    #[must_use]
    pub fn ari(&self) -> &Ari {
        &self.ari
    }

    /// The same channel through a handle of which each request may take so long; see [`Ari::within`].
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Self {
        Self::new(self.ari.within(deadline), Arc::clone(&self.identity))
    }

    pub(crate) fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Answers the channel. Returns when it is up; nothing happens if it was already.
    ///
    /// ARI `channels.answer`.
    pub async fn answer(&self) -> Result<()> {
        self.ari.send(channels::Answer::new(&*self.id())).await
    }

    /// Tells the channel's device to ring. ARI `channels.ring`.
    pub async fn ring(&self) -> Result<()> {
        self.ari.send(channels::Ring::new(&*self.id())).await
    }

    /// Stops ringing. ARI `channels.ringStop`.
    pub async fn stop_ringing(&self) -> Result<()> {
        self.ari.send(channels::RingStop::new(&*self.id())).await
    }

    /// Hangs up with cause 16, normal clearing. A channel that is gone already is no error.
    ///
    /// ARI `channels.hangup`.
    pub async fn hang_up(&self) -> Result<()> {
        self.dispose(&Disposition::HANG_UP).await
    }

    /// Hangs up with a Q.850 cause, such as 17 (busy) or 21 (rejected). A channel that is gone already is no error.
    ///
    /// ARI `channels.hangup`.
    pub async fn hang_up_with(&self, cause: i64) -> Result<()> {
        self.dispose(&Disposition::HangUp { cause }).await
    }

    /// Lets the dialplan go on behind `Stasis()`. What plays on the channel plays to its end first; stop it if that is
    /// not wanted. ARI `channels.continueInDialplan`.
    pub async fn continue_in_dialplan(&self) -> Result<()> {
        self.dispose(&Disposition::Continue).await
    }

    /// Lets the dialplan go on at a place of its own. ARI `channels.continueInDialplan`.
    pub async fn continue_at(&self, context: &str, extension: &str, priority: i64) -> Result<()> {
        let operation = channels::ContinueInDialplan::new(&*self.id());
        self.ari
            .send(operation.context(context).extension(extension).priority(priority))
            .await
    }

    /// Moves the channel to another Stasis application, once what plays on it has ended. Where nobody runs that
    /// application, the channel stays, and the call goes on here. ARI `channels.move`.
    pub async fn move_to(&self, application: &str) -> Result<()> {
        self.dispose(&Disposition::MoveTo(application.to_owned())).await
    }

    /// Does with the channel what `disposition` says. To hang up a channel that is gone is no error.
    pub(crate) async fn dispose(&self, disposition: &Disposition) -> Result<()> {
        let id = self.id();
        match disposition {
            Disposition::HangUp { cause } => {
                let hung_up = self
                    .ari
                    .send(channels::Hangup::new(&*id).reason_code(cause.to_string()))
                    .await;
                hung_up.or_else(|error| if error.is_gone() { Ok(()) } else { Err(error) })
            }
            Disposition::Continue => self.ari.send(channels::ContinueInDialplan::new(&*id)).await,
            Disposition::MoveTo(application) => {
                // Asterisk 22.10.1 crashes on a move that names no application.
                crate::connection::check_application_name(application)?;
                self.ari
                    .send(channels::Move::new(&*id, application.as_str()))
                    .await
            }
        }
    }

    /// Plays media: a URI such as `sound:beep`, `digits:42`, `number:7`, `tone:ring`, `recording:NAME`, or several in
    /// a row by [`then`](PlayBuilder::then).
    ///
    /// Awaiting the builder returns as soon as Asterisk has queued the playback; [`Playback::finished`] waits for
    /// its end. Playbacks on one channel play one after the other.
    ///
    /// ARI `channels.playWithId`.
    ///
    /// [`Playback::finished`]: super::Playback::finished
    pub fn play(&self, media: impl Into<String>) -> PlayBuilder {
        PlayBuilder::on_channel(self.clone(), media.into())
    }

    /// Silences one direction. ARI `channels.mute`.
    pub async fn mute(&self, direction: Direction) -> Result<()> {
        self.ari
            .send(channels::Mute::new(&*self.id()).direction(direction.as_str()))
            .await
    }

    /// Undoes [`mute`](Self::mute). ARI `channels.unmute`.
    pub async fn unmute(&self, direction: Direction) -> Result<()> {
        self.ari
            .send(channels::Unmute::new(&*self.id()).direction(direction.as_str()))
            .await
    }

    /// Plays music on hold: a class of `musiconhold.conf`, or the default one where it is empty.
    ///
    /// ARI `channels.startMoh`.
    pub async fn start_music(&self, class: &str) -> Result<()> {
        let operation = channels::StartMoh::new(&*self.id());
        self.ari
            .send(if class.is_empty() {
                operation
            } else {
                operation.moh_class(class)
            })
            .await
    }

    /// Stops music on hold. ARI `channels.stopMoh`.
    pub async fn stop_music(&self) -> Result<()> {
        self.ari.send(channels::StopMoh::new(&*self.id())).await
    }

    /// Sends DTMF digits to the channel's device: `0`-`9`, `*`, `#`, `A`-`D`. ARI `channels.sendDTMF`.
    pub async fn send_dtmf(&self, digits: &str) -> Result<()> {
        self.ari
            .send(channels::SendDtmf::new(&*self.id()).dtmf(digits))
            .await
    }

    /// Reads a channel variable or dialplan function; `None` where it is not set. ARI `channels.getChannelVar`.
    pub async fn variable(&self, name: &str) -> Result<Option<String>> {
        match self
            .ari
            .send(channels::GetChannelVar::new(&*self.id(), name))
            .await
        {
            Ok(variable) => Ok(Some(variable.value)),
            // The channel's own 404 speaks of a channel.
            Err(error) if error.status() == Some(404) && error.told("ariable") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets a channel variable or dialplan function. ARI `channels.setChannelVar`.
    pub async fn set_variable(&self, name: &str, value: &str) -> Result<()> {
        self.ari
            .send(channels::SetChannelVar::new(&*self.id(), name).value(value))
            .await
    }

    /// The channel's state as Asterisk has it now. ARI `channels.get`.
    pub async fn snapshot(&self) -> Result<models::Channel> {
        self.ari.send(channels::Get::new(&*self.id())).await
    }

    /// Subscribes to the events about this channel, from now on.
    ///
    /// What is not read in time is dropped, chatter first; [`Missed`](crate::Missed) tells how many.
    pub fn subscribe(&self, types: impl Into<EventTypes>) -> Events {
        let events = self.ari.subscription(types.into());
        events.add(ObjectKind::Channel, &self.id());
        events
    }
}

impl Direction {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Both => "both",
        }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({})", self.id())
    }
}
