//! The people at the phones.

use std::sync::Arc;
use std::time::Duration;

use super::server::Server;
use super::snapshot::ChannelSnapshot;
use super::world::{Channel, Ending, Hangup, HungUpBy, NewCall, Record, State, World};
use crate::error::{Error, ErrorKind, Result};

/// How long a key is held, and how long it takes to the next.
const KEY_PRESS: Duration = Duration::from_millis(100);

/// A call about to be placed; made by [`FakeAsterisk::call`](super::FakeAsterisk::call).
#[derive(Debug)]
#[must_use = "a call is not placed until place() is called"]
pub struct PlaceCall {
    server: Arc<Server>,
    call: NewCall,
}

impl PlaceCall {
    pub(super) fn new(server: Arc<Server>, exten: String) -> Self {
        let call = NewCall {
            app: String::new(),
            args: Vec::new(),
            context: "default".to_owned(),
            exten,
            number: "1".to_owned(),
            name: String::new(),
            endpoint: server.settings.endpoint.clone(),
            variables: Vec::new(),
        };
        Self { server, call }
    }

    /// The number of the caller; `1` otherwise.
    pub fn caller(mut self, number: impl Into<String>) -> Self {
        self.call.number = number.into();
        self
    }

    /// The name of the caller; empty otherwise.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.call.name = name.into();
        self
    }

    /// The dialplan context; `default` otherwise.
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.call.context = context.into();
        self
    }

    /// The endpoint that the call comes from; `PJSIP/anonymous` otherwise.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.call.endpoint = endpoint.into();
        self
    }

    /// The arguments that the dialplan hands to the application; none otherwise.
    pub fn args<A: Into<String>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.call.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// A channel variable that the dialplan has set.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.call.variables.push((name.into(), value.into()));
        self
    }

    /// Places the call: the dialplan's only line, `Stasis(application)`, hands it to the application.
    ///
    /// Where no application of that name is connected, the call ends at once with [`Ending::NotTaken`].
    ///
    /// # Errors
    /// When the application's name is empty.
    pub async fn place(mut self, application: &str) -> Result<Caller> {
        if application.is_empty() {
            return Err(Error::new(
                ErrorKind::Invalid,
                "a call cannot be placed to an application without a name",
            ));
        }
        application.clone_into(&mut self.call.app);
        Ok(self.come_in(World::new_call).await)
    }

    /// Places the call so that the dialplan offers it to every connected application, by `StasisBroadcast`: the first
    /// that claims it within the `window` has it.
    ///
    /// Where none does, the call ends with [`Ending::NotTaken`].
    pub async fn broadcast(self, window: Duration) -> Caller {
        self.come_in(|world, call| world.offer_call(call, window)).await
    }

    async fn come_in(self, comes: impl FnOnce(&mut World, NewCall) -> String) -> Caller {
        let id = self.server.with(|shared| comes(&mut shared.world, self.call));
        // Lets the server send what follows from it.
        tokio::task::yield_now().await;
        Caller::new(self.server, id)
    }
}

/// The far end of a channel: somebody at a phone.
#[derive(Debug, Clone)]
pub struct Caller {
    server: Arc<Server>,
    id: String,
}

impl Caller {
    pub(super) fn new(server: Arc<Server>, id: String) -> Self {
        Self { server, id }
    }

    /// The id of the channel.
    #[must_use]
    pub fn channel_id(&self) -> &str {
        &self.id
    }

    /// The channel as it is now; `None` when it is gone.
    #[must_use]
    pub fn channel(&self) -> Option<ChannelSnapshot> {
        self.server
            .read(|shared| shared.world.channel(&self.id).map(ChannelSnapshot::from))
    }

