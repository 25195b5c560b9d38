//! A call: a channel that came in from outside, with its life.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, SetOnce, oneshot};

use super::{Bridge, BridgeBuilder, CallEnded, Channel, ExternalMedia, RoomBuilder, insist};
use crate::app::{EventTypes, Events, Mailbox, Owner, WhenFull};
use crate::error::Result;
use crate::generated::events::StasisStart;
use crate::generated::{EventKind, models};
use crate::id::ObjectKind;

/// A call that entered the application: its channel, what it brought along, and its end.
///
/// All that can be done to a [`Channel`] can be done to a call. The call belongs to whoever holds this value: when
/// `on_call` has returned and this value is dropped, with the channel still in Stasis, the channel is hung up (or what
/// the service's policy says).
pub struct Call {
    state: Arc<CallState>,
    /// Its drop tells the call's task that nobody holds the call any more.
    _held: oneshot::Sender<()>,
}

/// What a call's task and its handles share.
pub(crate) struct CallState {
    channel: Channel,
    owner: Owner,
    start: Start,
    ended: SetOnce<CallEnded>,
    digits: Events,
    backlog: Mutex<Option<Events>>,
    limit: usize,
    /// Mailboxes in the hands of others, that close when the call ends.
    given: Mutex<Vec<Weak<Mailbox>>>,
    /// What goes with the call; `None` once it has gone.
    owned: Mutex<Option<Vec<Owned>>>,
}

/// Something that a call made and that goes with it.
enum Owned {
    Channel(Channel),
    Bridge(Bridge),
}

impl Call {
    pub(crate) fn new(state: Arc<CallState>) -> (Self, oneshot::Receiver<()>) {
        let (held, released) = oneshot::channel();
        (Self { state, _held: held }, released)
    }

    /// The channel's handle; clone it to use it beside the call.
    #[must_use]
    pub fn channel(&self) -> &Channel {
        self.state.channel()
    }

    /// The dialled extension, as the dialplan saw it.
    #[must_use]
    pub fn extension(&self) -> &str {
        &self.state.start.event.channel.dialplan.exten
    }

    /// The dialplan context that the call came from.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.state.start.event.channel.dialplan.context
    }

    /// Who calls, as far as the caller tells; it prints as `name <number>`.
    #[must_use]
    pub fn caller(&self) -> &models::CallerId {
        &self.state.start.event.channel.caller
    }

    /// The arguments behind the application's name in `Stasis(name,arg,...)`.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.state.start.event.args
    }

    /// The name of the application that the call entered.
    #[must_use]
    pub fn application(&self) -> &str {
        self.state.application()
    }

    /// The event with which the call came, with the channel as it was then.
    #[must_use]
    pub fn start(&self) -> &StasisStart {
        &self.state.start.event
    }

    /// Whether the channel was in Stasis before this program listened: it was away, or the one before it ended. Then
    /// the channel may be up already, in a bridge, in the middle of anything; and [`start`](Self::start) is made of the
    /// channel as it was found, with the time of the channel's creation.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.state.start.resumed
    }

    /// Waits for the call's end: the channel was hung up, or left the application. Resolves at once if it has.
    pub async fn ended(&self) -> CallEnded {
        self.state.wait_for_end().await
    }

    /// How the call ended, if it has.
    #[must_use]
    pub fn end(&self) -> Option<CallEnded> {
        self.state.end()
    }

    /// Waits for the next digit that the caller presses: `0`-`9`, `*`, `#`, `A`-`D`.
    ///
    /// Digits are kept from the beginning of the call until they are asked for. Cancelling loses none.
    ///
    /// # Errors
    /// [`ErrorKind::CallEnded`](crate::ErrorKind::CallEnded).
    pub async fn next_digit(&self) -> Result<char> {
        let digits = &self.state.digits;
        digits.mailbox().claim(self.state.limit);
        loop {
            match digits.next().await {
                Some(Ok(event)) => {
                    if let EventKind::ChannelDtmfReceived(pressed) = &event.kind
                        && let Some(digit) = pressed.digit.chars().next()
                    {
                        return Ok(digit);
                    }
                }
                Some(Err(_)) => {}
                None => return Err(self.ended().await.error()),
            }
        }
    }

    /// Waits so long for the next digit; `None` where none came in time.
    ///
    /// # Errors
    /// [`ErrorKind::CallEnded`](crate::ErrorKind::CallEnded).
    pub async fn digit_within(&self, patience: Duration) -> Result<Option<char>> {
        tokio::time::timeout(patience, self.next_digit())
            .await
            .ok()
            .transpose()
    }

    /// Subscribes to all events about this call's channel.
    ///
    /// They end, with `None`, when the call has ended. The first subscription begins with what came since the call's start, as far as it was kept (4 KiB by default);
    /// later ones begin now. If nobody reads a subscription until it is full, chatter is dropped and counted; if
    /// that is not enough, the call ends with [`EndReason::Overflow`](super::EndReason::Overflow).
    pub fn events(&self) -> Events {
        let backlog = self
            .state
            .backlog
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let events = backlog.unwrap_or_else(|| self.state.subscribe());
        events.mailbox().claim(self.state.limit);
        self.state.close_at_end(&events);
        events
    }

    /// Prepares a bridge that belongs to this call: it is destroyed when the call ends.
    pub fn bridge(&self) -> BridgeBuilder {
        let state = Arc::clone(&self.state);
        self.ari()
            .new_bridge()
            .on_create(move |bridge| state.own(Owned::Bridge(bridge.clone())))
    }

    /// The room `name`, which is made where there is none; see [`Room`](super::Room).
    pub fn room(&self, name: impl Into<String>) -> RoomBuilder {
        self.ari().room(name)
    }

    /// Prepares a channel that sends what it hears as RTP to `peer`, and plays what comes back: put both into a
    /// bridge. It belongs to this call: it is hung up when the call ends.
    ///
    /// ARI `channels.externalMedia`.
    pub fn external_media(&self, peer: SocketAddr) -> ExternalMedia {
        ExternalMedia::new(Arc::clone(&self.state), peer)
    }
}

