//! One caller in a conference.

use std::sync::Arc;

use ari_client::Direction;
use ari_client::prelude::*;
use tokio::time::Instant;
use tracing::info;

use super::keys::{Command, Keys};
use super::profile::Profile;

/// A caller with a place in a conference.
pub(super) struct Member<'c> {
    call: &'c Call,
    room: &'c Room,
    profile: &'c Profile,
    /// The channel that was muted. After an attended transfer the call has another one, which was not.
    muted: Option<Arc<str>>,
    /// What was last said to this member. In a bridge, a playback to a channel is for that channel alone.
    said: Option<Playback>,
}

impl<'c> Member<'c> {
    pub(super) fn new(call: &'c Call, room: &'c Room, profile: &'c Profile) -> Self {
        Self {
            call,
            room,
            profile,
            muted: None,
            said: None,
        }
    }

    /// Enters the room. Fails with `RoomFull` where it is full.
    pub(super) async fn join(&mut self) -> Result<(), Error> {
        if self.profile.mute_on_entry {
            self.mute().await?;
        }
        self.room.add(self.call).await?;
        let muted = self.profile.mute_on_entry.then_some("sound:conf-muted");
        match (self.profile.join_sound.as_uri(), muted) {
            (Some(join), Some(muted)) => self.said = Some(self.call.play(join).then(muted).await?),
            (Some(only), None) | (None, Some(only)) => self.said = Some(self.call.play(only).await?),
            (None, None) => {}
        }
        Ok(())
    }

    /// Does what the member's keys ask for, until the call ends.
    pub(super) async fn take_part(&mut self) -> Result {
        let mut keys = Keys::default();
        loop {
            let digit = self.call.next_digit().await?;
            match keys.press(digit, Instant::now()) {
                Some(Command::ToggleMute) => self.toggle_mute().await?,
                Some(Command::Leave) => self.leave().await?,
                None => {}
            }
        }
    }

    async fn toggle_mute(&mut self) -> Result {
        let muted = self
            .muted
            .as_ref()
            .is_some_and(|channel| *channel == self.call.id());
        if muted {
            self.call.unmute(Direction::In).await?;
            self.muted = None;
        } else {
            self.mute().await?;
        }
        info!(caller = %self.call.caller(), muted = !muted, "pressed *1");
        self.hush().await?;
        self.said = Some(
            self.call
                .play(if muted {
                    "sound:conf-unmuted"
                } else {
                    "sound:conf-muted"
                })
                .await?,
        );
        Ok(())
    }

    async fn mute(&mut self) -> Result<(), Error> {
        let channel = self.call.id();
        self.call.mute(Direction::In).await?;
        self.muted = Some(channel);
        Ok(())
    }

    async fn leave(&mut self) -> Result {
        info!(caller = %self.call.caller(), "pressed #");
        // Asterisk takes nobody out of a bridge in the middle of a playback.
        self.hush().await?;
        self.room.remove(self.call).await?;
        self.call.play("sound:vm-goodbye").await?.finished().await?;
        Ok(self.call.hang_up().await?)
    }

    /// Ends what is being said.
    async fn hush(&mut self) -> Result {
        match self.said.take() {
            Some(playback) => Ok(playback.stop().await?),
            None => Ok(()),
        }
    }
}
