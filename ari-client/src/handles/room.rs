//! Rooms: named bridges that belong to the application.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::future::IntoFuture;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OnceCell, watch};
use tracing::{debug, warn};

use super::{Bridge, BridgeBuilder, Channel};
use crate::app::{EventTypes, Events, News};
use crate::client::Ari;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::generated::{EventKind, EventType};
use crate::id::ObjectKind;
use crate::rt::Pending;

/// What changes who is in a room.
const MEMBERSHIP: EventTypes = EventTypes::of(&[
    EventType::ChannelEnteredBridge,
    EventType::ChannelLeftBridge,
    EventType::StasisEnd,
    EventType::ChannelDestroyed,
    EventType::BridgeDestroyed,
]);

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

/// The rooms of a client, by name.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    by_name: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table(HashMap<String, Arc<Slot>>);

/// The place of one room; who comes while it is being made waits here.
#[derive(Debug, Default)]
struct Slot {
    room: OnceCell<Arc<RoomState>>,
    /// How many lookups and `Room` values keep it; changed under the table's lock only.
    holders: Arc<AtomicUsize>,
}

struct RoomState {
    name: String,
    bridge: Bridge,
    limit: usize,
    music: Option<String>,
    members: watch::Sender<BTreeSet<Box<str>>>,
    /// Those of its slot.
    holders: Arc<AtomicUsize>,
    events: Events,
    /// Rung when a holder lets go.
    let_go: Notify,
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
        let slot = Arc::clone(&hold.slot);
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
        let events = self.ari.subscription(MEMBERSHIP);
        let bridge = self.bridge.await?;
        events.add(ObjectKind::Bridge, bridge.id());
        debug!(room = self.name, bridge = bridge.id(), "room made");
        let state = Arc::new(RoomState {
            name: self.name,
            bridge,
            limit: self.limit,
            music: self.music,
            members: watch::Sender::default(),
            holders,
            events,
            let_go: Notify::new(),
        });
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
    /// [`ErrorKind::RoomFull`] where the room has as many members as it may have.
    pub async fn add(&self, channel: &Channel) -> Result<()> {
        let id: Box<str> = (*channel.id()).into();
        // Counted before the request leaves: the room must not be taken down under who is just coming.
        self.state.admit(&id)?;
        self.state.events.add(ObjectKind::Channel, &id);
        let added = self.state.bridge.add(channel).await;
        if added.is_err() {
            self.state.dismiss(&id);
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

impl fmt::Debug for RoomState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomState")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Keeps a room in the table: a lookup that is under way, or a `Room` value.
struct Hold {
    ari: Ari,
    name: Arc<str>,
    slot: Arc<Slot>,
}

impl Hold {
    fn take(ari: &Ari, name: &str) -> Self {
        let mut rooms = ari.rooms().lock();
        let slot = Arc::clone(rooms.0.entry(name.to_owned()).or_default());
        slot.holders.fetch_add(1, Ordering::Relaxed);
        drop(rooms);
        Self {
            ari: ari.clone(),
            name: name.into(),
            slot,
        }
    }
}

impl Clone for Hold {
    fn clone(&self) -> Self {
        let rooms = self.ari.rooms().lock();
        self.slot.holders.fetch_add(1, Ordering::Relaxed);
        drop(rooms);
        Self {
            ari: self.ari.clone(),
            name: Arc::clone(&self.name),
            slot: Arc::clone(&self.slot),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut rooms = self.ari.rooms().lock();
        let last = self.slot.holders.fetch_sub(1, Ordering::Relaxed) == 1;
        match self.slot.room.get() {
            Some(state) => state.let_go.notify_one(),
            // The room could not be made, or nobody waited for it.
            None if last => rooms.remove_slot(&self.name, &self.slot.holders),
            None => {}
        }
    }
}

impl RoomState {
    fn admit(&self, id: &str) -> Result<()> {
        let mut full = false;
        self.members.send_if_modified(|members| {
            full = !members.contains(id) && members.len() >= self.limit;
            !full && members.insert(id.into())
        });
        if full {
            let context = format!("room `{}` is full: {} members", self.name, self.limit);
            return Err(Error::new(ErrorKind::RoomFull, context));
        }
        Ok(())
    }

    fn dismiss(&self, id: &str) {
        self.members.send_if_modified(|members| members.remove(id));
    }

    /// Follows who is in the room, plays music to who is alone, and takes the room down when it is over.
    async fn keep(self: Arc<Self>) {
        let mut members = self.members.subscribe();
        let mut listener = None;
        loop {
            let alone = {
                let members = members.borrow_and_update();
                if members.is_empty() && self.leave_table() {
                    break;
                }
                members.first().filter(|_| members.len() == 1).cloned()
            };
            listener = self.conduct(listener, alone).await;
            tokio::select! {
                news = self.events.next_news() => match news {
                    Some(News::Event(event)) => if self.follow(&event) { return self.lost() },
                    Some(News::Lagged(lagged)) => warn!(room = self.name, %lagged, "a room lost track of its members"),
                    Some(News::Gone(id)) => self.dismiss(&id),
                    None => return self.lost(),
                },
                _ = members.changed() => {}
                () = self.let_go.notified() => {}
            }
        }
        debug!(room = self.name, "room is empty");
        if let Err(error) = self.bridge.destroy().await {
            warn!(room = self.name, %error, "cannot destroy the bridge of a room");
        }
    }

    /// Plays music to who is `alone`, where it plays for `listener` now; returns for whom it plays then.
    ///
    /// Asterisk itself stops the music when the last member leaves, so that who comes next needs it started anew.
    async fn conduct(&self, listener: Option<Box<str>>, alone: Option<Box<str>>) -> Option<Box<str>> {
        let class = self.music.as_deref()?;
        if listener == alone {
            return listener;
        }
        let stopped = if listener.is_some() {
            self.bridge.stop_music().await
        } else {
            Ok(())
        };
        let started = if alone.is_some() {
            self.bridge.start_music(class).await
        } else {
            Ok(())
        };
        if let Err(error) = stopped.and(started)
            && !error.is_gone()
        {
            warn!(room = self.name, %error, "cannot change the music of a room");
        }
        alone
    }

    /// Returns whether the bridge is gone.
    fn follow(&self, event: &Event) -> bool {
        let here = |bridge: &str| bridge == self.bridge.id();
        match &event.kind {
            EventKind::ChannelEnteredBridge(entered) if here(&entered.bridge.id) => {
                if let Some(channel) = &entered.channel {
                    self.events.add(ObjectKind::Channel, &channel.id);
                    self.members
                        .send_if_modified(|members| members.insert(channel.id.as_str().into()));
                }
            }
            EventKind::ChannelLeftBridge(left) if here(&left.bridge.id) => self.dismiss(&left.channel.id),
            EventKind::StasisEnd(end) => self.dismiss(&end.channel.id),
            EventKind::ChannelDestroyed(end) => self.dismiss(&end.channel.id),
            EventKind::BridgeDestroyed(end) => return here(&end.bridge.id),
            _ => {}
        }
        false
    }

    /// Leaves the table of rooms, unless somebody holds this one.
    fn leave_table(&self) -> bool {
        let mut rooms = self.bridge.ari().rooms().lock();
        if self.holders.load(Ordering::Relaxed) > 0 {
            return false;
        }
        rooms.remove_slot(&self.name, &self.holders);
        true
    }

    /// The bridge is gone: whoever asks for the room next gets a new one.
    fn lost(&self) {
        self.bridge
            .ari()
            .rooms()
            .lock()
            .remove_slot(&self.name, &self.holders);
        self.members.send_replace(BTreeSet::new());
    }
}

impl Rooms {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Removes the slot of that name, if it is still the one with these holders.
    fn remove_slot(&mut self, name: &str, holders: &Arc<AtomicUsize>) {
        if self
            .0
            .get(name)
            .is_some_and(|slot| Arc::ptr_eq(&slot.holders, holders))
        {
            self.0.remove(name);
        }
    }
}
