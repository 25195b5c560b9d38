//! The server's end of an external media channel.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;

use crate::error::{Error, ErrorKind, Result};

/// Room for any UDP datagram.
const DATAGRAM_LIMIT: usize = 65_535;

/// The RTP socket of an external media channel: what goes in here reaches the external host as Asterisk's RTP would,
/// and what that host sends to Asterisk comes out.
///
/// The datagrams are the test's own: the server sends and reads none.
#[derive(Debug)]
pub struct MediaSocket {
    socket: UdpSocket,
    deadline: Duration,
}

impl MediaSocket {
    pub(super) fn new(socket: &Arc<std::net::UdpSocket>, deadline: Duration) -> Result<Self> {
        let socket = socket
            .try_clone()
            .and_then(UdpSocket::from_std)
            .map_err(|error| failed("be used", error))?;
        Ok(Self { socket, deadline })
    }

    /// Sends a datagram to the external host.
    ///
    /// # Errors
    /// When the external host has no socket open.
    pub async fn send(&self, datagram: &[u8]) -> Result<()> {
        self.socket
            .send(datagram)
            .await
            .map(drop)
            .map_err(|error| failed("send", error))
    }

    /// Waits for the next datagram from the external host.
    ///
    /// # Errors
    /// When none comes within the deadline.
    pub async fn receive(&self) -> Result<Vec<u8>> {
        let mut datagram = vec![0; DATAGRAM_LIMIT];
        let received = tokio::time::timeout(self.deadline, self.socket.recv(&mut datagram)).await;
        let length = received
            .map_err(|_| {
                let context = format!(
                    "waited {:?} in vain for a datagram from the external host",
                    self.deadline
                );
                Error::new(ErrorKind::TimedOut, context)
            })?
            .map_err(|error| failed("receive", error))?;
        datagram.truncate(length);
        Ok(datagram)
    }

    /// The external host.
    ///
    /// # Errors
    /// When the socket has been lost.
    pub fn peer(&self) -> Result<SocketAddr> {
        self.socket
            .peer_addr()
            .map_err(|error| failed("tell its peer", error))
    }
}

fn failed(what: &str, error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("the external media socket cannot {what}"),
    )
    .with_source(error)
}
