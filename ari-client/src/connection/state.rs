//! The states of an event connection, and how one leads to the next.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff;
use crate::error::{Error, ErrorKind};
use crate::transport::Session;

/// A session that lived this long was a success; one that died younger counts as another failure.
pub(super) const STABLE: Duration = Duration::from_secs(10);

/// The first wait; it doubles from here.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The first wait after a login that was refused: each is a security event in Asterisk's log, and a few in a row are what
/// gets an address banned.
const LOCKED_OUT_WAIT: Duration = Duration::from_secs(5);

/// The longest wait while nobody listens: a try costs next to nothing, and calls wait for us.
const ABSENT_CAP: Duration = Duration::from_secs(1);

/// The longest wait after anything that costs the server something.
const REFUSED_CAP: Duration = Duration::from_secs(30);

/// How long a patient client bears with a server that does not know ARI: it may be about to load it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where an event connection stands.
#[derive(Debug)]
pub(crate) enum State {
    /// Opening the socket.
    Dialling(Tries),
    /// The socket is open and the application registered.
    Live {
        /// What went wrong before.
        tries: Tries,
        /// The open socket.
        session: Box<Session>,
    },
    /// Waiting for the next try.
    BackingOff {
        /// What went wrong so far.
        tries: Tries,
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

/// What went wrong in a row. That nobody listens says nothing of the sessions, so that each is counted by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    /// Dials that failed since the socket was open last.
    pub(crate) dials: u32,
    /// Sessions that died young.
    pub(crate) sessions: u32,
}

/// What the past of a connection says about its errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct History {
    /// When something was heard from an open socket last, if there ever was one.
    pub(crate) heard: Option<Instant>,
    /// Whether even the first connection is tried again.
    pub(crate) patient: bool,
    /// Since when the server was there without knowing ARI.
    pub(crate) since: Instant,
}

impl History {
    /// Whether trying again may help after this error.
    fn bears(&self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::Invalid => false,
            _ if self.heard.is_some() => true,
            ErrorKind::Unauthorized => false,
            // While Asterisk starts, its web server answers before ARI is there.
            ErrorKind::NotAri => self.patient && self.since.elapsed() < PATIENCE,
            _ => self.patient,
        }
    }
}

impl State {
    /// After a dial that failed.
    pub(super) fn dial_failed(tries: Tries, error: Error, history: History) -> Self {
        if !history.bears(&error) {
            return Self::Fatal(error);
        }
        let dials = tries.dials + 1;
        // Nobody there, not there yet (503), or ARI not loaded yet: it may be there in a moment.
        let absent =
            matches!(error.kind(), ErrorKind::NotSent | ErrorKind::NotAri) || error.status() == Some(503);
        let cap = if absent { ABSENT_CAP } else { REFUSED_CAP };
        let first = match error.kind() {
            ErrorKind::Unauthorized => LOCKED_OUT_WAIT,
            _ => FIRST_WAIT,
        };
        let wait = backoff::wait(dials, first, cap);
        let reason = crate::error::Failure::from(error).to_string();
        Self::BackingOff {
            tries: Tries { dials, ..tries },
            wait,
            reason,
        }
    }

    /// After a session that lasted for `lived`.
    pub(super) fn session_ended(tries: Tries, lived: Duration, reason: &str) -> Self {
        let sessions = if lived >= STABLE { 1 } else { tries.sessions + 1 };
        let wait = backoff::wait(sessions, FIRST_WAIT, REFUSED_CAP);
        let reason = format!("the event socket broke: {reason}");
        Self::BackingOff {
            tries: Tries { dials: 0, sessions },
            wait,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Tries = Tries {
        dials: 0,
        sessions: 0,
    };
    const MANY: Tries = Tries {
        dials: 20,
        sessions: 0,
    };

    fn history(was_live: bool, patient: bool) -> History {
        History {
            heard: was_live.then(Instant::now),
            patient,
            since: Instant::now(),
        }
    }

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "it failed")
    }

    fn not_booted() -> Error {
        error(ErrorKind::Refused).with_reply(503, bytes::Bytes::new())
    }

    fn wait(state: &State) -> Duration {
        match state {
            State::BackingOff { wait, .. } => *wait,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_connection_fails_fast_unless_patience_was_asked_for() {
        let (fast, patient) = (history(false, false), history(false, true));
        for kind in [ErrorKind::NotSent, ErrorKind::NotAri, ErrorKind::Unauthorized] {
            assert!(
                matches!(State::dial_failed(NONE, error(kind), fast), State::Fatal(_)),
                "{kind:?}"
            );
        }
        for error in [error(ErrorKind::NotSent), error(ErrorKind::NotAri), not_booted()] {
            assert!(wait(&State::dial_failed(NONE, error, patient)) <= FIRST_WAIT);
        }
        let refused = State::dial_failed(NONE, error(ErrorKind::Unauthorized), patient);
        assert!(matches!(refused, State::Fatal(_)));
        tokio::time::advance(PATIENCE).await;
        let never = State::dial_failed(NONE, error(ErrorKind::NotAri), patient);
        assert!(matches!(never, State::Fatal(_)), "there is no ARI");
    }

    #[tokio::test(start_paused = true)]
    async fn once_live_every_error_is_borne_but_what_may_pass_is_tried_soon() {
        let live = history(true, false);
        for error in [error(ErrorKind::NotSent), error(ErrorKind::NotAri), not_booted()] {
            assert!(wait(&State::dial_failed(MANY, error, live)) <= ABSENT_CAP);
        }
        for (tries, longest) in [(NONE, LOCKED_OUT_WAIT), (MANY, REFUSED_CAP)] {
            let locked_out = State::dial_failed(tries, error(ErrorKind::Unauthorized), live);
            assert!(longest / 2 <= wait(&locked_out) && wait(&locked_out) <= longest);
        }
    }

    #[test]
    fn sessions_that_die_young_do_not_make_a_storm_and_a_long_outage_is_not_held_against_them() {
        let young = Duration::from_millis(20);
        let after_outage = State::session_ended(MANY, young, "");
        assert!(wait(&after_outage) <= FIRST_WAIT);
        let flapping = Tries {
            dials: 0,
            sessions: 30,
        };
        assert!(wait(&State::session_ended(flapping, young, "")) >= REFUSED_CAP / 2);
        assert!(wait(&State::session_ended(flapping, STABLE, "")) <= FIRST_WAIT);
    }
}
