//! What the socket's reader does with each frame.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::application::Application;
use super::broadcast::was_offered;
use super::events::Events;
use super::hearing::is_echo;
use super::hub::Role;
use super::interest::EventTypes;
use super::mailbox::{Owner, WhenFull};
use super::running::Running;
use super::settings::Disposition;
use super::task::{self, NewCall};
use crate::connection::Sink;
use crate::event::Event;
use crate::generated::events::StasisStart;
use crate::generated::{EventKind, EventType, Peek};
use crate::handles::{CallState, Channel, FirstSubscriptions, Identity, Start, insist};
use crate::id::ObjectKind;
use crate::rt::from_json;

/// What a call's own task reads: what changes the call's life.
const CONTROL: EventTypes = EventTypes::of(&[
    EventType::StasisStart,
    EventType::StasisEnd,
    EventType::ChannelDestroyed,
    EventType::ChannelHangupRequest,
    EventType::ApplicationMoveFailed,
]);

/// A channel about which one of these came is known by its events, whatever a list of channels says.
const ENTRY_OR_EXIT: EventTypes = EventTypes::of(&[
    EventType::StasisStart,
    EventType::StasisEnd,
    EventType::ChannelDestroyed,
]);

/// Where the dialplan goes with a channel that was hung up, and nobody can dial. The one-line dialplan of this library
/// matches it too, so that each call enters Stasis a second time, dead, and leaves it at once.
pub(super) const HANGUP_EXTENSION: &str = "h";

/// How long a call that is turned away may take to leave.
const AWAY: Duration = Duration::from_secs(3);

/// How many bytes of digits are kept until the application asks for them: some thirty.
const UNCLAIMED_DIGITS: usize = 32 * 1024;

