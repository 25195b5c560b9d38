//! Rooms: named bridges that belong to the application.

mod keeper;
mod table;

use std::collections::BTreeSet;
use std::fmt;
use std::future::IntoFuture;
use std::ops::Deref;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, watch};
use tracing::debug;

use super::{Bridge, BridgeBuilder, Channel};
use crate::client::Ari;
use crate::error::Result;
use crate::id::ObjectKind;
use crate::rt::Pending;

use keeper::RoomState;
use table::Hold;
pub(crate) use table::Rooms;

/// A named bridge that belongs to the application, not to the call that came first.
///
/// It is made when it is first asked for, found by its name as long as it lasts, and destroyed when its last member
/// has left and nobody holds a `Room` of it. All that can be done to a [`Bridge`] can be done to a room.
#[derive(Clone)]
pub struct Room {
    state: Arc<RoomState>,
    _hold: Hold,
}

/// A room that is about to be looked up or made; await it.
///
/// The settings are those of whoever makes the room; who finds it takes it as it is.
#[must_use = "no room is looked up or made until this is awaited"]
#[derive(Debug)]
pub struct RoomBuilder {
    ari: Ari,
    name: String,
    bridge: BridgeBuilder,
    limit: usize,
    music: Option<String>,
}

impl RoomBuilder {
    pub(crate) fn new(ari: Ari, name: String) -> Self {
        let bridge = ari.new_bridge().name(&name);
        Self {
            ari,
            name,
            bridge,
            limit: usize::MAX,
            music: None,
        }
    }

    /// Everybody hears everybody else. This is what a room does by default.
    pub fn mixing(mut self) -> Self {
        self.bridge = self.bridge.mixing();
        self
    }

    /// Keeps Asterisk in the media path, so that digits pressed in the room become events.
    pub fn dtmf_events(mut self) -> Self {
        self.bridge = self.bridge.dtmf_events();
        self
    }

    /// Lets so many channels in at most; [`Room::add`] refuses more.
    pub fn max_members(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Plays music on hold to a member who is alone: a class of `musiconhold.conf`, or the default one where it is
    /// empty.
    pub fn music_when_alone(mut self, class: impl Into<String>) -> Self {
        self.music = Some(class.into());
        self
    }

    async fn open(self) -> Result<Room> {
        let hold = Hold::take(&self.ari, &self.name);
        let slot = Arc::clone(hold.slot());
        let state = slot
            .room
            .get_or_try_init(|| self.create(Arc::clone(&slot.holders)))
            .await?;
        Ok(Room {
            state: Arc::clone(state),
            _hold: hold,
        })
    }

    async fn create(self, holders: Arc<AtomicUsize>) -> Result<Arc<RoomState>> {
        let events = self.ari.subscription(keeper::MEMBERSHIP);
        let bridge = self.bridge.await?;
        events.add(ObjectKind::Bridge, bridge.id());
        debug!(room = self.name, bridge = bridge.id(), "room made");
        let state = Arc::new(RoomState {
            name: self.name,
            bridge,
            limit: self.limit,
            music: self.music,
            members: watch::Sender::default(),
            coming: Mutex::default(),
            events,
            holders,
            let_go: Notify::new(),
            doubted: Notify::new(),
        });
        self.ari.rooms().opened();
        tokio::spawn(Arc::clone(&state).keep());
        Ok(state)
    }
}

impl IntoFuture for RoomBuilder {
    type Output = Result<Room>;
    type IntoFuture = Pending<Room>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.open())
    }
}

impl Room {
    /// The room's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.state.name
    }

    /// Puts a channel into the room. ARI `bridges.addChannel`.
    ///
    /// # Errors
    /// [`ErrorKind::RoomFull`](crate::ErrorKind::RoomFull) where the room has as many members as it may have.
    pub async fn add(&self, channel: &Channel) -> Result<()> {
        let id = channel.id();
        // Counted before the request leaves: the room must not be taken down under who is just coming.
        let new = self.state.admit(&id)?;
        let mut place = Place {
            state: &self.state,
            id: &id,
            free: new,
            new,
        };
        let added = self.state.bridge.add(channel).await;
        match &added {
            Ok(()) => place.free = false,
            // The bridge may be gone, or the channel may be in after all: the room looks.
            Err(error) if error.is_gone() || !error.is_without_effect() => {
                drop(place);
                self.state.doubted.notify_one();
            }
            Err(_) => {}
        }
        added
    }

    /// The ids of the channels in the room; a receiver that sees each change.
    #[must_use]
    pub fn members(&self) -> watch::Receiver<BTreeSet<Box<str>>> {
        self.state.members.subscribe()
    }
}

impl Deref for Room {
    type Target = Bridge;

    fn deref(&self) -> &Bridge {
        &self.state.bridge
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Room({})", self.state.name)
    }
}

/// A place in a room for who is just coming; it is free again where he does not arrive.
struct Place<'r> {
    state: &'r RoomState,
    id: &'r str,
    new: bool,
    free: bool,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.new {
            self.state.coming().remove(self.id);
        }
        if self.free {
            self.state.dismiss(self.id);
        }
    }
}
