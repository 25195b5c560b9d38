//! Listens for Asterisks that dial us.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::{Gate, Session};

/// How long to wait where a connection cannot be accepted, because the system has no room for it.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Takes in connections, and passes them on when they are event sockets.
#[derive(Debug)]
pub(crate) struct Listener {
    tcp: TcpListener,
    gate: Arc<Gate>,
    places: Arc<Semaphore>,
}

/// An event socket that an Asterisk has opened.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// The user name that it showed; empty where none is needed.
    pub(crate) username: String,
    /// The first event.
    pub(crate) first: Vec<u8>,
    pub(crate) session: Session,
}

impl Listener {
    /// A listener with `places` for open sockets and handshakes.
    pub(crate) fn new(tcp: TcpListener, gate: Gate, places: usize) -> Self {
        Self {
            tcp,
            gate: Arc::new(gate),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Listens until this future is dropped.
    pub(crate) async fn run(self, arrivals: mpsc::Sender<Arrival>) {
        let mut handshakes = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.accept() => match accepted {
                    Ok((stream, address, place)) => {
                        let gate = Arc::clone(&self.gate);
                        handshakes.spawn(take_in(gate, stream, address, place, arrivals.clone()));
                    }
                    Err(error) => {
                        warn!(%error, "cannot accept a connection");
                        sleep(NO_ROOM).await;
                    }
                },
                Some(_) = handshakes.join_next() => {}
            }
        }
    }

    /// The next connection. Where there is no place, it waits in the system's queue.
    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let places = Arc::clone(&self.places);
        if places.available_permits() == 0 {
            warn!("all places for connections are taken: others wait");
        }
        let place = places.acquire_owned().await.map_err(io::Error::other)?;
        let (stream, address) = self.tcp.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, address, place))
    }
}

/// Shakes hands, and passes the socket on when its first event tells who is there.
async fn take_in(
    gate: Arc<Gate>,
    stream: TcpStream,
    address: SocketAddr,
    place: OwnedSemaphorePermit,
    arrivals: mpsc::Sender<Arrival>,
) {
    let (username, mut session) = match gate.accept(stream).await {
        Ok(accepted) => accepted,
        Err(error) => {
            let failure = crate::error::Failure::from(error);
            warn!(%address, "no Asterisk was let in: {failure}");
            return;
        }
    };
    let first = match timeout(gate.deadline, session.first()).await {
        Ok(Ok(first)) => first.to_vec(),
        Ok(Err(error)) => {
            warn!(%address, username, "an event socket ended before its first event: {error}");
            return;
        }
        Err(_) => {
            warn!(%address, username, "an event socket on which no event came");
            return;
        }
    };
    session.hold(place);
    let arrival = Arrival {
        username,
        first,
        session,
    };
    // Nobody takes it when the server has just ended.
    let _ = arrivals.send(arrival).await;
}
