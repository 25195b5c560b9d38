//! Opens connections to the server.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::Stream;
use super::stream::Pooled;
#[cfg(feature = "tls")]
use super::tls;
use crate::config::Server;

/// Opens connections to one server; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    authority: String,
    deadline: Duration,
    #[cfg(feature = "tls")]
    tls: Option<tls::Client>,
}

impl Connector {
    pub(crate) fn new(server: &Server, deadline: Duration) -> Self {
        Self {
            authority: server.authority.clone(),
            deadline,
            #[cfg(feature = "tls")]
            tls: server.tls.clone(),
        }
    }

    /// Connects, within the deadline.
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        timeout(self.deadline, self.open()).await.unwrap_or_else(|_| {
            let context = format!("no connection within {:?}", self.deadline);
            Err(io::Error::new(io::ErrorKind::TimedOut, context))
        })
    }

    async fn open(&self) -> io::Result<Stream> {
        let stream = TcpStream::connect(self.authority.as_str()).await?;
        stream.set_nodelay(true)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.secure(stream).await;
        }
        Ok(Stream::Tcp(stream))
    }
}

/// How many connections may be on their way at once. Asterisk lets some ten wait until it accepts them; who finds no room
/// among those is kept by TCP for a second, and longer each further time.
const ON_THEIR_WAY: usize = 8;

/// A connection on which the server was not heard for so long has been accepted: what it was asked takes its time.
const ACCEPTED: Duration = Duration::from_millis(20);

/// Where those that are on their way do not arrive, this is as long as they are waited for: as long as TCP would keep one
/// that found no room.
const TURN: Duration = Duration::from_secs(1);

/// A [`Connector`] for hyper's pool, which opens more connections than it has requests, and all at once: no more than
/// there are places, and a few at a time.
#[derive(Debug, Clone)]
pub(super) struct Bounded {
    connector: Connector,
    places: Arc<Semaphore>,
    dials: Arc<Semaphore>,
}

impl Bounded {
    pub(super) fn new(connector: Connector, places: usize) -> Self {
        Self {
            connector,
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            dials: Arc::new(Semaphore::new(ON_THEIR_WAY)),
        }
    }
}

impl tower_service::Service<Uri> for Bounded {
    type Response = TokioIo<Pooled>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let Self {
            connector,
            places,
            dials,
        } = self.clone();
        Box::pin(async move {
            // Who waits here takes a connection that becomes free, if that is sooner.
            let place = places.acquire_owned().await.map_err(io::Error::other)?;
            let turn = timeout(TURN, dials.acquire_owned()).await;
            let stream = connector.connect().await?;
            let (unheard, heard) = oneshot::channel();
            tokio::spawn(async move {
                // That TCP has connected says nothing: the server need not have accepted it.
                let _ = timeout(ACCEPTED, heard).await;
                drop(turn);
            });
            Ok(TokioIo::new(Pooled::new(stream, place, unheard)))
        })
    }
}