    /// The media played to this far end so far, on its channel or to its bridge.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.server.read(|shared| {
            self.record(&shared.world)
                .map(|record| record.heard.clone())
                .unwrap_or_default()
        })
    }

    /// How the call left Stasis; `None` while it is there.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.server
            .read(|shared| self.record(&shared.world)?.ending.clone())
    }

    fn record<'w>(&self, world: &'w World) -> Option<&'w Record> {
        world.records.get(&self.id)
    }

    fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        self.server.with(|shared| change(&mut shared.world))
    }

    /// Presses keys, one after the other: `0` to `9`, `A` to `D`, `*`, `#`.
    ///
    /// Each is held for 100 ms, and the application hears of it when it is let go.
    pub async fn press(&self, keys: &str) {
        for key in keys.chars() {
            tokio::time::sleep(KEY_PRESS).await;
            let held = u64::try_from(KEY_PRESS.as_millis()).unwrap_or_default();
            self.change(|world| world.digit(&self.id, key, held));
        }
    }

    /// Hangs up: before the call is answered, that is a `CANCEL`, later a normal end.
    pub async fn hang_up(&self) {
        self.change(|world| {
            let answered = world
                .channel(&self.id)
                .is_some_and(|channel| channel.state == State::Up);
            let (cause, tech_cause) = if answered { (16, None) } else { (127, Some(487)) };
            world.hang_up(
                &self.id,
                Hangup {
                    by: HungUpBy::FarEnd,
                    cause,
                    tech_cause,
                },
            );
        });
        tokio::task::yield_now().await;
    }

    /// Puts the other side on hold, or takes it back.
    pub async fn hold(&self, on: bool) {
        self.change(|world| world.held(&self.id, on));
        tokio::task::yield_now().await;
    }

    /// Hands the call over to another phone, as in an attended transfer: a new channel takes the place of this one,
    /// in its application and in its bridge, and this one ends.
    ///
    /// # Errors
    /// When the call is in no application any more.
    pub async fn transferred_to(&self, number: &str) -> Result<Self> {
        let id = self
            .change(|world| world.transfer(&self.id, number))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::CallEnded,
                    format!("call {} cannot be transferred: it has left Stasis", self.id),
                )
            })?;
        tokio::task::yield_now().await;
        Ok(Self::new(Arc::clone(&self.server), id))
    }

    /// Waits until the call is answered.
    ///
    /// # Errors
    /// When it is not, within the deadline, or when it leaves Stasis before.
    pub async fn wait_until_answered(&self) -> Result<()> {
        self.wait_unless_gone("it was answered", |world| {
            self.record(world)?.answered.then_some(())
        })
        .await
    }

    /// Waits until the call is in a bridge, and tells the bridge's id.
    ///
    /// # Errors
    /// When it is not, within the deadline, or when it leaves Stasis before.
    pub async fn wait_until_bridged(&self) -> Result<String> {
        self.wait_unless_gone("it was in a bridge", |world| {
            world.channel(&self.id)?.bridge.clone()
        })
        .await
    }

    /// Waits until a sound has begun to play to this far end, such as `sound:beep`.
    ///
    /// # Errors
    /// When it has not, within the deadline, or when the call leaves Stasis before.
    pub async fn wait_until_heard(&self, media: &str) -> Result<()> {
        let heard = |world: &World| {
            self.record(world)?
                .heard
                .iter()
                .any(|heard| heard == media)
                .then_some(())
        };
        self.wait_unless_gone(&format!("{media} was played to it"), heard)
            .await
    }

    /// Waits until the call is in the application named, such as one that it is moved to.
    ///
    /// # Errors
    /// When it is not, within the deadline, or when it leaves Stasis before.
    pub async fn wait_until_in(&self, application: &str) -> Result<()> {
        let is_there = |channel: &Channel| channel.app.as_deref() == Some(application);
        let what = format!("it was in the application {application}");
        self.wait_unless_gone(&what, |world| is_there(world.channel(&self.id)?).then_some(()))
            .await
    }

    /// Waits until the channel is as wanted; `what` names that in the error.
    ///
    /// # Errors
    /// When it is not, within the deadline, or when the call leaves Stasis before.
    pub async fn wait_until(&self, what: &str, wanted: impl Fn(&ChannelSnapshot) -> bool) -> Result<()> {
        let as_wanted = |world: &World| wanted(&world.channel(&self.id)?.into()).then_some(());
        self.wait_unless_gone(what, as_wanted).await
    }

    /// Waits until the call has left Stasis, and tells how. (A move from one application to another is not the end.)
    ///
    /// # Errors
    /// When it stays beyond the deadline.
    pub async fn wait_until_gone(&self) -> Result<Ending> {
        let what = || format!("call {} had left Stasis", self.id);
        self.server
            .wait_for(what, |shared| self.record(&shared.world)?.ending.clone())
            .await
    }

    async fn wait_unless_gone<T>(&self, what: &str, mut done: impl FnMut(&World) -> Option<T>) -> Result<T> {
        let text = || format!("call {}: {what}", self.id);
        let outcome = self.server.wait_for(text, |shared| {
            let ending = || self.record(&shared.world)?.ending.clone();
            done(&shared.world).map(Ok).or_else(|| ending().map(Err))
        });
        outcome.await?.map_err(|ending| {
            Error::new(
                ErrorKind::CallEnded,
                format!("call {} ended before {what}: {ending:?}", self.id),
            )
        })
    }
}
