//! Opens connections to the server.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Stream;
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

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect().await.map(TokioIo::new) })
    }
}
