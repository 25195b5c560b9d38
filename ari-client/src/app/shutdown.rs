//! What tells a service to stop.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::watch;

use crate::error::{Error, ErrorKind, Result};

/// Asks a service to drain; asked again, to end at once.
pub(super) enum Shutdown {
    /// SIGTERM or ctrl-c.
    Signals,
    /// The user's own; it can ask once.
    When(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// The user's own has asked.
    Asked,
    /// Many are asked together, and each by its own.
    Together {
        own: Box<Shutdown>,
        /// How many times they were asked.
        asked: watch::Receiver<u32>,
        seen: u32,
    },
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
            Self::Together { own, asked, seen } => tokio::select! {
                result = Box::pin(own.asked()) => result,
                Ok(_) = asked.wait_for(|times| times > seen) => {
                    *seen += 1;
                    Ok(())
                }
            },
        }
    }

    /// The same, and asked whenever `asked` counts up. Signals are for those who do the counting.
    pub(super) fn together(self, asked: watch::Receiver<u32>) -> Self {
        let own = match self {
            Self::Signals => Self::Asked,
            own => own,
        };
        Self::Together {
            own: Box::new(own),
            asked,
            seen: 0,
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn who_is_asked_with_others_hears_each_asking_once_and_its_own() {
        let asked = watch::Sender::new(0);
        let own = Shutdown::When(Box::pin(std::future::ready(())));
        let mut with_own = own.together(asked.subscribe());
        let mut signalled = Shutdown::Signals.together(asked.subscribe());
        assert!(with_own.asked().now_or_never().is_some());
        assert!(with_own.asked().now_or_never().is_none());
        assert!(signalled.asked().now_or_never().is_none());
        // Twice before anybody looked.
        asked.send_modify(|times| *times += 2);
        for shutdown in [&mut with_own, &mut signalled] {
            assert!(shutdown.asked().now_or_never().is_some());
            assert!(shutdown.asked().now_or_never().is_some());
            assert!(shutdown.asked().now_or_never().is_none());
        }
        drop(asked);
        assert!(signalled.asked().now_or_never().is_none());
    }
}
