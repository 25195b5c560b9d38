//! An application with its settings, ready to run.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::application::Application;
use super::guarded;
use super::house::{House, Housemate};
use super::mailbox::Item;
use super::resync::CALL_COMES;
use super::running::Running;
use super::settings::{Disposition, Resume, Settings};
use super::shutdown::Shutdown;
use crate::client::{Ari, LONGEST};
use crate::connection::{self, Connection, Source, Status};
use crate::error::{Error, ErrorKind, Failure, Result};
use crate::event::Event;
use crate::handles::EndReason;
use crate::server::AriServer;

/// What the last calls get beyond their grace period, to be hung up and cleaned up after.
const LAST_WORDS: Duration = Duration::from_secs(15);

/// How long calls may take to be turned away that came with the last events.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// How long the rooms may take to be destroyed when the last calls are gone.
const ROOMS: Duration = Duration::from_secs(5);

/// How long it may take to take away what nobody waited for.
const CHORES: Duration = Duration::from_secs(5);

/// An application that is ready to run; see [`Ari::service`].
#[must_use = "a service does nothing until `run` is awaited"]
pub struct Service<A> {
    origin: Origin,
    name: String,
    application: A,
    settings: Settings,
    shutdown: Shutdown,
    status: watch::Sender<Status>,
}

/// Where the calls of a service come from.
enum Origin {
    /// An Asterisk that we dial.
    Dial(Ari),
    /// Those who dial us.
    Listen(Box<AriServer>),
}

impl<A: Application> Service<A> {
    pub(crate) fn new(ari: Ari, name: String, application: A) -> Self {
        Self::of(Origin::Dial(ari), name, application)
    }

    pub(crate) fn listening(server: AriServer, name: String, application: A) -> Self {
        Self::of(Origin::Listen(Box::new(server)), name, application)
    }

    fn of(origin: Origin, name: String, application: A) -> Self {
        Self {
            origin,
            name,
            application,
            settings: Settings::default(),
            shutdown: Shutdown::Signals,
            status: watch::Sender::new(Status::Connecting),
        }
    }

    /// What happens to a call whose application returned, with the channel still in Stasis: hung up by default.
    pub fn on_return(mut self, disposition: Disposition) -> Self {
        self.settings.on_return = disposition;
        self
    }

    /// What happens to a call whose application failed or panicked: hung up by default.
    pub fn on_error(mut self, disposition: Disposition) -> Self {
        self.settings.on_error = disposition;
        self
    }

    /// What happens to new calls while the service drains: they continue in the dialplan by default.
    pub fn while_draining(mut self, disposition: Disposition) -> Self {
        self.settings.while_draining = disposition;
        self
    }

    /// What happens to channels that wait in this application's Stasis when the event socket opens, and that are no
    /// calls yet: they become calls by default.
    pub fn on_resume(mut self, resume: Resume) -> Self {
        self.settings.on_resume = resume;
        self
    }

    /// How long an application may take to come back after its call ended. 10 s by default.
    pub fn grace_period(mut self, grace: Duration) -> Self {
        self.settings.grace = grace.min(LONGEST);
        self
    }

    /// How long live calls may go on after the service was asked to stop. 60 s by default; then they are hung up.
    pub fn drain_deadline(mut self, deadline: Duration) -> Self {
        self.settings.drain = deadline;
        self
    }

    /// How many bytes of events a call's mailbox holds. 256 KiB by default.
    pub fn mailbox_limit(mut self, bytes: usize) -> Self {
        self.settings.mailbox = bytes;
        self
    }

    /// Receives all events of the server, not only those of this application's objects. They reach
    /// [`Application::on_event`] and [`Ari::events`].
    ///
    /// Where Asterisks [dial in](AriServer), `ari.conf` decides that (`subscribe_all=yes`), and this is refused.
    pub fn subscribe_all(mut self) -> Self {
        self.settings.subscribe_all = true;
        self
    }

    /// Claims every call that the dialplan offers by `StasisBroadcast`, without asking
    /// [`Application::on_broadcast`]: calls that are won come to the application like any other.
    pub fn claim_broadcasts(mut self) -> Self {
        self.settings.claim_broadcasts = true;
        self
    }

