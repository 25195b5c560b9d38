//! One application for all who dial us: each Asterisk has its own state, and each of its applications a service.
//!
//! An Asterisk is known by the user name that it shows and the `asterisk_id` in its events. All its connections share an
//! [`Ari`], and so rooms, subscriptions and counters. It brings an application over one lasting connection, or each call
//! over a connection of its own, by the name `NAME:CHANNEL`. Each such name is served like a name on a dialled socket;
//! a connection that comes back finds its calls where they were.

mod known;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use serde::Deserialize;
use tokio::sync::{OnceCell, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::{error, warn};

use known::{Identity, Known, Opening, Visit, describe};

use super::application::Application;
use super::guarded;
use super::run::{Run, clear_up};
use super::running::Running;
use super::settings::Settings;
use super::shutdown::Shutdown;
use crate::client::{Ari, Peers};
use crate::connection::{Accepted, Connection, Source, Status};
use crate::error::Result;
use crate::transport::{Arrival, Listener, Session};

/// How many sockets may wait to be looked at.
const ARRIVALS: usize = 64;

/// How long a socket that is not wanted stays open.
const PENANCE: Duration = Duration::from_secs(5);

/// An application, and all who dial us for it.
pub(super) struct House<A> {
    peers: Peers,
    name: String,
    application: Arc<A>,
    settings: Settings,
    /// What was made before is another program's.
    since: SystemTime,
    /// How often the services were asked to stop.
    asked: watch::Sender<u32>,
    /// Has a token of each service whose calls have not ended.
    unsettled: TaskTracker,
    /// The sockets are to be closed.
    closing: CancellationToken,
    services: TaskTracker,
    /// The services end, whatever they do.
    ended: CancellationToken,
    known: Mutex<Known>,
}

/// What a service and the others in its house have in common.
#[derive(Debug)]
pub(super) struct Housemate {
    pub(super) unsettled: TaskTrackerToken,
    pub(super) closing: CancellationToken,
}

impl Housemate {
    /// The calls have ended: waits until those of the others have, because Asterisk would open the socket again.
    pub(super) async fn part(self, connection: &mut JoinHandle<Result<()>>) {
        drop(self.unsettled);
        if connection.is_finished() {
            return;
        }
        tokio::select! {
            () = self.closing.cancelled() => {}
            _ = connection => {}
        }
    }
}

/// What the first event on a socket tells of who opened it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Introduction {
    application: String,
    asterisk_id: String,
}

