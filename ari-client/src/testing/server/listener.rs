//! Accepting connections, and stopping to.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Server, connection};
use crate::error::{Error, ErrorKind, Result};

/// The listening socket, on a port that stays the same.
#[derive(Debug)]
pub(in crate::testing) struct Listener {
    address: SocketAddr,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on a free port.
    pub(in crate::testing) async fn start(server: &Arc<Server>) -> Result<Self> {
        let (address, listener) = bind(0).await?;
        let mut this = Self {
            address,
            stop: server.lifetime.child_token(),
            task: None,
        };
        this.serve(server, listener);
        Ok(this)
    }

    pub(in crate::testing) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Refuses new connections from now on.
    pub(in crate::testing) async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // It has let go of the port when it is over; that it was cancelled says nothing more.
            let _ = task.await;
        }
    }

    /// Accepts connections again, on the same port.
    pub(in crate::testing) async fn resume(&mut self, server: &Arc<Server>) -> Result<()> {
        if self.task.is_none() {
            let (_, listener) = bind(self.address.port()).await?;
            self.stop = server.lifetime.child_token();
            self.serve(server, listener);
        }
        Ok(())
    }

    fn serve(&mut self, server: &Arc<Server>, listener: TcpListener) {
        let server = Arc::clone(server);
        let stop = self.stop.clone();
        self.task = Some(tokio::spawn(async move {
            while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
                tokio::spawn(connection::serve(Arc::clone(&server), stream));
            }
        }));
    }
}

async fn bind(port: u16) -> Result<(SocketAddr, TcpListener)> {
    let failed = |error| {
        let what = format!("the fake Asterisk cannot listen on port {port} of 127.0.0.1");
        Error::new(ErrorKind::Invalid, what).with_source(error)
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(failed)?;
    Ok((listener.local_addr().map_err(failed)?, listener))
}