    /// Tries again where even the first connection fails, unless Asterisk refuses the credentials, or a server is there
    /// and knows no ARI for half a minute.
    ///
    /// Where Asterisks [dial in](AriServer) it is they that try again, and this is refused.
    pub fn retry_first_connection(mut self) -> Self {
        self.settings.patient = true;
        self
    }

    /// Stops the service when `asked` resolves, in place of SIGTERM and ctrl-c.
    pub fn stop_when(mut self, asked: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Shutdown::When(Box::pin(asked));
        self
    }

    /// Whether calls can be taken; a receiver that sees each change.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// The application's name, and its server.
    pub(super) fn title(&self) -> String {
        match &self.origin {
            Origin::Dial(ari) => format!("application {} at {}", self.name, ari.name()),
            Origin::Listen(server) => format!("application {} at {server}", self.name),
        }
    }

    /// Has the service stop also when `asked` counts up.
    pub(super) fn together(mut self, asked: watch::Receiver<u32>) -> Self {
        self.shutdown = self.shutdown.together(asked);
        self
    }

    /// Runs the application until it is asked to stop, and then until its calls have ended or the drain deadline
    /// has passed. Asked again, it hangs up at once.
    ///
    /// # Errors
    /// As [`Ari::run`].
    pub fn run(self) -> impl Future<Output = Result<(), Failure>> + Send {
        // Declared `Send`: left to inference, some closures that are would not be seen to be.
        self.run_checked()
    }

    async fn run_checked(self) -> Result<(), Failure> {
        connection::check_application_name(&self.name)?;
        match self.origin {
            Origin::Dial(ari) => {
                let dialled = Dialled {
                    ari,
                    name: self.name,
                    application: self.application,
                    settings: self.settings,
                };
                dialled.run(self.shutdown, self.status).await
            }
            Origin::Listen(server) => {
                self.settings.check_for_server()?;
                let (listener, peers) = server.listen().await?;
                let house = House::new(peers, self.name, self.application, self.settings);
                let ended = house.run(listener, self.shutdown, &self.status).await;
                self.status.send_replace(Status::Stopped);
                Ok(ended?)
            }
        }
    }
}

/// An application for one Asterisk, which is dialled.
struct Dialled<A> {
    ari: Ari,
    name: String,
    application: A,
    settings: Settings,
}

impl<A: Application> Dialled<A> {
    async fn run(self, shutdown: Shutdown, status: watch::Sender<Status>) -> Result<(), Failure> {
        let (ari, name) = (self.ari, self.name);
        let dialer = ari.dialer(name.clone(), self.settings.subscribe_all)?;
        self.application.on_start(&ari).await?;
        let lines = Arc::clone(ari.lines());
        let application = Arc::new(self.application);
        let running = Arc::new(Running::new(ari, &name, application, self.settings));
        let close = CancellationToken::new();
        let connection = Connection {
            source: Source::Dial(Box::new(dialer)),
            lines,
            sink: Arc::clone(&running),
            status: status.clone(),
            stop: close.clone(),
            replaced: running.replaced.clone(),
            patient: running.settings.patient,
        };
        let run = Run {
            running,
            status,
            shutdown,
            close,
            house: None,
        };
        Ok(run.until_over(connection).await?)
    }
}

/// A service that runs.
pub(super) struct Run<A> {
    pub(super) running: Arc<Running<A>>,
    pub(super) status: watch::Sender<Status>,
    pub(super) shutdown: Shutdown,
    pub(super) close: CancellationToken,
    /// The others, where it is one of several.
    pub(super) house: Option<Housemate>,
}

impl<A: Application> Run<A> {
    pub(super) async fn until_over(mut self, connection: Connection<Arc<Running<A>>>) -> Result<()> {
        // Whatever happens to this future, the tasks that it started end.
        let _close = self.close.clone().drop_guard();
        let _abort = self.running.abort.clone().drop_guard();
        let mut connection = tokio::spawn(connection.run());
        let unowned = tokio::spawn(take_unowned(Arc::clone(&self.running)));
        let ended = tokio::select! {
            ended = &mut connection => {
                if self.house.is_some() {
                    // Asterisk does not come back for them.
                    self.running.end_all(EndReason::Lost);
                }
                self.running.terminate.cancel();
                ended.unwrap_or_else(|panic| Err(task_died(panic)))
            }
            () = self.running.replaced.cancelled() => self.give_way(),
            asked = self.shutdown.asked() => match asked {
                Ok(()) => self.drain().await,
                Err(error) => Err(error),
            },
        };
        self.running.draining.cancel();
        settle(&self.running).await;
        match self.house {
            None => clear_up(&self.running.ari).await,
            Some(house) => house.part(&mut connection).await,
        }
        self.close.cancel();
        if !connection.is_finished() {
            // It closes the socket and ends; how no longer matters.
            let _ = connection.await;
        }
        // Calls may have come until the socket was closed: they are turned away.
        calls_end(&self.running, LAST_CALLS).await;
        self.running.abort.cancel();
        let _ = unowned.await;
        self.status.send_replace(Status::Stopped);
        ended
    }

