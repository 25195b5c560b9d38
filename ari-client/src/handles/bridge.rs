//! Bridges: channels that hear each other.

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use super::{Channel, LOOKS, PlayBuilder, SETTLED, insist};
use crate::app::{EventTypes, Events};
use crate::client::Ari;
use crate::error::{Error, Result};
use crate::generated::{bridges, models};
use crate::id::{ObjectKind, new_id};
use crate::rt::Pending;

/// A handle on a bridge.
#[derive(Debug, Clone)]
pub struct Bridge {
    ari: Ari,
    id: Arc<str>,
}

/// A bridge that is about to be made; await it to make it.
#[must_use = "no bridge is made until this is awaited"]
pub struct BridgeBuilder {
    ari: Ari,
    types: Vec<&'static str>,
    name: Option<String>,
    /// Told of the bridge as soon as its request leaves.
    on_create: Option<OnCreate>,
}

type OnCreate = Box<dyn FnOnce(&Bridge) + Send>;

impl BridgeBuilder {
    pub(crate) fn new(ari: Ari) -> Self {
        Self {
            ari,
            types: Vec::new(),
            name: None,
            on_create: None,
        }
    }

    pub(crate) fn on_create(mut self, tell: impl FnOnce(&Bridge) + Send + 'static) -> Self {
        self.on_create = Some(Box::new(tell));
        self
    }

    /// Gives the bridge a name for people.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Everybody hears everybody else. This is what a bridge does by default.
    pub fn mixing(self) -> Self {
        self.of_type("mixing")
    }

    /// Nobody hears anybody; who waits hears music or announcements.
    pub fn holding(self) -> Self {
        self.of_type("holding")
    }

    /// Keeps Asterisk in the media path, so that digits pressed in the bridge become events.
    pub fn dtmf_events(self) -> Self {
        self.of_type("dtmf_events")
    }

    /// Keeps Asterisk in the media path.
    pub fn proxy_media(self) -> Self {
        self.of_type("proxy_media")
    }

    fn of_type(mut self, name: &'static str) -> Self {
        if !self.types.contains(&name) {
            self.types.push(name);
        }
        self
    }

    async fn create(self) -> Result<Bridge> {
        let id = new_id(ObjectKind::Bridge);
        let mut operation = bridges::CreateWithId::new(&*id);
        if !self.types.is_empty() {
            operation = operation.type_(self.types.join(","));
        }
        if let Some(name) = self.name {
            operation = operation.name(name);
        }
        let bridge = Bridge {
            ari: self.ari,
            id: id.into(),
        };
        if let Some(tell) = self.on_create {
            tell(&bridge);
        }
        let mut unsure = DestroyUnlessKnown {
            bridge: Some(bridge.clone()),
        };
        let made = bridge.ari.send(operation).await;
        if made.as_ref().err().is_none_or(Error::is_without_effect) {
            unsure.bridge = None;
        }
        made.map(|_| bridge)
    }
}

/// Destroys a bridge of which nobody knows whether it was made: the answer was lost, or nobody waited for it.
struct DestroyUnlessKnown {
    bridge: Option<Bridge>,
}

impl Drop for DestroyUnlessKnown {
    fn drop(&mut self) {
        if let Some(bridge) = self.bridge.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let chores = bridge.ari.chores().clone();
            let destroy = async move {
                if let Err(error) = bridge.destroy_once_made().await {
                    tracing::warn!(bridge = bridge.id(), %error, "a bridge may be left over");
                }
            };
            chores.spawn_on(destroy, &runtime);
        }
    }
}

impl std::fmt::Debug for BridgeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BridgeBuilder")
            .field("types", &self.types)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl IntoFuture for BridgeBuilder {
    type Output = Result<Bridge>;
    type IntoFuture = Pending<Bridge>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.create())
    }
}

impl Bridge {
    pub(crate) fn new(ari: Ari, id: &str) -> Self {
        Self { ari, id: id.into() }
    }

    /// The bridge's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The client that this handle sends its requests through.
    #[must_use]
    pub fn ari(&self) -> &Ari {
        &self.ari
    }

    /// The same bridge through a handle of which each request may take so long; see [`Ari::within`].
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Self {
        Self {
            ari: self.ari.within(deadline),
            id: Arc::clone(&self.id),
        }
    }

    /// Puts a channel into the bridge; it leaves the one it is in. ARI `bridges.addChannel`.
    ///
    /// Asterisk answers only when the channel is free: during a playback on it, when that ends.
    pub async fn add(&self, channel: &Channel) -> Result<()> {
        self.ari
            .send(bridges::AddChannel::new(&*self.id, [&*channel.id()]))
            .await
    }

    /// Takes a channel out of the bridge; it stays in Stasis. ARI `bridges.removeChannel`.
    pub async fn remove(&self, channel: &Channel) -> Result<()> {
        self.ari
            .send(bridges::RemoveChannel::new(&*self.id, [&*channel.id()]))
            .await
    }

    /// Plays media to everybody in the bridge; see [`Channel::play`]. ARI `bridges.playWithId`.
    pub fn play(&self, media: impl Into<String>) -> PlayBuilder {
        PlayBuilder::on_bridge(self.clone(), media.into())
    }

    /// Plays music on hold to everybody in the bridge: a class of `musiconhold.conf`, or the default one where it is
    /// empty. ARI `bridges.startMoh`.
    pub async fn start_music(&self, class: &str) -> Result<()> {
        let operation = bridges::StartMoh::new(&*self.id);
        self.ari
            .send(if class.is_empty() {
                operation
            } else {
                operation.moh_class(class)
            })
            .await
    }

    /// Stops music on hold; where none plays, that is no error. ARI `bridges.stopMoh`.
    pub async fn stop_music(&self) -> Result<()> {
        match self.ari.send(bridges::StopMoh::new(&*self.id)).await {
            // Asterisk answers 409 where no music plays.
            Err(error) if error.status() != Some(409) => Err(error),
            _ => Ok(()),
        }
    }

    /// The bridge's state as Asterisk has it now. ARI `bridges.get`.
    pub async fn snapshot(&self) -> Result<models::Bridge> {
        self.ari.send(bridges::Get::new(&*self.id)).await
    }

    /// Destroys the bridge, which may be about to be made: the request that makes it may be behind this one.
    async fn destroy_once_made(&self) -> Result<()> {
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(SETTLED).await;
            }
            match insist(|| self.ari.send(bridges::Destroy::new(&*self.id))).await {
                Err(error) if error.is_gone() => {}
                heard => return heard,
            }
        }
        Ok(())
    }

    /// Destroys the bridge unless somebody is in it. Whether it is gone.
    pub(crate) async fn destroy_if_empty(&self) -> Result<bool> {
        match self.snapshot().await {
            Ok(bridge) if bridge.channels.is_empty() => self.destroy().await.map(|()| true),
            Ok(_) => Ok(false),
            Err(error) if error.is_gone() => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Destroys the bridge; who is in it stays in Stasis. One that is gone already is no error.
    ///
    /// ARI `bridges.destroy`.
    pub async fn destroy(&self) -> Result<()> {
        match self.ari.send(bridges::Destroy::new(&*self.id)).await {
            Err(error) if !error.is_gone() => Err(error),
            _ => Ok(()),
        }
    }

    /// Subscribes to the events about this bridge, from now on.
    ///
    /// What is not read in time is dropped, chatter first; [`Missed`](crate::Missed) tells how many.
    pub fn subscribe(&self, types: impl Into<EventTypes>) -> Events {
        let events = self.ari.subscription(types.into());
        events.add(ObjectKind::Bridge, &self.id);
        events
    }
}
