//! What the tests of the framework have in common: a fake Asterisk and an application that runs on it.
#![allow(dead_code, reason = "each test program uses a part")]

pub(crate) mod dialler;
pub(crate) mod log;
pub(crate) mod server;

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::{Ending, FakeAsterisk, HungUpBy};
use ari_client::{Service, Status};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(10);

/// The application's name.
pub(crate) const APP: &str = "EVERYTHING";

/// A client of the fake.
pub(crate) fn ari(asterisk: &FakeAsterisk) -> Ari {
    Ari::builder(asterisk.url())
        .credentials(asterisk.username(), asterisk.password())
        .build()
        .unwrap()
}

/// A fake on which this sound lasts so long.
pub(crate) async fn with_sound(sound: &str, lasts: Duration) -> FakeAsterisk {
    let builder = FakeAsterisk::builder().sound(sound, lasts);
    builder.start().await.unwrap()
}

/// An application that tells its test what each call saw.
pub(crate) fn telling<T, F, R>(on_call: F) -> (impl Application, mpsc::UnboundedReceiver<T>)
where
    T: Send + 'static,
    F: Fn(Call, mpsc::UnboundedSender<T>) -> R + Send + Sync + 'static,
    R: Future<Output = Result> + Send + 'static,
{
    let (tell, told) = mpsc::unbounded_channel();
    (move |call: Call| on_call(call, tell.clone()), told)
}

/// A service that runs until it is stopped.
pub(crate) struct Running {
    pub(crate) status: watch::Receiver<Status>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result>,
}

impl Running {
    /// Runs an application and waits until it is live.
    pub(crate) async fn start(asterisk: &FakeAsterisk, application: impl Application) -> Self {
        Self::with(ari(asterisk).service(APP, application)).await
    }

    /// Runs a service and waits until it is live.
    pub(crate) async fn with<A: Application>(service: Service<A>) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let service = service.stop_when(async {
            let _ = stopped.await;
        });
        let mut status = service.status();
        let task = tokio::spawn(service.run());
        within(status.wait_for(Status::takes_calls)).await.unwrap();
        Self {
            status,
            stop: Some(stop),
            task,
        }
    }

    /// Asks it to stop.
    pub(crate) fn ask_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) -> Result {
        within(self.task).await.unwrap()
    }

    /// Stops it and waits for its end, which is to be a good one.
    pub(crate) async fn stop(mut self) {
        self.ask_to_stop();
        self.ended().await.unwrap();
    }
}

/// Waits for something that is to happen soon.
pub(crate) async fn within<F: IntoFuture>(future: F) -> F::Output {
    tokio::time::timeout(LONG, future)
        .await
        .expect("it did not happen in time")
}

/// Waits until something is true that nothing announces; `what` names it.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let found = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, found)
        .await
        .unwrap_or_else(|_| panic!("waited in vain until {what}"));
}

/// How many such requests were answered so far.
pub(crate) fn requests(asterisk: &FakeAsterisk, method: &str, path: &str) -> usize {
    let requests = asterisk.requests();
    requests.iter().filter(|request| request.is(method, path)).count()
}

/// How many channels the application hung up so far, or tried to.
pub(crate) fn hangups(asterisk: &FakeAsterisk) -> usize {
    requests(asterisk, "DELETE", "/channels/*")
}

/// The cause with which the application hung up, if it was the application.
pub(crate) fn hung_up_with(ending: &Ending) -> Option<u16> {
    match ending {
        Ending::HungUp {
            by: HungUpBy::Application,
            cause,
            ..
        } => Some(*cause),
        _ => None,
    }
}