    /// Another client has the application now: no more events come, and its calls are that client's.
    fn give_way(&self) -> Result<()> {
        // The socket stays open until the calls are cleaned up after: it may be what carries their requests.
        self.running.end_all(EndReason::Replaced);
        let name = &self.running.name;
        Err(Error::new(
            ErrorKind::Replaced,
            format!("another client took over application {name}"),
        ))
    }

    /// Lets live calls go on for a while, and turns new ones away.
    async fn drain(&mut self) -> Result<()> {
        self.running.draining.cancel();
        self.status.send_replace(Status::Draining);
        let deadline = self.running.settings.drain;
        let calls = self.running.tasks.len();
        if self.running.per_call {
            debug!(calls, ?deadline, "draining");
        } else {
            info!(calls, ?deadline, "draining");
        }
        if self.running.per_call {
            // The call for which the connection was opened is to be turned away.
            let _ = timeout(CALL_COMES, self.running.came.cancelled()).await;
        }
        self.running.tasks.close();
        tokio::select! {
            () = self.running.tasks.wait() => {}
            () = tokio::time::sleep(deadline) => warn!(calls = self.running.tasks.len(), "the drain deadline has passed"),
            _ = self.shutdown.asked() => warn!(calls = self.running.tasks.len(), "asked again to stop"),
            () = self.running.replaced.cancelled() => {
                info!("the successor has registered: it has the calls now");
                // That the application is in other hands is what a service that drains is there for.
                let _ = self.give_way();
                return Ok(());
            }
        }
        self.running.terminate.cancel();
        Ok(())
    }
}

/// Waits until the calls have come to their end.
async fn settle<A>(running: &Running<A>) {
    if !calls_end(running, running.settings.grace + LAST_WORDS).await {
        warn!("calls did not come to an end in time: their tasks have a few seconds left");
        running.abort.cancel();
    }
}

/// Waits until what the calls left behind is cleaned up.
pub(super) async fn clear_up(ari: &Ari) {
    // Rooms are destroyed by what their last members' ends tell, so that the socket is still needed.
    if timeout(ROOMS, ari.rooms().settle()).await.is_err() {
        warn!("rooms are left that are not empty");
    }
    if timeout(CHORES, ari.chores().wait()).await.is_err() {
        warn!("bridges or channels may be left that nobody waited for");
    }
}

async fn calls_end<A>(running: &Running<A>, patience: Duration) -> bool {
    running.tasks.close();
    timeout(patience, running.tasks.wait()).await.is_ok()
}

/// Gives the events that no call owns to the application, until the service ends.
async fn take_unowned<A: Application>(running: Arc<Running<A>>) {
    let what = "an event that no call owns";
    let give = async {
        while let Some(item) = running.unowned.next().await {
            match item {
                Item::Frame(event_type, frame) => {
                    let event = Event::of_type(event_type, frame);
                    guarded(what, async {
                        running.application.on_event(&running.ari, event).await;
                    })
                    .await;
                }
                Item::Gap(length) => {
                    guarded(what, async {
                        running.application.on_gap(&running.ari, length).await;
                    })
                    .await;
                }
                Item::Gone(_) => {}
                Item::Lagged(count) => warn!(
                    count,
                    "events that no call owns were dropped: `on_event` is too slow"
                ),
            }
        }
    };
    tokio::select! {
        () = give => {}
        () = running.abort.cancelled() => {}
    }
}

fn task_died(panic: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Disconnected, "the connection's task died").with_source(panic)
}

impl<A> fmt::Debug for Service<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
