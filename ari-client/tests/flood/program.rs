//! A service on a server that floods it.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ari_client::prelude::*;
use ari_client::{AriBuilder, Service};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::corpus::{APP, beginnings};
use crate::server::Server;

/// Longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// A service that is live.
pub(crate) struct Program {
    pub(crate) ari: Ari,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result>,
    socket: Option<TcpStream>,
    _server: Server,
}

impl Program {
    /// Runs an application with settings of its own, and waits until it is live.
    pub(crate) async fn start<A: Application>(
        application: A,
        client: impl FnOnce(AriBuilder) -> AriBuilder,
        settings: impl FnOnce(Service<A>) -> Service<A>,
    ) -> Self {
        let server = Server::start(Vec::new()).unwrap();
        let ari = client(Ari::builder(server.url()).credentials("ari", "secret"))
            .build()
            .unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let service = settings(ari.service(APP, application)).stop_when(async {
            let _ = stopped.await;
        });
        let mut status = service.status();
        let task = tokio::spawn(service.run());
        within(status.wait_for(Status::takes_calls)).await.unwrap();
        let socket = Some(server.socket().unwrap());
        Self {
            ari,
            stop,
            task,
            socket,
            _server: server,
        }
    }

    /// Writes frames to the event socket, as fast as it takes them, beside what else goes on.
    pub(crate) async fn write(&mut self, frames: Vec<Vec<u8>>) {
        let mut socket = self.socket.take().unwrap();
        let written = tokio::task::spawn_blocking(move || {
            frames.iter().try_for_each(|frames| socket.write_all(frames))?;
            Ok::<_, std::io::Error>(socket)
        });
        self.socket = Some(within(written).await.unwrap().unwrap());
    }

    /// Begins calls, and waits until the code of all of them, which counts in `begun`, runs: what they cost is not
    /// what waits to be read.
    pub(crate) async fn begin(&mut self, calls: usize, begun: &AtomicUsize) {
        self.write(vec![beginnings(calls).unwrap()]).await;
        let all = async {
            while begun.load(Ordering::Relaxed) < calls {
                sleep(Duration::from_millis(5)).await;
            }
        };
        within(all).await;
    }

    /// Stops the service and waits for its end, which is to be a good one.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        within(self.task).await.unwrap().unwrap();
    }
}

/// Waits for something that is to happen.
pub(crate) async fn within<F: IntoFuture>(future: F) -> F::Output {
    timeout(LONG, future).await.expect("it did not happen in time")
}