impl Deref for Call {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        self.channel()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({} to {})", self.id(), self.extension())
    }
}

impl fmt::Debug for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallState")
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for models::CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.as_str(), self.number.as_str()) {
            ("", "") => f.write_str("anonymous"),
            ("", number) => f.write_str(number),
            (name, number) => write!(f, "{name} <{number}>"),
        }
    }
}

/// How a call began.
pub(crate) struct Start {
    pub(crate) event: Box<StasisStart>,
    /// The channel was in Stasis before.
    pub(crate) resumed: bool,
}

/// The subscriptions that a call has from its first moment.
pub(crate) struct FirstSubscriptions {
    pub(crate) digits: Events,
    pub(crate) backlog: Events,
}

impl CallState {
    pub(crate) fn new(
        channel: Channel,
        owner: Owner,
        start: Start,
        first: FirstSubscriptions,
        limit: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            channel,
            owner,
            start,
            ended: SetOnce::new(),
            digits: first.digits,
            backlog: Mutex::new(Some(first.backlog)),
            limit,
            given: Mutex::default(),
            owned: Mutex::new(Some(Vec::new())),
        })
    }

    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(crate) fn application(&self) -> &str {
        &self.owner.application
    }

    /// Rings when one of the call's mailboxes overflows.
    pub(crate) fn alarm(&self) -> &Notify {
        &self.owner.alarm
    }

    /// A mailbox for all events about the call's channel, from now on.
    fn subscribe(&self) -> Events {
        let hub = self.channel.ari.hub();
        let mailbox = hub.mailbox(EventTypes::ALL, self.limit, WhenFull::Overflow);
        let events = Events::over(hub, mailbox.owned_by(&self.owner));
        events.add(ObjectKind::Channel, &self.channel.id());
        events
    }

    pub(crate) fn end(&self) -> Option<CallEnded> {
        self.ended.get().cloned()
    }

    pub(crate) async fn wait_for_end(&self) -> CallEnded {
        self.ended.wait().await.clone()
    }

    /// Ends the call; the first end counts.
    pub(crate) fn finish(&self, end: CallEnded) {
        let unseen = !end.was_seen();
        let first = self.ended.set(end).is_ok();
        if first && unseen {
            self.channel.ari.hub().gone(&self.channel.identity);
        }
        self.digits.mailbox().close();
        if let Some(backlog) = &*self.backlog.lock().unwrap_or_else(PoisonError::into_inner) {
            backlog.mailbox().close();
        }
        for mailbox in self
            .given
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            if let Some(mailbox) = mailbox.upgrade() {
                mailbox.close();
            }
        }
    }

    fn close_at_end(&self, events: &Events) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|mailbox| mailbox.strong_count() > 0);
        given.push(Arc::downgrade(events.mailbox()));
        drop(given);
        // The call may have ended while its list was not looked at.
        if self.end().is_some() {
            events.mailbox().close();
        }
    }

    /// An attended transfer put the channel `id` in the place of this call's.
    pub(crate) fn replace_channel(&self, id: &str) {
        self.channel.identity.replace(id);
        self.digits.add(ObjectKind::Channel, id);
        if let Some(backlog) = &*self.backlog.lock().unwrap_or_else(PoisonError::into_inner) {
            backlog.add(ObjectKind::Channel, id);
        }
    }

    pub(crate) fn own_channel(&self, channel: Channel) {
        self.own(Owned::Channel(channel));
    }

    fn own(&self, thing: Owned) {
        let mut owned = self.owned.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *owned {
            Some(owned) => owned.push(thing),
            // A call that was handed on made it after its end.
            None => drop(self.channel.ari.chores().spawn(thing.take_down())),
        }
    }

    /// Takes down what the call made, last things first.
    pub(crate) async fn clean_up(&self) {
        let owned = self.owned.lock().unwrap_or_else(PoisonError::into_inner).take();
        for thing in owned.into_iter().flatten().rev() {
            thing.take_down().await;
        }
    }
}

impl Owned {
    async fn take_down(self) {
        let result = match &self {
            Self::Channel(channel) => insist(|| channel.hang_up()).await,
            Self::Bridge(bridge) => insist(|| bridge.destroy()).await,
        };
        if let Err(error) = result {
            tracing::warn!(%error, "cannot take down what the call made");
        }
    }
}
