//! The event socket has opened: what Asterisk has is compared with what is held.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use tracing::{info, warn};

use super::application::Application;
use super::broadcast::{self, was_offered};
use super::dispatch::HANGUP_EXTENSION;
use super::running::Running;
use super::settings::Resume;
use crate::generated::events::StasisStart;
use crate::generated::{EventType, applications, bridges, channels, models};
use crate::handles::{Bridge, CallEnded, CallState, EndReason, Side, insist};
use crate::id::{ObjectKind, made_before};

/// How long an event may trail a reply that shows its effect.
const TRAIL: Duration = Duration::from_millis(500);

/// How long who waits may be kept waiting by a look at the bridges.
const LISTING: Duration = Duration::from_secs(2);

/// How long after its connection was opened a call may come: Asterisk looks twice a second. If none comes, the
/// connection may have been opened again, for a call that came to the program before this one.
pub(super) const CALL_COMES: Duration = Duration::from_secs(3);

impl<A: Application> Running<A> {
    /// Ends the calls whose channels went while nobody listened, and takes up the channels that wait in Stasis and
    /// are no calls yet. Where the socket was open before, what was asked of Asterisk for it is asked `again`.
    pub(super) async fn resync(self: &Arc<Self>, again: bool) {
        if self.per_call && !again && timeout(CALL_COMES, self.came.cancelled()).await.is_ok() {
            // The connection was opened for it, and there is no other.
            self.comings_and_goings.end();
            return;
        }
        // Nothing can have happened to a call that came after the socket opened.
        let held = if again { self.live_calls() } else { Vec::new() };
        let there = self.channels().await;
        let missing = absent(&held, &there);
        let waiting: Vec<_> = there
            .into_values()
            .filter(|channel| self.waits(channel))
            .collect();
        let left = if missing.is_empty() && waiting.is_empty() {
            Vec::new()
        } else {
            // What the list shows may have changed since, and the event that tells so may be on its way.
            tokio::join!(self.bridges_left(&waiting), tokio::time::sleep(TRAIL)).0
        };
        // One whose channel was replaced in the meantime is there, under a new id.
        let is_lost = |call: &Arc<CallState>| !self.comings_and_goings.saw(&call.channel().id());
        let lost: Vec<_> = missing.into_iter().filter(is_lost).collect();
        for call in &lost {
            call.finish(CallEnded::new(EndReason::Lost, Side::Unknown, None));
        }
        let resumed = self.resume(waiting);
        self.comings_and_goings.end();
        self.inherit(&left, &resumed);
        let resumed = resumed.len();
        if !(lost.is_empty() && resumed == 0) {
            info!(
                held = held.len(),
                lost = lost.len(),
                resumed,
                "compared with Asterisk's channels"
            );
        }
        if again || resumed > 0 {
            self.listen().await;
        }
    }

    /// Takes up who still waits, and returns the calls.
    fn resume(self: &Arc<Self>, waiting: Vec<models::Channel>) -> Vec<Arc<CallState>> {
        let waits =
            |channel: &models::Channel| !self.comings_and_goings.saw(&channel.id) && self.waits(channel);
        let mut resumed = Vec::new();
        for channel in waiting.into_iter().filter(waits) {
            match &self.settings.on_resume {
                Resume::Adopt => {
                    resumed.extend(self.welcome(Box::new(self.start_of(channel)), true));
                }
                Resume::Dispose(disposition) => self.turn_away(&channel.id, disposition),
                Resume::Leave => info!(channel = channel.id, "left in Stasis, as the policy says"),
            }
        }
        resumed
    }

    /// The bridges in which these channels are, of programs with this library that are gone.
    async fn bridges_left(&self, waiting: &[models::Channel]) -> Vec<models::Bridge> {
        if waiting.is_empty() {
            return Vec::new();
        }
        let ours = |bridge: &models::Bridge| made_before(self.since, ObjectKind::Bridge, &bridge.id);
        match timeout(LISTING, self.ari.send(bridges::List::new())).await {
            Ok(Ok(bridges)) => return bridges.into_iter().filter(ours).collect(),
            Ok(Err(error)) => warn!(%error, "cannot see in which bridges the waiting channels are"),
            Err(_) => warn!("cannot see in which bridges the waiting channels are: no answer"),
        }
        Vec::new()
    }

