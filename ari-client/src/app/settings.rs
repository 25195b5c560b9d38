//! What a service does where an application does not say.

use std::time::Duration;

use crate::error::{Error, Result};

/// What happens to a channel that the application is done with, or cannot take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disposition {
    /// Hang up; the caller hears the cause, such as 16 (normal clearing) or 34 (congestion).
    HangUp {
        /// The Q.850 cause.
        cause: i64,
    },
    /// Let the dialplan go on behind `Stasis()`.
    Continue,
    /// Move the channel to another Stasis application.
    MoveTo(String),
}

impl Disposition {
    /// Hang up with cause 16, normal clearing.
    pub const HANG_UP: Self = Self::HangUp { cause: 16 };
}

/// What happens to a channel that was in this application's Stasis before the event socket opened: because this
/// program, or the one before it, was away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resume {
    /// It becomes a call, which [tells](crate::Call::is_resumed) that it is resumed. A bridge in which the program before
    /// left it is destroyed when nobody is in it any more.
    Adopt,
    /// It goes away.
    Dispose(Disposition),
    /// It stays as it is. Nobody looks after it.
    Leave,
}

/// The settings of a service.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) on_return: Disposition,
    pub(crate) on_error: Disposition,
    pub(crate) while_draining: Disposition,
    pub(crate) on_resume: Resume,
    pub(crate) grace: Duration,
    pub(crate) drain: Duration,
    pub(crate) mailbox: usize,
    pub(crate) unclaimed: usize,
    pub(crate) subscribe_all: bool,
    pub(crate) claim_broadcasts: bool,
    pub(crate) patient: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            on_return: Disposition::HANG_UP,
            on_error: Disposition::HANG_UP,
            while_draining: Disposition::Continue,
            on_resume: Resume::Adopt,
            grace: Duration::from_secs(10),
            drain: Duration::from_secs(60),
            mailbox: 256 * 1024,
            unclaimed: 4 * 1024,
            subscribe_all: false,
            claim_broadcasts: false,
            patient: false,
        }
    }
}

impl Settings {
    /// Refuses what nobody would heed where Asterisks dial in.
    pub(super) fn check_for_server(&self) -> Result<()> {
        let refuse = |setting: &str, why: &str| {
            let context = format!("`{setting}` is not for a server that Asterisks dial: {why}");
            Err(Error::invalid(context))
        };
        if self.subscribe_all {
            return refuse(
                "subscribe_all",
                "set `subscribe_all=yes` in its section of ari.conf",
            );
        }
        if self.patient {
            return refuse(
                "retry_first_connection",
                "it is Asterisk that connects, and tries again",
            );
        }
        Ok(())
    }
}
