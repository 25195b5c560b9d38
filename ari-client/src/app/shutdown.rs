//! What tells a service to stop.

use std::future::Future;
use std::pin::Pin;

use crate::error::{Error, ErrorKind, Result};

/// Asks a service to drain; asked again, to end at once.
pub(super) enum Shutdown {
    /// SIGTERM or ctrl-c.
    Signals,
    /// The user's own; it can ask once.
    When(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// The user's own has asked.
    Asked,
}

impl Shutdown {
    /// Waits until the service is asked (again) to stop.
    pub(super) async fn asked(&mut self) -> Result<()> {
        match self {
            Self::Signals => signalled().await.map_err(|error| {
                Error::new(ErrorKind::Invalid, "cannot listen for signals").with_source(error)
            }),
            Self::When(asked) => {
                asked.await;
                *self = Self::Asked;
                Ok(())
            }
            Self::Asked => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
