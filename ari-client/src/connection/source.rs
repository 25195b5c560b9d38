//! Where the sessions of a connection come from: we dial, or the peer does.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::{Dialer, Session};

/// How long a call's own connection may be away. Asterisk gives such a call up after some tries, 1.5 s by default.
const AWAY: Duration = Duration::from_secs(10);

/// Where the sessions of a connection come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// We dial.
    Dial(Box<Dialer>),
    /// Asterisk dials us.
    Accept(Accepted),
}

/// The sessions that a peer opens, one after the other.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) sessions: mpsc::Receiver<Session>,
    pub(crate) application: String,
    /// Who opens them, for people.
    pub(crate) peer: String,
    /// Whether there is one connection for each call: it goes with the call.
    pub(crate) per_call: bool,
}

impl Source {
    /// The application that is registered.
    pub(super) fn application(&self) -> &str {
        match self {
            Self::Dial(dialer) => &dialer.application,
            Self::Accept(accepted) => &accepted.application,
        }
    }

    /// The Asterisk at the other end, for people.
    pub(super) fn peer(&self) -> String {
        match self {
            Self::Dial(dialer) => dialer.server.to_string(),
            Self::Accept(accepted) => accepted.peer.clone(),
        }
    }

    /// Whether it is the peer who comes back.
    pub(super) fn is_awaited(&self) -> bool {
        matches!(self, Self::Accept(_))
    }

    /// Whether the peer has one connection at a time. For one call Asterisk opens a second one beside the first where the
    /// dialplan's pass behind a hangup enters the application again; both are to be read until it closes them.
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(self, Self::Accept(Accepted { per_call: true, .. }))
    }

    /// The next session; `None` when no more can be expected.
    pub(super) async fn next(&mut self) -> Result<Option<Session>> {
        match self {
            Self::Dial(dialer) => dialer.dial().await.map(Some),
            Self::Accept(accepted) if accepted.per_call => {
                let next = timeout(AWAY, accepted.sessions.recv()).await;
                Ok(next.unwrap_or_default())
            }
            Self::Accept(accepted) => match accepted.sessions.recv().await {
                Some(session) => Ok(Some(session)),
                None => Err(Error::new(
                    ErrorKind::Disconnected,
                    "the server does not listen any more",
                )),
            },
        }
    }

    /// Waits for a session that takes the place of the one that is open: the peer came back, and mostly knows that the
    /// other is broken.
    pub(super) async fn successor(&mut self) -> Session {
        if let Self::Accept(accepted) = self
            && let Some(session) = accepted.sessions.recv().await
        {
            return session;
        }
        std::future::pending().await
    }

    /// Takes no more sessions from the peer, and closes those that wait.
    pub(super) fn refuse(&mut self) {
        if let Self::Accept(accepted) = self {
            accepted.sessions.close();
            while accepted.sessions.try_recv().is_ok() {}
        }
    }
}
