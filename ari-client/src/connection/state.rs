//! The states of an event connection, and how one leads to the next.

use std::time::Duration;

use super::backoff;
use crate::error::{Error, ErrorKind};
use crate::transport::Session;

/// A session that lived this long was a success; one that died younger counts as another failure.
pub(super) const STABLE: Duration = Duration::from_secs(10);

/// The first wait; it doubles from here.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The longest wait while nobody listens: a try costs next to nothing, and calls wait for us.
const ABSENT_CAP: Duration = Duration::from_secs(1);

/// The longest wait after anything that costs the server something.
const REFUSED_CAP: Duration = Duration::from_secs(30);

/// Where an event connection stands.
#[derive(Debug)]
pub(crate) enum State {
    /// Opening the socket; `failures` tries in a row did not last.
    Dialling {
        /// How many tries in a row failed or did not last.
        failures: u32,
    },
    /// The socket is open and the application registered.
    Live {
        /// How many tries in a row had failed or not lasted before.
        failures: u32,
        /// The open socket.
        session: Box<Session>,
    },
    /// Waiting for the next try.
    BackingOff {
        /// How many tries in a row failed or did not last.
        failures: u32,
        /// How long to wait.
        wait: Duration,
        /// What happened, for people.
        reason: String,
    },
    /// We closed it.
    Stopped,
    /// It is over and trying again cannot help.
    Fatal(Error),
}

/// What the past of a connection says about its errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct History {
    /// Whether the socket was ever open.
    pub(crate) was_live: bool,
    /// Whether even the first connection is tried again.
    pub(crate) patient: bool,
}

impl State {
    /// After a dial that failed.
    pub(super) fn dial_failed(failures: u32, error: Error, history: History) -> Self {
        let hopeless = matches!(error.kind(), ErrorKind::Invalid);
        let first_and_telling = !history.was_live
            && (!history.patient || matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::NotAri));
        if hopeless || first_and_telling {
            return Self::Fatal(error);
        }
        let cap = if error.kind() == ErrorKind::NotSent {
            ABSENT_CAP
        } else {
            REFUSED_CAP
        };
        Self::back_off(failures + 1, cap, crate::error::Failure::from(error).to_string())
    }

    /// After a session that lasted for `lived`.
    pub(super) fn session_ended(failures: u32, lived: Duration, reason: &str) -> Self {
        let failures = if lived >= STABLE { 1 } else { failures + 1 };
        let cap = if failures > 5 { REFUSED_CAP } else { ABSENT_CAP };
        Self::back_off(failures, cap, format!("the event socket broke: {reason}"))
    }

    fn back_off(failures: u32, cap: Duration, reason: String) -> Self {
        Self::BackingOff {
            failures,
            wait: backoff::wait(failures, FIRST_WAIT, cap),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: History = History {
        was_live: false,
        patient: false,
    };
    const LATER: History = History {
        was_live: true,
        patient: false,
    };

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "it failed")
    }

    fn wait(state: &State) -> Duration {
        match state {
            State::BackingOff { wait, .. } => *wait,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_connection_fails_fast_unless_patience_was_asked_for() {
        let absent = || error(ErrorKind::NotSent);
        assert!(matches!(State::dial_failed(0, absent(), FIRST), State::Fatal(_)));
        let patient = History {
            patient: true,
            ..FIRST
        };
        assert!(matches!(
            State::dial_failed(0, absent(), patient),
            State::BackingOff { failures: 1, .. }
        ));
        assert!(matches!(
            State::dial_failed(0, error(ErrorKind::Unauthorized), patient),
            State::Fatal(_)
        ));
    }

    #[test]
    fn once_live_even_a_401_is_tried_again_but_slowly() {
        assert!(
            wait(&State::dial_failed(20, error(ErrorKind::Unauthorized), LATER)) >= Duration::from_secs(15)
        );
        assert!(wait(&State::dial_failed(20, error(ErrorKind::NotSent), LATER)) <= Duration::from_secs(1));
    }

    #[test]
    fn sessions_that_die_young_do_not_make_a_storm() {
        let young = Duration::from_millis(20);
        assert!(wait(&State::session_ended(0, young, "")) <= Duration::from_millis(100));
        assert!(wait(&State::session_ended(30, young, "")) >= Duration::from_secs(15));
        assert!(wait(&State::session_ended(30, STABLE, "")) <= Duration::from_millis(100));
    }
}