    /// Leaves these bridges to the calls that are in them: each goes with the last who leaves it.
    fn inherit(&self, left: &[models::Bridge], resumed: &[Arc<CallState>]) {
        for bridge in left {
            let is_in =
                |call: &&Arc<CallState>| bridge.channels.iter().any(|id| **id == *call.channel().id());
            let heirs: Vec<_> = resumed.iter().filter(is_in).cloned().collect();
            if !heirs.is_empty() {
                let bridge = self.ari.bridge(&bridge.id);
                let (abort, see_off) = (self.abort.clone(), see_off(bridge, heirs));
                self.tasks
                    .spawn(async move { abort.run_until_cancelled(see_off).await });
            }
        }
    }

    /// Whether a channel that is in Stasis is one of which no event told.
    fn waits(&self, channel: &models::Channel) -> bool {
        channel.dialplan.exten != HANGUP_EXTENSION && !self.is_known(&channel.id)
    }

    /// Makes sure that Asterisk tells of all calls, and of what the application asked for.
    async fn listen(&self) {
        let present = match self.ari.send(applications::Get::new(&*self.name)).await {
            Ok(present) => present,
            Err(error) => {
                warn!(%error, "cannot see what the application is subscribed to");
                return;
            }
        };
        self.ari.wishes().renew(&self.ari, &present).await;
        let untold =
            |call: &Arc<CallState>| !present.channel_ids.iter().any(|id| **id == *call.channel().id());
        for call in self.live_calls().into_iter().filter(untold) {
            let source = format!("channel:{}", call.channel().id());
            if self.ari.wishes().holds(&self.name, &source) {
                continue;
            }
            let subscribe = applications::Subscribe::new(&*self.name, [source.as_str()]);
            let subscribed = self.ari.send(subscribe).await;
            // It is for this call, and goes with it: nobody wished to have it again after the next break.
            self.ari.wishes().forget(&self.name, &source);
            if let Err(error) = subscribed {
                warn!(%error, "cannot subscribe to a call");
                if error.status() == Some(422) {
                    call.finish(CallEnded::new(EndReason::Lost, Side::Unknown, None));
                }
            }
        }
    }

    /// What `StasisStart` would have told of a channel that is in Stasis already.
    fn start_of(&self, channel: models::Channel) -> StasisStart {
        let args = if was_offered(&channel) {
            broadcast::args(&channel)
        } else {
            let args = channel.dialplan.app_data.split(',').skip(1);
            args.map(str::to_owned).collect()
        };
        StasisStart {
            application: self.name.to_string(),
            timestamp: channel.creationtime.clone(),
            args,
            channel,
            ..StasisStart::default()
        }
    }

    pub(super) fn holds(&self, channel: &models::Channel) -> bool {
        is_in(channel, &self.name)
    }

    /// The channels in this application's Stasis, by id.
    async fn channels(&self) -> HashMap<String, models::Channel> {
        let channels = self.list().await;
        let claimed = self.claimed(&channels).await;
        let is_ours = |channel: &models::Channel| self.holds(channel) || claimed.contains(&channel.id);
        let ours = channels.into_iter().filter(is_ours);
        ours.map(|channel| (channel.id.clone(), channel)).collect()
    }

    /// Of the channels that the dialplan offered to several applications, those that this one has: its calls, and
    /// those that Asterisk tells it about.
    async fn claimed(&self, channels: &[models::Channel]) -> HashSet<String> {
        let offered = channels.iter().filter(|channel| was_offered(channel));
        let mut offered: HashSet<_> = offered.map(|channel| channel.id.clone()).collect();
        if offered.iter().all(|id| self.is_known(id)) {
            return offered;
        }
        let told = match self.ari.send(applications::Get::new(&*self.name)).await {
            Ok(present) => present.channel_ids,
            Err(error) => {
                warn!(%error, "cannot see which of the offered calls are this application's");
                Vec::new()
            }
        };
        offered.retain(|id| self.is_known(id) || told.contains(id));
        offered
    }

