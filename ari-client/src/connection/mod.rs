//! Keeps an event socket open: one state machine for each application.
//!
//! This module knows sockets and waits; what the frames mean is the [`Sink`]'s business.

pub(crate) mod backoff;
mod source;
mod state;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::{End, Lines, OpenLine, Session};

pub(crate) use source::{Accepted, Source};
use state::{History, State, Tries};

/// Whether calls can be taken right now, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The first connection is being made.
    Connecting,
    /// The event socket is open: Asterisk sends calls. Of an [`AriServer`](crate::AriServer): it listens.
    Live,
    /// The event socket is gone; another try follows.
    Reconnecting {
        /// How many tries in a row failed or did not last.
        failures: u32,
        /// What happened.
        reason: String,
    },
    /// The program is about to end: live calls go on, new ones are turned away.
    Draining,
    /// The application does not run any more.
    Stopped,
}

impl Status {
    /// Whether a call that comes now is taken: what a readiness probe should answer.
    #[must_use]
    pub fn takes_calls(&self) -> bool {
        *self == Self::Live
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Live => f.write_str("live"),
            Self::Reconnecting { failures, reason } => {
                write!(f, "reconnecting after {failures} failures: {reason}")
            }
            Self::Draining => f.write_str("draining"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

/// Receives what the connection brings.
pub(crate) trait Sink: Send + Sync {
    /// Takes one event frame. Called by the socket's reader: it must not wait. Returns whether the reader should, a
    /// little, because more wait to be read than should.
    fn frame(&self, frame: &[u8]) -> bool;

    /// The socket is open, and nothing was read from it yet; where it was open before, events of the gap were missed.
    /// Must not wait.
    fn opened(&self, gap: Option<Duration>);

    /// Whether nothing more is to come, so that it does not matter that the peer closed the socket.
    fn is_over(&self) -> bool;

    /// The socket is open, and is read beside this; `again` if it was open before.
    fn live(&self, again: bool) -> impl Future<Output = ()> + Send;

    /// Waits until it is certain that no events come over the socket although it is open. Returns since when that may be
    /// so.
    fn until_deaf(&self) -> impl Future<Output = Instant> + Send;
}

/// Keeps the socket open until `stop` is cancelled or it is hopeless.
pub(crate) struct Connection<S> {
    pub(crate) source: Source,
    pub(crate) lines: Arc<Lines>,
    pub(crate) sink: S,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) stop: CancellationToken,
    /// Another client has the application: the session that there is goes on, and none follows, which would take the name
    /// away again.
    pub(crate) replaced: CancellationToken,
    pub(crate) patient: bool,
}

impl<S: Sink + Clone + 'static> Connection<S> {
    /// Runs the state machine.
    ///
    /// # Errors
    /// The error that made it hopeless: the first connection failed, or nothing ever can succeed.
    pub(crate) async fn run(mut self) -> Result<()> {
        let mut history = History {
            heard: None,
            patient: self.patient,
            since: Instant::now(),
        };
        let mut state = State::Dialling(Tries::default());
        loop {
            state = match state {
                State::Dialling(tries) => self.dial(tries, &mut history).await,
                State::Live { tries, session } => self.live(tries, &mut history, *session).await,
                State::BackingOff { tries, wait, reason } => self.back_off(tries, wait, reason).await,
                State::Stopped => {
                    self.status.send_replace(Status::Stopped);
                    return Ok(());
                }
                State::Fatal(error) => {
                    self.status.send_replace(Status::Stopped);
                    return Err(error);
                }
            }
        }
    }

    async fn dial(&mut self, tries: Tries, history: &mut History) -> State {
        let dialled = tokio::select! {
            dialled = self.source.next() => dialled,
            () = self.stop.cancelled() => return State::Stopped,
            () = self.replaced.cancelled() => return State::Stopped,
        };
        match dialled {
            Ok(Some(session)) => State::Live {
                tries,
                session: Box::new(session),
            },
            Ok(None) => State::Stopped,
            Err(error) => {
                if error.kind() != ErrorKind::NotAri {
                    // Patience is with a server that is there and does not know ARI yet.
                    history.since = Instant::now();
                }
                State::dial_failed(tries, error, *history)
            }
        }
    }

    async fn live(&mut self, tries: Tries, history: &mut History, session: Session) -> State {
        let (application, peer) = (self.source.application(), self.source.peer());
        if self.source.is_lasting() {
            info!(%peer, "registered {application}: the dialplan must call Stasis({application})");
        } else {
            debug!(%peer, application, "a connection for one call");
        }
        let gap = history.heard.map(|heard| heard.elapsed());
        self.sink.opened(gap);
        self.tell(Status::Live);
        let since = Instant::now();
        let close = self.stop.child_token();
        // In a task of its own, because it may have to go on beside its successor.
        let mut running = tokio::spawn(read(session, close.clone(), self.lines.open(), self.sink.clone()));
        let catching_up = async {
            self.sink.live(gap.is_some()).await;
            std::future::pending().await
        };
        let end = tokio::select! {
            end = &mut running => end.unwrap_or(End::Closed),
            never = catching_up => never,
            // Where Asterisk dials, it clears up after a socket before it opens the next one.
            since = self.sink.until_deaf(), if !self.source.is_awaited() => {
                // Closed in order: what Asterisk clears up after it must not reach the next one.
                close.cancel();
                let _ = running.await;
                End::Deaf(since.elapsed())
            }
            session = successor(&mut self.source, &self.replaced, since) => {
                if self.source.is_lasting() {
                    warn!(
                        peer = self.source.peer(),
                        application = self.source.application(),
                        "its event socket is replaced by another that it opened; where that goes on and on, two Asterisks \
                         have the same user name and asterisk_id: give each a user name of its own, or an entityid"
                    );
                    running.abort();
                }
                // What nobody waits for is no gap.
                history.heard = (!self.sink.is_over()).then(Instant::now);
                return State::Live { tries, session: Box::new(session) };
            }
        };
        history.heard = Instant::now().checked_sub(end.silence()).or(Some(since));
        match end {
            End::Stopped => State::Stopped,
            _ if self.replaced.is_cancelled() => State::Stopped,
            _ if self.sink.is_over() => State::Stopped,
            end if self.source.is_awaited() => {
                let reason = format!("the event socket broke: {end}");
                info!(
                    application = self.source.application(),
                    "{reason}; Asterisk is to come back"
                );
                self.tell(Status::Reconnecting { failures: 0, reason });
                State::Dialling(Tries::default())
            }
            end => State::session_ended(tries, since.elapsed(), &end.to_string()),
        }
    }

    /// A service that drains takes no calls, however the connection stands.
    fn tell(&self, status: Status) {
        self.status.send_if_modified(|known| {
            let news = *known != Status::Draining && *known != status;
            if news {
                *known = status;
            }
            news
        });
    }

    async fn back_off(&self, tries: Tries, wait: Duration, reason: String) -> State {
        let failures = tries.dials + tries.sessions;
        warn!(
            application = self.source.application(),
            failures,
            ?wait,
            "{reason}"
        );
        self.tell(Status::Reconnecting { failures, reason });
        tokio::select! {
            () = tokio::time::sleep(wait) => State::Dialling(tries),
            () = self.stop.cancelled() => State::Stopped,
            () = self.replaced.cancelled() => State::Stopped,
        }
    }
}

/// How long a lasting session is not replaced by one that the peer opens beside it. Where two Asterisks are taken for one,
/// each comes back at once when the other has taken its place.
const UNDISTURBED: Duration = Duration::from_secs(5);

/// Waits for a session that takes the place of the one that is open. Where another client has the application none does:
/// whoever waits is sent away, and comes back to a service that takes calls.
async fn successor(source: &mut Source, replaced: &CancellationToken, since: Instant) -> Session {
    let undisturbed = if source.is_lasting() {
        UNDISTURBED
    } else {
        Duration::ZERO
    };
    let next = async {
        sleep_until(since + undisturbed).await;
        source.successor().await
    };
    tokio::select! {
        biased;
        () = replaced.cancelled() => {}
        session = next => return session,
    }
    source.refuse();
    std::future::pending().await
}

/// Reads a session to its end.
async fn read<S: Sink>(session: Session, stop: CancellationToken, line: OpenLine, sink: S) -> End {
    session.run(&stop, &line, |frame| sink.frame(frame)).await
}

/// The longest application name that Asterisk accepts, in bytes.
const LONGEST_NAME: usize = 73;

/// Refuses application names that Asterisk would refuse, or read as two.
pub(crate) fn check_application_name(name: &str) -> Result<()> {
    let refuse = |why: String| Err(Error::invalid(format!("application name `{name}`: {why}")));
    if name.is_empty() {
        return Err(Error::invalid("the application name is empty"));
    }
    if name.len() > LONGEST_NAME {
        return refuse(format!(
            "{} bytes, and Asterisk takes {LONGEST_NAME} at most",
            name.len()
        ));
    }
    if name.contains(',') {
        return refuse("a comma would make it two applications".into());
    }
    if name.trim() != name || name.contains(char::is_control) {
        return refuse("blanks at its ends and control characters do not reach Asterisk".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_application_names_are_told() {
        assert!(check_application_name("EVERYTHING").is_ok());
        assert!(check_application_name(&"x".repeat(73)).is_ok());
        for (name, why) in [
            ("", "is empty"),
            (&*"x".repeat(74), "74 bytes"),
            ("a,b", "comma"),
            (" a", "blanks"),
            ("a\nb", "control"),
        ] {
            let error = check_application_name(name).unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
        }
    }
}
