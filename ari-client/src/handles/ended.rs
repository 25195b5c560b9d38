//! How a call ended.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// The end of a call, as far as this application is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallEnded {
    /// What ended it.
    pub reason: EndReason,
    /// Who ended it.
    pub side: Side,
    /// The Q.850 cause of the hangup, where Asterisk told one: 16 is normal clearing, 17 busy.
    pub cause: Option<i64>,
}

/// What ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The channel was hung up.
    HungUp,
    /// The channel left Stasis alive: it went on in the dialplan.
    Continued,
    /// The channel was moved to another Stasis application.
    Moved,
    /// The channel left Stasis alive, and this client did not ask for it: it was redirected, or another client let it
    /// go.
    Left,
    /// The channel ended, or was given up, and no event told how: the event socket was down, or Asterisk did not let
    /// the channel go.
    Lost,
    /// Another client took over the application: no more events come.
    Replaced,
    /// More events came than the call's mailbox holds, and nobody read them.
    Overflow,
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Side {
    /// The caller, or the network on the caller's behalf.
    Caller,
    /// This application.
    Application,
    /// Not known.
    Unknown,
}

impl CallEnded {
    pub(crate) fn new(reason: EndReason, side: Side, cause: Option<i64>) -> Self {
        Self { reason, side, cause }
    }

    /// Whether the channel is still in Stasis, and ours to let go.
    pub(crate) fn leaves_channel(&self) -> bool {
        self.reason == EndReason::Overflow
    }

    /// Whether an event told of the end, so that everybody who listens to the channel knows.
    pub(crate) fn was_seen(&self) -> bool {
        !matches!(
            self.reason,
            EndReason::Lost | EndReason::Replaced | EndReason::Overflow
        )
    }

    /// The error of a helper that was waiting for something on this call.
    pub(crate) fn error(&self) -> Error {
        Error::new(ErrorKind::CallEnded, format!("the call ended: {self}"))
    }
}

impl fmt::Display for CallEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            EndReason::HungUp => "hung up",
            EndReason::Continued => "continued in the dialplan",
            EndReason::Moved => "moved to another application",
            EndReason::Left => "taken out of the application",
            EndReason::Lost => "ended while the event socket was down",
            EndReason::Replaced => "another client took over the application",
            EndReason::Overflow => "more events than its mailbox holds",
        })?;
        match self.side {
            Side::Caller => f.write_str(" by the caller")?,
            Side::Application => f.write_str(" by the application")?,
            Side::Unknown => {}
        }
        match self.cause {
            Some(cause) => write!(f, ", cause {cause}"),
            None => Ok(()),
        }
    }
}
