//! A fake Asterisk with an application on it.

use std::future::Future;
use std::time::Duration;

use ari_client::testing::FakeAsterisk;
use ari_client::{Application, Ari, Failure};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(crate) const APP: &str = "EVERYTHING";

/// An application that runs, on a server of its own.
pub(crate) struct House {
    pub(crate) asterisk: FakeAsterisk,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), Failure>>,
}

impl House {
    pub(crate) async fn open(application: impl Application) -> Self {
        let asterisk = FakeAsterisk::start().await.unwrap();
        let ari = Ari::builder(asterisk.url())
            .credentials(asterisk.username(), asterisk.password())
            .build()
            .unwrap();
        let (stop, asked) = oneshot::channel::<()>();
        let service = ari.service(APP, application).stop_when(async {
            let _ = asked.await;
        });
        let running = tokio::spawn(service.run());
        asterisk.wait_for_application(APP).await.unwrap();
        Self {
            asterisk,
            stop,
            running,
        }
    }

    /// Checks that nothing is left when all callers are gone, and that the application ends well.
    pub(crate) async fn close(self) {
        self.asterisk.wait_until_idle().await.unwrap();
        self.stop.send(()).unwrap();
        within(self.running).await.unwrap().unwrap();
    }
}

/// Waits, but not for ever.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(10), future).await.unwrap()
}
