//! The task of a room: follows who is in it, plays music to who is alone, and takes it down when it is over.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tracing::{debug, warn};

use crate::app::{EventTypes, Events, News};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::generated::{EventKind, EventType};
use crate::handles::{Bridge, insist};
use crate::id::ObjectKind;

/// What changes who is in a room.
pub(super) const MEMBERSHIP: EventTypes = EventTypes::of(&[
    EventType::ChannelEnteredBridge,
    EventType::ChannelLeftBridge,
    EventType::StasisStart,
    EventType::StasisEnd,
    EventType::ChannelDestroyed,
    EventType::BridgeDestroyed,
]);

/// What a room's handles and its keeper share.
pub(super) struct RoomState {
    pub(super) name: String,
    pub(super) bridge: Bridge,
    pub(super) limit: usize,
    pub(super) music: Option<String>,
    pub(super) members: watch::Sender<BTreeSet<Box<str>>>,
    /// The members of whom nobody knows yet whether they are in.
    pub(super) coming: Mutex<BTreeSet<Box<str>>>,
    pub(super) events: Events,
    /// Those of its slot in the table.
    pub(super) holders: Arc<AtomicUsize>,
    /// Rung when a holder lets go.
    pub(super) let_go: Notify,
    /// Rung when the room may not be what it was: its bridge may be gone.
    pub(super) doubted: Notify,
}

impl RoomState {
    /// Counts a channel as a member, if there is a place. Returns whether it was none before.
    pub(super) fn admit(&self, id: &str) -> Result<bool> {
        let mut full = false;
        let new = self.members.send_if_modified(|members| {
            full = !members.contains(id) && members.len() >= self.limit;
            !full && members.insert(id.into())
        });
        if full {
            let context = format!("room `{}` is full: {} members", self.name, self.limit);
            return Err(Error::new(ErrorKind::RoomFull, context));
        }
        if new {
            self.coming().insert(id.into());
        }
        self.events.add(ObjectKind::Channel, id);
        Ok(new)
    }

    pub(super) fn coming(&self) -> MutexGuard<'_, BTreeSet<Box<str>>> {
        // No code that can panic runs under this lock.
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a channel that is there as a member, place or not.
    fn welcome(&self, id: &str) {
        self.events.add(ObjectKind::Channel, id);
        self.members.send_if_modified(|members| members.insert(id.into()));
    }

    pub(super) fn dismiss(&self, id: &str) {
        self.members.send_if_modified(|members| members.remove(id));
        self.events.remove(ObjectKind::Channel, id);
    }

    pub(super) fn let_go(&self) {
        self.let_go.notify_one();
    }

    /// Keeps the room until its last member has left and nobody holds it, or its bridge is gone.
    pub(super) async fn keep(self: Arc<Self>) {
        let rooms = self.bridge.ari().rooms();
        if self.follow_members().await {
            debug!(room = self.name, "the room is empty");
            if let Err(error) = insist(|| self.bridge.destroy()).await {
                warn!(room = self.name, %error, "cannot destroy the bridge of a room");
            }
        } else {
            // Whoever asks for the room next gets a new one.
            rooms.forget(&self.name, &self.holders);
            self.members.send_replace(BTreeSet::new());
        }
        rooms.closed();
    }

    /// Returns true when the room is out of the table, and false when its bridge is gone.
    async fn follow_members(&self) -> bool {
        let mut members = self.members.subscribe();
        let mut listener = None;
        loop {
            let (count, alone) = {
                let members = members.borrow_and_update();
                (
                    members.len(),
                    members.first().filter(|_| members.len() == 1).cloned(),
                )
            };
            if count == 0 && self.bridge.ari().rooms().leave(&self.name, &self.holders) {
                return true;
            }
            listener = self.conduct(listener, alone, count).await;
            let doubted = tokio::select! {
                news = self.events.next_news() => match news {
                    Some(News::Event(event)) => {
                        if self.take_in(&event) {
                            return false;
                        }
                        false
                    }
                    Some(News::Missed(missed)) => {
                        debug!(room = self.name, %missed, "looking who is in the room");
                        true
                    }
                    Some(News::Gone(id)) => {
                        self.dismiss(&id);
                        false
                    }
                    None => return true,
                },
                _ = members.changed() => false,
                () = self.let_go.notified() => false,
                () = self.doubted.notified() => true,
            };
            if doubted && self.look().await {
                return false;
            }
        }
    }

    /// Asks Asterisk who is in the room. Returns whether the bridge is gone.
    async fn look(&self) -> bool {
        // Who is just coming is a member that Asterisk may not know of yet.
        let known = {
            let coming = self.coming();
            self.members
                .borrow()
                .difference(&coming)
                .cloned()
                .collect::<Vec<_>>()
        };
        let there = match self.bridge.snapshot().await {
            Ok(bridge) => bridge.channels,
            Err(error) if error.is_gone() => return true,
            Err(error) => {
                warn!(room = self.name, %error, "cannot see who is in a room");
                return false;
            }
        };
        for id in known
            .iter()
            .filter(|id| !there.iter().any(|channel| **channel == ***id))
        {
            self.dismiss(id);
        }
        for id in &there {
            self.welcome(id);
        }
        false
    }

    /// Plays music to who is `alone`, where it plays for `listener` now; returns for whom it plays then.
    ///
    /// Asterisk itself stops the music when the last member leaves, so that who comes next needs it started anew.
    async fn conduct(
        &self,
        listener: Option<Box<str>>,
        alone: Option<Box<str>>,
        count: usize,
    ) -> Option<Box<str>> {
        let class = self.music.as_deref()?;
        if listener == alone {
            return listener;
        }
        let plays = listener.is_some() && count > 0;
        let stopped = if plays {
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
    fn take_in(&self, event: &Event) -> bool {
        let here = |bridge: &str| bridge == self.bridge.id();
        match &event.kind {
            EventKind::ChannelEnteredBridge(entered) if here(&entered.bridge.id) => {
                if let Some(channel) = &entered.channel {
                    self.welcome(&channel.id);
                }
            }
            EventKind::ChannelLeftBridge(left) if here(&left.bridge.id) => self.dismiss(&left.channel.id),
            // An attended transfer: the new channel is on its way in before the old one has left.
            EventKind::StasisStart(start) => {
                if let Some(old) = &start.replace_channel
                    && self.members.borrow().contains(old.id.as_str())
                {
                    self.welcome(&start.channel.id);
                }
            }
            EventKind::StasisEnd(end) => {
                let hub = self.bridge.ari().hub();
                if !hub.has_moved_from(&end.channel.id, &end.application) {
                    self.dismiss(&end.channel.id);
                }
            }
            EventKind::ChannelDestroyed(end) => self.dismiss(&end.channel.id),
            EventKind::BridgeDestroyed(end) => return here(&end.bridge.id),
            _ => {}
        }
        false
    }
}

impl fmt::Debug for RoomState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomState")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
