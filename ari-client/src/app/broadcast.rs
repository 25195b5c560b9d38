//! Calls that the dialplan offers to several applications, by `StasisBroadcast`: the first that claims one has it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::application::Application;
use super::dispatch::HANGUP_EXTENSION;
use super::running::Running;
use crate::event::Event;
use crate::generated::events::CallBroadcast;
use crate::generated::{EventKind, models, user_events};

/// How long Asterisk waits for a claim where the dialplan does not say.
const WINDOW: Duration = Duration::from_millis(500);

/// What an application says to a call that is offered to several of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Claim it. If no other application is faster, it comes to [`on_call`](Application::on_call).
    Claim,
    /// Leave it to the others.
    Ignore,
}

impl<A: Application> Running<A> {
    /// Asks the application about a call that is on offer, and claims it, in a task of its own.
    pub(super) fn offered(self: &Arc<Self>, frame: &[u8]) {
        if self.per_call {
            // Its connection goes with the call that it was opened for, and would leave another alone.
            return;
        }
        let frame = Bytes::copy_from_slice(frame);
        let running = Arc::clone(self);
        self.tasks.spawn(async move {
            match Event::decode(frame).kind {
                EventKind::CallBroadcast(offer) => running.consider(&offer).await,
                other => warn!("an offer of a call that cannot be read: {other:?}"),
            }
        });
    }

    async fn consider(&self, offer: &CallBroadcast) {
        let dialplan = &offer.channel.dialplan;
        if dialplan.exten == HANGUP_EXTENSION {
            return;
        }
        let decision = tokio::select! {
            biased;
            () = self.draining.cancelled() => return,
            decision = timeout(window(&offer.channel), self.decide(offer)) => decision,
        };
        match decision {
            Ok(Some(Decision::Claim)) => self.claim(&offer.channel.id).await,
            Ok(_) => {}
            Err(_) => debug!(
                channel = offer.channel.id,
                "no decision within the time for claims"
            ),
        }
    }

    async fn decide(&self, offer: &CallBroadcast) -> Option<Decision> {
        if self.settings.claim_broadcasts {
            return Some(Decision::Claim);
        }
        super::guarded("an offer of a call", async {
            self.application.on_broadcast(&self.ari, offer).await
        })
        .await
    }

    async fn claim(&self, channel: &str) {
        let claimed = self
            .ari
            .send(user_events::ClaimChannel::new(channel, &*self.name))
            .await;
        match claimed {
            // The event that the channel entered the application is on its way.
            Ok(()) => debug!(channel, "claimed a call"),
            Err(error) if matches!(error.status(), Some(404 | 409)) => {
                debug!(channel, %error, "another application was faster, or the caller left");
            }
            Err(error) if error.is_not_offered() => {
                if !self.told_no_claims.swap(true, Ordering::Relaxed) {
                    warn!(%error, "calls are offered, and cannot be claimed");
                }
            }
            Err(error) => warn!(channel, %error, "cannot claim a call"),
        }
    }
}

/// Whether the dialplan offered the channel to several applications. Such a channel does not tell whether one has
/// claimed it, and which.
pub(super) fn was_offered(channel: &models::Channel) -> bool {
    channel.dialplan.app_name == "StasisBroadcast"
}

/// The arguments for the application that claims the channel, of `StasisBroadcast(timeout,filter,a:b:c)`.
pub(super) fn args(channel: &models::Channel) -> Vec<String> {
    let args = channel.dialplan.app_data.split(',').nth(2);
    let args = args.filter(|args| !args.is_empty()).map(|args| args.split(':'));
    args.into_iter().flatten().map(str::to_owned).collect()
}

/// How long the channel is on offer, of `StasisBroadcast(timeout)`, in milliseconds.
fn window(channel: &models::Channel) -> Duration {
    let millis = channel.dialplan.app_data.split(',').next();
    let millis = millis.and_then(|millis| millis.trim().parse().ok());
    millis.map_or(WINDOW, Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dialplan_says_is_read() {
        for (data, millis, told) in [
            ("", 500, &[][..]),
            ("2000", 2_000, &[]),
            (",^ivr-,", 500, &[]),
            ("2000,,sales:high,yes", 2_000, &["sales", "high"]),
            ("x,,one", 500, &["one"]),
        ] {
            let mut channel = models::Channel::default();
            channel.dialplan.app_data = data.to_owned();
            assert_eq!(window(&channel), Duration::from_millis(millis), "{data}");
            assert_eq!(args(&channel), told, "{data}");
        }
    }
}
