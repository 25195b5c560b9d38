//! The program that the Asterisks dial.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ari_client::EndReason;
use ari_client::prelude::*;
use tokio::sync::mpsc;

use crate::support::dialler::{Dialler, NO_CHANNELS, USER};
use crate::support::{Running, within};

/// A server on a free port.
pub(crate) fn server() -> (AriServer, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (AriServer::on(listener).credentials(USER.0, USER.1), address)
}

/// How the call of this channel ended.
type End = (String, EndReason);

/// Answers each call, and tells how it ended.
pub(crate) struct Answers {
    starts: Arc<AtomicUsize>,
    ends: mpsc::UnboundedSender<End>,
}

impl Answers {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<End>) {
        let (ends, ended) = mpsc::unbounded_channel();
        let starts = Arc::default();
        (Self { starts, ends }, ended)
    }
}

impl Application for Answers {
    async fn on_start(&self, _: &Ari) -> Result {
        self.starts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        let reason = call.ended().await.reason;
        self.ends.send((call.id().to_string(), reason))?;
        Ok(())
    }
}

/// A server that runs [`Answers`] as `ivr`.
pub(crate) struct Ivr {
    pub(crate) address: SocketAddr,
    pub(crate) service: Running,
    starts: Arc<AtomicUsize>,
    ended: mpsc::UnboundedReceiver<End>,
}

impl Ivr {
    pub(crate) async fn start() -> Self {
        Self::with(|server| server).await
    }

    /// A server with these settings.
    pub(crate) async fn with(set: impl FnOnce(AriServer) -> AriServer) -> Self {
        let (server, address) = server();
        let (application, ended) = Answers::new();
        let starts = Arc::clone(&application.starts);
        let service = Running::with(set(server).service("ivr", application)).await;
        Self {
            address,
            service,
            starts,
            ended,
        }
    }

    /// An Asterisk dials in and has no channels.
    pub(crate) async fn connected(&self) -> Dialler {
        let mut asterisk = Dialler::dial(self.address, "ivr").await;
        asterisk.serve("GET", "channels", 200, NO_CHANNELS).await;
        asterisk
    }

    /// The end of the next call that ends.
    pub(crate) async fn end(&mut self) -> End {
        within(self.ended.recv()).await.unwrap()
    }

    /// For how many Asterisks the application was started.
    pub(crate) fn starts(&self) -> usize {
        self.starts.load(Ordering::Relaxed)
    }

    pub(crate) async fn stop(self) {
        self.service.stop().await;
    }
}
