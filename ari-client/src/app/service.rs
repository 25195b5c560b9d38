//! An application with its settings, ready to run.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::application::Application;
use super::house::House;
use super::run::Run;
use super::running::Running;
use super::settings::{Disposition, Resume, Settings};
use super::shutdown::Shutdown;
use crate::client::{Ari, LONGEST};
use crate::connection::{self, Connection, Source, Status};
use crate::error::{Failure, Result};
use crate::server::AriServer;

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

impl<A> fmt::Debug for Service<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
