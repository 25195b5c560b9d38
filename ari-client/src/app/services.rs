//! Several services that run and stop together.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::error;

use super::application::Application;
use super::service::Service;
use super::shutdown::Shutdown;
use crate::error::{Error, Failure, Result};

type Run = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Several [services](Service) in one program, each with an application and settings of its own, on one Asterisk or on
/// several. They are asked to stop together, and one that fails stops the others.
///
/// ```no_run
/// use ari_client::prelude::*;
/// # async fn sales(_: Call) -> Result { Ok(()) }
/// # async fn support(_: Call) -> Result { Ok(()) }
///
/// # async fn run() -> Result {
/// let berlin = Ari::from_env()?;
/// let vienna = Ari::builder("http://127.0.0.1:8089").credentials("ari", "secret").build()?;
/// Services::new()
///     .with(berlin.service("sales", sales))
///     .with(berlin.service("support", support))
///     .with(vienna.service("support", support))
///     .run()
///     .await
/// # }
/// ```
#[must_use = "services do nothing until `run` is awaited"]
pub struct Services {
    members: Vec<Member>,
    shutdown: Shutdown,
}

/// A service of any application.
struct Member {
    /// The application's name, and where.
    name: String,
    run: Box<dyn FnOnce(watch::Receiver<u32>) -> Run + Send>,
}

impl Services {
    /// No services yet.
    pub fn new() -> Self {
        Self {
            members: Vec::new(),
            shutdown: Shutdown::Signals,
        }
    }

    /// Adds a service. Signals stop it together with the others; what it was told to
    /// [stop when](Service::stop_when) stops it alone.
    pub fn with<A: Application>(mut self, service: Service<A>) -> Self {
        self.members.push(Member {
            name: service.title(),
            run: Box::new(move |asked| Box::pin(service.together(asked).run())),
        });
        self
    }

    /// Stops all services when `asked` resolves, in place of SIGTERM and ctrl-c.
    pub fn stop_when(mut self, asked: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Shutdown::When(Box::pin(asked));
        self
    }

    /// Runs all services until they are asked to stop, and then until all have [ended](Service::run). Asked again, they
    /// hang up at once.
    ///
    /// A service that fails is the end of all: the others drain, as if they were asked to stop.
    ///
    /// # Errors
    /// Those of [`Service::run`], of the service that failed first, with its application and server.
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where there is no service, or one application of a server twice.
    pub fn run(self) -> impl Future<Output = Result<(), Failure>> + Send {
        self.run_checked()
    }

    async fn run_checked(mut self) -> Result<(), Failure> {
        self.check()?;
        let asked = watch::Sender::new(0);
        let ask = || asked.send_modify(|times| *times += 1);
        let mut running = JoinSet::new();
        for Member { name, run } in std::mem::take(&mut self.members) {
            let run = run(asked.subscribe());
            running.spawn(async move { run.await.map_err(|failure| failure.about(name)) });
        }
        let asking = async {
            loop {
                match self.shutdown.asked().await {
                    Ok(()) => ask(),
                    Err(error) => break error,
                }
            }
        };
        let mut asking = std::pin::pin!(asking);
        let mut failed: Option<Failure> = None;
        let mut may_ask = true;
        loop {
            let failure = tokio::select! {
                ended = running.join_next() => match ended {
                    None => return failed.map_or(Ok(()), Err),
                    Some(Ok(Ok(()))) => continue,
                    Some(Ok(Err(failure))) => failure,
                    Some(Err(panic)) => panic.into(),
                },
                error = &mut asking, if may_ask => {
                    may_ask = false;
                    error.into()
                }
            };
            match failed {
                Some(_) => error!("another service failed: {failure}"),
                None => {
                    error!("a service failed, the others stop: {failure}");
                    failed = Some(failure);
                    ask();
                }
            }
        }
    }

    fn check(&self) -> Result<()> {
        if self.members.is_empty() {
            return Err(Error::invalid("there is no service to run"));
        }
        let mut known = HashSet::new();
        match self.members.iter().find(|member| !known.insert(&member.name)) {
            Some(twice) => Err(Error::invalid(format!(
                "{} is added twice: the one would replace the other",
                twice.name
            ))),
            None => Ok(()),
        }
    }
}

impl Default for Services {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.members.iter().map(|member| &member.name))
            .finish()
    }
}
