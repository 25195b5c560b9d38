//! The server around the world: connections, sockets, timers, waits.

mod connection;
mod handshake;
mod listener;
mod rest;
mod socket;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub(super) use listener::Listener;
pub(super) use socket::Outgoing;

use super::faults::Faults;
use super::requests::Request;
use super::world::{Effect, SocketId, World};
use crate::error::{Error, ErrorKind, Result};

/// How many requests an error about a missed deadline shows.
const SHOWN_REQUESTS: usize = 6;

/// How the server was built.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) username: String,
    pub(super) password: String,
    pub(super) deadline: Duration,
    pub(super) endpoint: String,
}

/// What the tasks of the server share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) settings: Settings,
    /// Ends everything.
    pub(super) lifetime: CancellationToken,
    state: Mutex<Shared>,
    changes: watch::Sender<u64>,
    runtime: tokio::runtime::Handle,
}

/// What is behind the lock.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) world: World,
    pub(super) faults: Faults,
    pub(super) requests: Vec<Request>,
    sockets: HashMap<SocketId, mpsc::UnboundedSender<Outgoing>>,
    next_socket: SocketId,
    /// Cuts the connections that there are now.
    connections: CancellationToken,
}

impl Server {
    pub(super) fn new(settings: Settings, world: World) -> Arc<Self> {
        let lifetime = CancellationToken::new();
        let state = Shared {
            world,
            faults: Faults::default(),
            requests: Vec::new(),
            sockets: HashMap::new(),
            next_socket: 0,
            connections: lifetime.child_token(),
        };
        Arc::new(Self {
            settings,
            lifetime,
            state: Mutex::new(state),
            changes: watch::Sender::new(0),
            runtime: tokio::runtime::Handle::current(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads or changes the state, sends the events that follow from it, sets the timers, and wakes who waits.
    pub(super) fn with<R>(self: &Arc<Self>, change: impl FnOnce(&mut Shared) -> R) -> R {
        let result = {
            let mut shared = self.lock();
            let result = change(&mut shared);
            // Under the lock, so that events leave in the order in which they happened.
            for effect in shared.world.take_effects() {
                self.perform(&shared, effect);
            }
            result
        };
        self.changes.send_modify(|count| *count += 1);
        result
    }

    /// Reads the state.
    pub(super) fn read<R>(&self, read: impl FnOnce(&Shared) -> R) -> R {
        read(&self.lock())
    }

    fn perform(self: &Arc<Self>, shared: &Shared, effect: Effect) {
        match effect {
            Effect::Send { socket, text } => {
                if let Some(socket) = shared.sockets.get(&socket) {
                    // A socket that is just being closed misses it, as with Asterisk.
                    let _ = socket.send(Outgoing::Text(text));
                }
            }
            Effect::After { delay, timer } => {
                let server: Weak<Self> = Arc::downgrade(self);
                let lifetime = self.lifetime.clone();
                self.runtime.spawn(lifetime.run_until_cancelled_owned(async move {
                    tokio::time::sleep(delay).await;
                    if let Some(server) = server.upgrade() {
                        server.with(|shared| shared.world.tick(&timer));
                    }
                }));
            }
        }
    }

    /// Announces changes of the state that come from now on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Waits until `done` finds what it looks for; the error says that it waited for `what`.
    pub(super) async fn wait_for<T>(
        &self,
        what: impl Fn() -> String,
        mut done: impl FnMut(&Shared) -> Option<T>,
    ) -> Result<T> {
        let mut changes = self.changes();
        let found = async {
            loop {
                changes.mark_unchanged();
                if let Some(found) = self.read(&mut done) {
                    return Some(found);
                }
                changes.changed().await.ok()?;
            }
        };
        let found = tokio::time::timeout(self.settings.deadline, found).await;
        found.ok().flatten().ok_or_else(|| self.missed(&what()))
    }

    fn missed(&self, what: &str) -> Error {
        let requests = self.read(|shared| {
            let last = shared.requests.iter().rev().take(SHOWN_REQUESTS).rev();
            last.map(Request::to_string).collect::<Vec<_>>().join(", ")
        });
        let requests = if requests.is_empty() {
            "none".to_owned()
        } else {
            requests
        };
        let deadline = self.settings.deadline;
        Error::new(
            ErrorKind::TimedOut,
            format!("waited {deadline:?} in vain until {what}; last requests: {requests}"),
        )
    }

    /// The token that ends the connections of now.
    pub(super) fn connections(&self) -> CancellationToken {
        self.read(|shared| shared.connections.clone())
    }

    /// Ends the connections of now; later ones are not concerned.
    pub(super) fn cut_connections(self: &Arc<Self>) {
        let next = self.lifetime.child_token();
        self.with(|shared| std::mem::replace(&mut shared.connections, next))
            .cancel();
    }

    /// Sends a frame to every socket.
    pub(super) fn broadcast(&self, text: &str) {
        self.read(|shared| {
            for socket in shared.sockets.values() {
                let _ = socket.send(Outgoing::Text(text.to_owned()));
            }
        });
    }

    /// Adds a socket for applications; what they get from now on waits in the receiver.
    fn add_socket(self: &Arc<Self>, apps: &[&str], subscribe_all: bool) -> socket::Opened {
        let (sender, receiver) = mpsc::unbounded_channel();
        let id = self.with(|shared| {
            shared.next_socket += 1;
            let id = shared.next_socket;
            shared.sockets.insert(id, sender.clone());
            shared.world.connect(id, apps, subscribe_all);
            id
        });
        let application = apps.first().copied().unwrap_or_default().to_owned();
        socket::Opened {
            id,
            application,
            sender,
            receiver,
        }
    }

    fn remove_socket(self: &Arc<Self>, id: SocketId) {
        self.with(|shared| {
            shared.sockets.remove(&id);
            shared.world.disconnect(id);
        });
    }
}
