//! What users implement.

use std::future::Future;
use std::time::Duration;

use super::broadcast::Decision;
use crate::client::Ari;
use crate::error::Failure;
use crate::event::Event;
use crate::generated::events::CallBroadcast;
use crate::handles::Call;

/// A call application: what happens to each call that enters `Stasis(name)`.
///
/// A call is a channel that came in from outside. What this program makes itself (originated channels, snoops, external
/// media, both halves of a Local channel) never comes to [`on_call`](Application::on_call), whatever application it
/// enters: [subscribe](crate::Channel::subscribe) to its id, which [`new_id`](crate::new_id) makes, before it is asked
/// for, wait for `StasisStart` or `ChannelDestroyed`, and hang it up when it is done with.
///
/// Each call runs in a task of its own. When [`on_call`](Application::on_call) returns, the call is hung up, unless it
/// was handed on: continued in the dialplan, moved to another application, or its [`Call`] given to another task. An
/// error or a panic ends this call, by policy, and no other; an error that follows from the call's end, such as `?` on a
/// digit that never came, is the ordinary way out and no news. When the channel ends first, [`Call::ended`] resolves and
/// the task has a grace period to finish.
///
/// A closure is an application too:
///
/// ```no_run
/// use ari_client::prelude::*;
///
/// # async fn run() -> Result {
/// Ari::from_env()?
///     .run("hello", |call: Call| async move {
///         call.answer().await?;
///         call.play("sound:hello-world").await?.finished().await?;
///         Ok(())
///     })
///     .await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call application",
    label = "implement `Application`, or give a closure `|call: Call| async move {{ … Ok(()) }}`"
)]
pub trait Application: Send + Sync + 'static {
    /// Takes one call from its beginning to its end.
    fn on_call(&self, call: Call) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Prepares the application, before the first call can come. An error keeps it from starting.
    ///
    /// Where Asterisks [dial in](crate::AriServer), this is called once for each, when it is there for the first time.
    /// Of those that are away, the last 100 are remembered: one before them that comes back is new.
    ///
    /// The event socket is not open yet: a channel that is originated here, into this application, is hung up unseen, and
    /// where requests go over that socket alone ([`RestOver::WebSocket`](crate::RestOver::WebSocket), or an
    /// [`AriServer`](crate::AriServer) without an HTTP server) they fail here.
    /// To dial out, wait for [`Status::Live`](crate::Status::Live) of [`Service::status`](crate::Service::status).
    fn on_start(&self, ari: &Ari) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = ari;
        std::future::ready(Ok(()))
    }

    /// Takes an event that belongs to no call, one at a time and in order.
    ///
    /// These are the events about objects that nobody in this program listens to, and those about none, such as
    /// device states. The queue is bounded: what is not taken in time is dropped, and counted in the log.
    fn on_event(&self, ari: &Ari, event: Event) -> impl Future<Output = ()> + Send {
        let _ = (ari, event);
        std::future::ready(())
    }

    /// Decides about a call that the dialplan offers to several applications, by `StasisBroadcast` (Asterisk 20.20,
    /// 22.10, 23.4 and later).
    ///
    /// The first application that claims the call has it, and it comes to [`on_call`](Self::on_call) as any other. A
    /// decision after the time for claims, 500 ms unless the dialplan says otherwise, is none. Others may decide at the
    /// same time, so that a claim need not win. A service that drains is not asked;
    /// [`Service::claim_broadcasts`](crate::Service::claim_broadcasts) claims every call.
    ///
    /// The dialplan goes on behind a call that nobody claims:
    ///
    /// ```ini
    /// exten => _X!,1,StasisBroadcast(1000)
    ///  same => n,Hangup(34)
    /// ```
    ///
    /// ARI event `CallBroadcast`, ARI `events.claimChannel`.
    fn on_broadcast(&self, ari: &Ari, offer: &CallBroadcast) -> impl Future<Output = Decision> + Send {
        let _ = (ari, offer);
        std::future::ready(Decision::Ignore)
    }

    /// The event socket was gone for so long, and is open again. Asterisk keeps no events: what happened meanwhile
    /// was not told.
    ///
    /// Calls whose channels are gone end with [`EndReason::Lost`](crate::EndReason::Lost), and channels that came
    /// meanwhile are taken up ([`Service::on_resume`](crate::Service::on_resume)); this is for what you keep yourself.
    /// It is called in order with [`on_event`](Self::on_event).
    fn on_gap(&self, ari: &Ari, length: Duration) -> impl Future<Output = ()> + Send {
        let _ = (ari, length);
        std::future::ready(())
    }
}

impl<F, R> Application for F
where
    F: Fn(Call) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), Failure>> + Send,
{
    fn on_call(&self, call: Call) -> impl Future<Output = Result<(), Failure>> + Send {
        self(call)
    }
}