impl<A: Application> Running<A> {
    /// Gives a frame to whom it concerns.
    fn dispatch(self: &Arc<Self>, frame: &[u8]) {
        let Ok(peek) = from_json::<Peek<'_>>(frame) else {
            warn!(
                frame = crate::request::excerpt(frame),
                "a frame that is not an event"
            );
            self.unowned
                .push(EventType::Unknown, Bytes::copy_from_slice(frame));
            return;
        };
        let event_type = EventType::from_name(&peek.type_name);
        if *peek.application == *self.name {
            self.hearing.note(event_type);
        }
        if is_echo(event_type, &peek, frame) {
            return;
        }
        if ENTRY_OR_EXIT.contains(event_type)
            && let Some(channel) = &peek.channel
        {
            self.comings_and_goings.note(&channel.id);
        }
        let new_call = event_type == EventType::StasisStart && self.stasis_start(&peek, frame);
        let owned = self.ari.hub().deliver(event_type, &peek, frame);
        match event_type {
            EventType::StasisEnd | EventType::ChannelDestroyed => {
                if let Some(channel) = &peek.channel {
                    self.ari.hub().leave(&channel.id, Some(&peek.application));
                }
                self.ari.no_longer_occupied(&peek);
            }
            EventType::PlaybackFinished | EventType::RecordingFinished | EventType::RecordingFailed => {
                self.ari.no_longer_occupied(&peek);
            }
            // Where a call has a connection of its own, it is Asterisk that has opened a second one.
            EventType::ApplicationReplaced if *peek.application == *self.name && !self.per_call => {
                self.replaced.cancel();
            }
            _ => {}
        }
        if event_type == EventType::CallBroadcast {
            self.offered(frame);
        } else if !owned && !new_call {
            if event_type == EventType::StasisStart {
                self.tell_unheard(&peek);
            }
            self.unowned.push(event_type, Bytes::copy_from_slice(frame));
        }
    }

    /// A channel entered Stasis. Everything that later frames need is in place when this returns.
    ///
    /// Returns whether the event is taken: it began a call, or it is none of the application's business.
    fn stasis_start(self: &Arc<Self>, peek: &Peek<'_>, frame: &[u8]) -> bool {
        let Some(channel) = peek.channel.as_ref().map(|channel| &*channel.id) else {
            return false;
        };
        self.came.cancel();
        if *peek.application != *self.name {
            self.turn_foreign_away(channel, &peek.application);
            return true;
        }
        let replaced = peek.replace_channel.as_ref().map(|channel| &*channel.id);
        let hub = self.ari.hub();
        if replaced.is_some_and(|old| hub.replace(old, channel)) || self.is_known(channel) {
            return false;
        }
        let event = Event::of_type(EventType::StasisStart, Bytes::copy_from_slice(frame));
        let EventKind::StasisStart(start) = event.kind else {
            warn!(channel, "a call came that cannot be read: {:?}", event.kind);
            return false;
        };
        if start.channel.dialplan.exten != HANGUP_EXTENSION {
            self.welcome(start, false);
        }
        true
    }

    /// Takes a call, unless the service drains.
    pub(super) fn welcome(
        self: &Arc<Self>,
        start: Box<StasisStart>,
        resumed: bool,
    ) -> Option<Arc<CallState>> {
        if self.draining.is_cancelled() {
            self.turn_away(&start.channel.id, &self.settings.while_draining);
            return None;
        }
        Some(self.take(start, resumed))
    }

    /// A channel entered an application that shares the socket with this one: Asterisk was told so in `ari.conf`.
    fn turn_foreign_away(self: &Arc<Self>, channel: &str, application: &str) {
        warn!(
            channel,
            "nobody serves application {application} here, and Asterisk sends its calls: they continue in the dialplan"
        );
        self.turn_away(channel, &Disposition::Continue);
    }

    /// A channel entered Stasis, and it is neither a call nor listened to.
    fn tell_unheard(&self, peek: &Peek<'_>) {
        let Some(channel) = peek.channel.as_ref().map(|channel| &*channel.id) else {
            return;
        };
        if matches!(self.ari.hub().role(channel), Some(Role::Made)) {
            warn!(
                channel,
                "a channel that this program made entered Stasis, and nobody waits for it"
            );
        }
    }

    /// Whether the channel is a call of this application already, or one that the program made.
    pub(super) fn is_known(&self, channel: &str) -> bool {
        match self.ari.hub().role(channel) {
            Some(Role::Call { application, .. }) => application == self.name,
            Some(Role::Made) => true,
            None => false,
        }
    }

    fn take(self: &Arc<Self>, start: Box<StasisStart>, resumed: bool) -> Arc<CallState> {
        let hub = self.ari.hub();
        let identity = Identity::new(&start.channel.id);
        hub.begin_call(&self.name, &identity);
        let owner = Owner {
            application: Arc::clone(&self.name),
            alarm: Arc::default(),
        };
        let subscribe = |types, limit, when_full| {
            let mailbox = hub.mailbox(types, limit, when_full).owned_by(&owner);
            let events = Events::over(hub, mailbox);
            events.add(ObjectKind::Channel, &start.channel.id);
            events
        };
        let control = subscribe(CONTROL, self.settings.mailbox, WhenFull::Overflow);
        let digits = EventType::ChannelDtmfReceived.into();
        let first = FirstSubscriptions {
            digits: subscribe(digits, UNCLAIMED_DIGITS, WhenFull::Unclaimed),
            backlog: subscribe(EventTypes::ALL, self.settings.unclaimed, WhenFull::Unclaimed),
        };
        let channel = Channel::new(self.ari.clone(), identity);
        let state = CallState::new(
            channel,
            owner,
            Start {
                event: start,
                resumed,
            },
            first,
            self.settings.mailbox,
        );
        self.remember(&state);
        let new = NewCall {
            state: Arc::clone(&state),
            control,
        };
        self.tasks.spawn(task::run(Arc::clone(self), new));
        state
    }

    pub(super) fn turn_away(self: &Arc<Self>, id: &str, disposition: &Disposition) {
        let disposition = disposition.clone();
        let running = Arc::clone(self);
        let channel = self.ari.channel(id);
        let leaves = channel.subscribe([EventType::StasisEnd, EventType::ApplicationMoveFailed]);
        self.tasks.spawn(async move {
            info!(?channel, ?disposition, "turning a call away");
            let disposed = channel.dispose(&disposition).await;
            let left = match timeout(AWAY, leaves.next()).await {
                Ok(Some(Ok(event))) => event.event_type() == EventType::StasisEnd,
                // No event, and perhaps no socket that could bring one.
                _ => channel
                    .snapshot()
                    .await
                    .is_ok_and(|channel| !running.holds(&channel) && !was_offered(&channel)),
            };
            if !left {
                warn!(
                    ?channel,
                    ?disposed,
                    "a call that was turned away stayed: hanging up"
                );
                // There is nothing left to try if this fails; one that is gone is no failure.
                let _ = insist(|| channel.hang_up()).await;
            }
        });
    }
}

impl<A: Application> Sink for Arc<Running<A>> {
    fn frame(&self, frame: &[u8]) -> bool {
        self.dispatch(frame);
        self.ari.hub().tally().is_over()
    }

    fn opened(&self, gap: Option<Duration>) {
        self.hearing.begin();
        self.comings_and_goings.begin();
        if let Some(gap) = gap {
            self.ari.hub().gap(&self.name, gap);
            self.unowned.gap(gap);
        }
    }

    fn is_over(&self) -> bool {
        // The connection was there for one call, and that has come and gone.
        self.per_call && self.came.is_cancelled() && self.live_calls().is_empty()
    }

    async fn live(&self, again: bool) {
        self.resync(again).await;
    }

    async fn until_deaf(&self) -> Instant {
        self.wait_until_deaf().await
    }
}
