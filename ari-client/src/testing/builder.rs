//! How a fake Asterisk is to be.

use std::collections::BTreeMap;
use std::time::Duration;

use super::FakeAsterisk;
use super::server::{Listener, Server, Settings};
use super::world::{Phone, Sounds, World};
use crate::error::Result;

/// Settings of a [`FakeAsterisk`]; made by [`FakeAsterisk::builder`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until start() is called"]
pub struct FakeAsteriskBuilder {
    settings: Settings,
    sounds: Sounds,
    phones: BTreeMap<String, Phone>,
    pattern_matches_h: bool,
}

impl Default for FakeAsteriskBuilder {
    fn default() -> Self {
        Self {
            settings: Settings {
                username: "ari".to_owned(),
                password: "secret".to_owned(),
                deadline: Duration::from_secs(5),
                endpoint: "PJSIP/anonymous".to_owned(),
            },
            sounds: Sounds {
                durations: BTreeMap::new(),
                otherwise: Duration::from_millis(20),
                missing: Vec::new(),
            },
            phones: BTreeMap::new(),
            pattern_matches_h: false,
        }
    }
}

impl FakeAsteriskBuilder {
    /// The user name and password that clients need; `ari` and `secret` otherwise.
    pub fn user(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.settings.username = username.into();
        self.settings.password = password.into();
        self
    }

    /// How long the waits of the test may take; five seconds otherwise.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// How long a sound takes to play, such as `sound:beep`; 20 ms otherwise.
    pub fn sound(mut self, media: impl Into<String>, duration: Duration) -> Self {
        self.sounds.durations.insert(media.into(), duration);
        self
    }

    /// How long every sound takes that [`sound`](Self::sound) does not name.
    pub fn sounds(mut self, duration: Duration) -> Self {
        self.sounds.otherwise = duration;
        self
    }

    /// A sound that there is not: its playback fails.
    pub fn missing_sound(mut self, media: impl Into<String>) -> Self {
        self.sounds.missing.push(media.into());
        self
    }

    /// A phone that can be dialled, such as `PJSIP/alice`. To dial any other endpoint fails.
    pub fn phone(mut self, endpoint: impl Into<String>, phone: Phone) -> Self {
        self.phones.insert(endpoint.into(), phone);
        self
    }

    /// Lets the dialplan's pattern match `h`, the extension that Asterisk runs after a hangup, as the pattern
    /// `_[a-z]` does: each call then enters the application a second time, dead, with the extension `h`.
    pub fn dialplan_matches_h(mut self) -> Self {
        self.pattern_matches_h = true;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// When no port of 127.0.0.1 can be had.
    pub async fn start(self) -> Result<FakeAsterisk> {
        let mut world = World::new(self.sounds, self.pattern_matches_h);
        world.phones = self.phones;
        let server = Server::new(self.settings, world);
        let listener = Listener::start(&server).await?;
        Ok(FakeAsterisk::new(server, listener))
    }
}