impl<A: Application> House<A> {
    pub(super) fn new(peers: Peers, name: String, application: A, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            peers,
            name,
            application: Arc::new(application),
            settings,
            since: SystemTime::now(),
            asked: watch::Sender::new(0),
            unsettled: TaskTracker::new(),
            closing: CancellationToken::new(),
            services: TaskTracker::new(),
            ended: CancellationToken::new(),
            known: Mutex::default(),
        })
    }

    /// Serves who comes until it is asked to stop, and then until the calls have ended.
    pub(super) async fn run(
        self: Arc<Self>,
        listener: Listener,
        mut shutdown: Shutdown,
        status: &watch::Sender<Status>,
    ) -> Result<()> {
        // Whatever becomes of this future, the services end.
        let _ended = self.ended.clone().drop_guard();
        let (arrivals, mut arrived) = mpsc::channel(ARRIVALS);
        let mut listening = std::pin::pin!(listener.run(arrivals));
        status.send_replace(Status::Live);
        // One future all along: a signal that nobody waits for is lost.
        let mut asking = std::pin::pin!(async {
            loop {
                let asked = shutdown.asked().await;
                // Who comes back meanwhile is let in: its calls may go on.
                self.asked.send_modify(|asked| *asked = asked.saturating_add(1));
                status.send_replace(Status::Draining);
                self.unsettled.close();
                if let Err(error) = asked {
                    break error;
                }
            }
        });
        let served = loop {
            tokio::select! {
                () = &mut listening => {}
                Some(arrival) = arrived.recv() => self.admit(arrival),
                error = &mut asking => break Err(error),
                () = self.unsettled.wait() => break Ok(()),
            }
        };
        self.clear_up().await;
        self.closing.cancel();
        self.services.close();
        self.services.wait().await;
        served
    }

    /// Looks who has opened a socket.
    fn admit(self: &Arc<Self>, arrival: Arrival) {
        let Introduction {
            application,
            asterisk_id,
        } = serde_json::from_slice(&arrival.first).unwrap_or_default();
        let identity = (arrival.username, asterisk_id);
        let Some(per_call) = self.serves(&application) else {
            let why = format!("application `{application}` is not served here (`apps` in ari.conf)");
            self.turn_out(&identity, arrival.session, why);
            return;
        };
        let met = self.lock().meet(&identity, &self.peers);
        match met {
            Ok(()) => self.show_in(
                Visit {
                    identity,
                    application,
                    per_call,
                },
                arrival.session,
            ),
            Err(error) => self.turn_out(&identity, arrival.session, error.to_string()),
        }
    }

    /// Closes a socket that is not wanted, in a while: Asterisk opens it again at once.
    fn turn_out(&self, identity: &Identity, session: Session, why: String) {
        error!(peer = describe(identity), "{why}");
        let ended = self.ended.clone();
        let closing = self.closing.clone();
        self.services.spawn(async move {
            let wait = closing.run_until_cancelled(sleep(PENANCE));
            let turned_out = async {
                wait.await;
                session.refuse(&why).await;
            };
            ended.run_until_cancelled(turned_out).await;
        });
    }

    /// Whether calls of this application are served, and by a connection for each.
    fn serves(&self, application: &str) -> Option<bool> {
        match application.strip_prefix(&self.name)? {
            "" => Some(false),
            rest => rest.starts_with(':').then_some(true),
        }
    }

    /// Gives a socket to the service of its application, which is started if there is none.
    fn show_in(self: &Arc<Self>, visit: Visit, session: Session) {
        let Some(opening) = self.lock().show_in(&visit, session) else {
            return;
        };
        let house = Arc::clone(self);
        self.services.spawn(async move {
            let door = opening.door.clone();
            let service = house.serve(&visit, opening);
            house.ended.run_until_cancelled(service).await;
            house.lock().forget(&visit, &door);
        });
    }

    /// Serves one application of one Asterisk to its end.
    async fn serve(&self, visit: &Visit, opening: Opening) {
        let Opening {
            ari,
            started,
            door,
            sessions,
        } = opening;
        let unsettled = self.unsettled.token();
        let peer = describe(&visit.identity);
        if !self.start(&ari, &started, &peer).await {
            drop(unsettled);
            // Asterisk would open the socket again at once.
            self.closing.run_until_cancelled(sleep(PENANCE)).await;
            return;
        }
        let ari = if visit.per_call { ari.with_own_lines() } else { ari };
        let lines = Arc::clone(ari.lines());
        let application = Arc::clone(&self.application);
        let mut running = Running::new(ari, &visit.application, application, self.settings.clone());
        running.per_call = visit.per_call;
        running.replaced = door.replaced;
        running.since = self.since;
        let running = Arc::new(running);
        let close = CancellationToken::new();
        let status = watch::Sender::new(Status::Connecting);
        let connection = Connection {
            source: Source::Accept(Accepted {
                sessions,
                application: visit.application.clone(),
                peer,
                per_call: visit.per_call,
            }),
            lines,
            sink: Arc::clone(&running),
            status: status.clone(),
            stop: close.clone(),
            replaced: running.replaced.clone(),
            patient: true,
        };
        let run = Run {
            running,
            status,
            shutdown: Shutdown::Asked.together(self.asked.subscribe()),
            close,
            house: Some(Housemate {
                unsettled,
                closing: self.closing.clone(),
            }),
        };
        if let Err(failure) = run.until_over(connection).await {
            error!(%failure, "an application's service ended");
        }
    }

    /// Prepares the application for an Asterisk that is here for the first time, unless it is to stop meanwhile.
    async fn start(&self, ari: &Ari, started: &OnceCell<()>, peer: &str) -> bool {
        let start = started.get_or_try_init(|| async {
            // Within the async block, so that code before the application's own future is guarded as well.
            let start = async { self.application.on_start(ari).await };
            let start = guarded("its start", start).await;
            start.unwrap_or_else(|| Err("it panicked".into()))
        });
        let mut asked = self.asked.subscribe();
        tokio::select! {
            biased;
            started = start => {
                let failure = started.err();
                if let Some(failure) = &failure {
                    error!(peer, "the application does not start: {failure}");
                }
                failure.is_none()
            }
            _ = asked.wait_for(|times| *times > 0) => {
                warn!(peer, "asked to stop before the application had started");
                false
            }
        }
    }

    /// Rooms are destroyed by what their last members' ends tell, so that the sockets are still needed.
    async fn clear_up(&self) {
        let all = self.lock().clients();
        join_all(all.iter().map(clear_up)).await;
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // No code that can panic runs under this lock.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A> fmt::Debug for House<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("House")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