    /// All channels. Asterisk is asked until it answers: right after a restart it is not ready yet.
    async fn list(&self) -> Vec<models::Channel> {
        let mut wait = Duration::from_millis(100);
        loop {
            match self.ari.send(channels::List::new()).await {
                Ok(channels) => return channels,
                Err(error) => warn!(%error, "cannot list the channels"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(5));
        }
    }
}

/// Destroys a bridge whose program is gone when nobody is in it any more; at the latest, that is when these calls have
/// ended, unless others have joined them.
async fn see_off(bridge: Bridge, heirs: Vec<Arc<CallState>>) {
    let leaves = bridge.subscribe([EventType::ChannelLeftBridge, EventType::BridgeDestroyed]);
    let mut ended = pin!(join_all(heirs.iter().map(|call| call.wait_for_end())));
    let (mut have_ended, mut is_last_look) = (false, false);
    loop {
        match insist(|| bridge.destroy_if_empty()).await {
            Ok(false) if !is_last_look => {}
            Ok(_) => return,
            Err(error) => {
                warn!(bridge = bridge.id(), %error, "a bridge may be left over");
                return;
            }
        }
        tokio::select! {
            ends = &mut ended, if !have_ended => {
                have_ended = true;
                // A call may end before its channel goes.
                is_last_look = !ends.iter().any(CallEnded::leaves_channel);
            }
            leave = leaves.next() => is_last_look = leave.is_none(),
        }
    }
}

/// The calls whose channels are not `there`.
fn absent(held: &[Arc<CallState>], there: &HashMap<String, models::Channel>) -> Vec<Arc<CallState>> {
    let absent = held
        .iter()
        .filter(|call| !there.contains_key(&*call.channel().id()));
    absent.cloned().collect()
}

/// The ids of channels that came or went since the socket opened, as long as somebody wants to know.
#[derive(Debug, Default)]
pub(super) struct ComingsAndGoings(Mutex<Option<HashSet<Box<str>>>>);

impl ComingsAndGoings {
    pub(super) fn begin(&self) {
        *self.lock() = Some(HashSet::new());
    }

    pub(super) fn note(&self, channel: &str) {
        if let Some(seen) = &mut *self.lock() {
            seen.insert(channel.into());
        }
    }

    fn saw(&self, channel: &str) -> bool {
        self.lock().as_ref().is_some_and(|seen| seen.contains(channel))
    }

    fn end(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashSet<Box<str>>>> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the channel is in the Stasis of `application`, which is a name, or `NAME:CHANNEL` for one call.
fn is_in(channel: &models::Channel, application: &str) -> bool {
    let dialplan = &channel.dialplan;
    let Some(entered) = dialplan.app_data.split(',').next() else {
        return false;
    };
    let per_call = || application.strip_prefix(entered)?.strip_prefix(':');
    dialplan.app_name == "Stasis" && (entered == application || per_call() == Some(&channel.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_in_the_stasis_that_its_dialplan_names() {
        for (app_name, app_data, held) in [
            ("Stasis", "a", true),
            ("Stasis", "a,x,y", true),
            ("Stasis", "ab", false),
            ("Stasis", "b,a", false),
            ("Dial", "a", false),
            ("", "", false),
        ] {
            let mut channel = models::Channel::default();
            channel.dialplan.app_name = app_name.to_owned();
            channel.dialplan.app_data = app_data.to_owned();
            assert_eq!(is_in(&channel, "a"), held, "{app_name}({app_data})");
        }
    }

    #[test]
    fn a_call_with_a_connection_of_its_own_is_known_by_its_channels_name() {
        let mut channel = models::Channel {
            name: "PJSIP/anna-00000001".to_owned(),
            ..models::Channel::default()
        };
        channel.dialplan.app_name = "Stasis".to_owned();
        channel.dialplan.app_data = "ivr,x".to_owned();
        assert!(is_in(&channel, "ivr:PJSIP/anna-00000001"));
        assert!(!is_in(&channel, "ivr:PJSIP/bert-00000002"));
        assert!(!is_in(&channel, "ivr:"));
    }
}
