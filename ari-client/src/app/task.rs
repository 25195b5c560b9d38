//! The task of one call: runs the application's code and follows the channel's life.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument, debug, error, info_span, warn};

use super::application::Application;
use super::dispatch::Running;
use super::events::{Events, News};
use super::settings::Disposition;
use crate::error::Failure;
use crate::event::Event;
use crate::generated::EventKind;
use crate::handles::{Call, CallEnded, CallState, EndReason, Intent, Side};
use crate::id::ObjectKind;

/// How long after a hangup its effect may take to be seen.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(5);

/// A call that has just come, with its subscriptions in place.
pub(super) struct NewCall {
    pub(super) state: Arc<CallState>,
    pub(super) control: Events,
    pub(super) alarm: Arc<Notify>,
}

/// How the application's code came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Returned,
    Failed,
}

/// Runs one call to its end.
pub(super) async fn run<A: Application>(running: Arc<Running<A>>, new: NewCall) {
    let state = &new.state;
    let span = info_span!("call", id = %state.channel().id());
    let (call, released) = Call::new(Arc::clone(state));
    debug!(parent: &span, extension = call.extension(), caller = %call.caller(), "call");
    follow(&running, &new, call, released).instrument(span).await;
}

async fn follow<A: Application>(
    running: &Running<A>,
    new: &NewCall,
    call: Call,
    mut released: oneshot::Receiver<()>,
) {
    let state = &new.state;
    let mut watch = Watch {
        state,
        control: &new.control,
        alarm: &new.alarm,
        hangup: None,
    };
    let handler = AssertUnwindSafe(running.application.on_call(call)).catch_unwind();
    let mut handler = std::pin::pin!(handler);
    let mut outcome = None;
    let mut held = true;
    let mut give_up: Option<Instant> = None;
    let mut terminated = false;
    // The call is over for us when the application's code has come back and nobody holds the call, or the code failed.
    while outcome != Some(Outcome::Failed) && (outcome.is_none() || held) {
        tokio::select! {
            biased;
            end = watch.end(), if give_up.is_none() => {
                debug!(%end, "call ended");
                state.finish(end);
                give_up = Some(Instant::now() + running.settings.grace);
            }
            result = &mut handler, if outcome.is_none() => outcome = Some(judge(state, result)),
            _ = &mut released, if held => held = false,
            () = running.terminate.cancelled(), if !terminated => {
                terminated = true;
                hang_up(state, &Disposition::HANG_UP).await;
            }
            () = running.abort.cancelled() => break,
            () = deadline(give_up) => {
                warn!("the application did not come back within its grace period after the call's end");
                break;
            }
        }
    }
    let disposition = if outcome == Some(Outcome::Failed) {
        &running.settings.on_error
    } else {
        &running.settings.on_return
    };
    watch.part(disposition).await;
    state.clean_up().await;
}

async fn deadline(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn judge(state: &CallState, result: std::thread::Result<Result<(), Failure>>) -> Outcome {
    match result {
        Ok(Ok(())) => Outcome::Returned,
        // The ordinary end of a race with a hangup is no news.
        Ok(Err(failure)) if failure.ari().is_some_and(crate::Error::is_gone) => {
            debug!(%failure, "the call's application stopped");
            Outcome::Failed
        }
        Ok(Err(failure)) => {
            error!(channel = %state.channel().id(), "the call's application failed: {failure}");
            Outcome::Failed
        }
        Err(panic) => {
            let what = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            error!(channel = %state.channel().id(), "the call's application panicked: {what}");
            Outcome::Failed
        }
    }
}

async fn hang_up(state: &CallState, disposition: &Disposition) {
    if let Err(error) = state.channel().dispose(disposition).await
        && !error.is_gone()
    {
        warn!(%error, ?disposition, "cannot let go of the channel");
    }
}

/// Follows the channel's life.
struct Watch<'c> {
    state: &'c CallState,
    control: &'c Events,
    alarm: &'c Notify,
    /// A hangup was asked for, perhaps with a cause.
    hangup: Option<Option<i64>>,
}

impl Watch<'_> {
    /// Waits for the call's end. Cancel-safe.
    async fn end(&mut self) -> CallEnded {
        let overflow = || CallEnded::new(EndReason::Overflow, Side::Unknown, None);
        loop {
            tokio::select! {
                biased;
                news = self.control.next_news() => match news {
                    Some(News::Event(event)) => if let Some(end) = self.apply(&event) { return end },
                    // Control events are never dropped: if they do not fit, the mailbox overflows. And whoever
                    // knows that the channel went in silence ends the call.
                    Some(News::Lagged(_) | News::Gone(_)) => {}
                    None => return overflow(),
                },
                () = self.alarm.notified() => return overflow(),
                end = self.state.wait_for_end() => return end,
            }
        }
    }

    fn apply(&mut self, event: &Event) -> Option<CallEnded> {
        let id = self.state.channel().id();
        let ours = |channel: &str| channel == &*id;
        match &event.kind {
            EventKind::StasisStart(start) => {
                let replaced = start.replace_channel.as_ref().is_some_and(|old| ours(&old.id));
                if replaced && !ours(&start.channel.id) {
                    debug!(from = %id, to = start.channel.id, "a transfer replaced the call's channel");
                    self.control.add(ObjectKind::Channel, &start.channel.id);
                    self.state.replace_channel(&start.channel.id);
                }
                None
            }
            EventKind::ChannelHangupRequest(request) if ours(&request.channel.id) => {
                // Where `soft` is set, the number is of another kind: Asterisk's own flags.
                let cause = request.cause.filter(|_| request.soft != Some(true));
                self.hangup.get_or_insert(cause);
                None
            }
            EventKind::StasisEnd(end) if ours(&end.channel.id) => Some(self.how(None)),
            EventKind::ChannelDestroyed(end) if ours(&end.channel.id) => Some(self.how(Some(end.cause))),
            _ => None,
        }
    }

    fn how(&self, cause: Option<i64>) -> CallEnded {
        let intent = self.state.channel().intent();
        if let Some(Intent::HangUp { cause: ours }) = intent {
            return CallEnded::new(EndReason::HungUp, Side::Application, cause.or(Some(ours)));
        }
        match (self.hangup, intent) {
            (Some(told), _) => CallEnded::new(EndReason::HungUp, Side::Caller, cause.or(told)),
            (None, Some(Intent::Continue)) => CallEnded::new(EndReason::Continued, Side::Application, None),
            (None, Some(Intent::Move)) => CallEnded::new(EndReason::Moved, Side::Application, None),
            (None, _) => CallEnded::new(EndReason::HungUp, Side::Caller, cause),
        }
    }

    /// Lets go of a channel that is still here, and sees it go.
    async fn part(&mut self, disposition: &Disposition) {
        let left = self.state.end().is_none_or(|end| end.leaves_channel());
        if !left {
            return;
        }
        let leaving = self.state.channel().intent().is_some();
        if !leaving {
            hang_up(self.state, disposition).await;
        }
        if self.state.end().is_none() {
            match tokio::time::timeout(FAREWELL, self.end()).await {
                Ok(end) => {
                    debug!(%end, "call ended");
                    self.state.finish(end);
                }
                Err(_) => {
                    warn!("the channel did not leave in time");
                    self.state
                        .finish(CallEnded::new(EndReason::Lost, Side::Unknown, None));
                }
            }
        }
    }
}
