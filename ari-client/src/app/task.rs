//! The task of one call: runs the application's code and follows the channel's life.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, error, info_span, warn};

use super::application::Application;
use super::events::{Events, News};
use super::running::Running;
use super::settings::Disposition;
use crate::error::{Failure, Result};
use crate::event::Event;
use crate::generated::EventKind;
use crate::handles::{self, Call, CallEnded, CallState, EndReason, Side, insist};
use crate::id::ObjectKind;

/// How long the effect of letting a channel go may take to be seen, before it is asked for again.
const EFFECT: Duration = Duration::from_secs(2);

/// How rarely a channel is looked after that is on its way out.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How often Asterisk is asked in vain to let a channel go before its call is given up.
const ATTEMPTS: u32 = 5;

/// How long the event of a hangup may trail an error that it caused.
const TRAIL: Duration = Duration::from_millis(500);

/// How long a call may take to leave, and to take down what it made, when its service is over.
const LAST_MOMENTS: Duration = Duration::from_secs(5);

/// A call that has just come, with its subscriptions in place.
pub(super) struct NewCall {
    pub(super) state: Arc<CallState>,
    pub(super) control: Events,
}

/// How the application's code came back.
#[derive(Debug)]
enum Outcome {
    Returned,
    Failed(Failure),
    Panicked(String),
    /// It did not come back in time, or the service ended.
    Abandoned,
}

/// Runs one call to its end.
pub(super) async fn run<A: Application>(running: Arc<Running<A>>, new: NewCall) {
    let state = &new.state;
    let span = info_span!("call", id = %state.channel().id());
    let (call, released) = Call::new(Arc::clone(state));
    debug!(parent: &span, extension = call.extension(), caller = %call.caller(), "call");
    let life = async {
        let mut watch = Watch {
            state,
            control: &new.control,
            hangup: None,
        };
        let outcome = take_care(&running, &mut watch, call, released).await;
        let policy = watch.tell(outcome, &running).await;
        // A call that is live need not hold room for its end.
        let leave = Box::pin(async {
            watch.part(policy, &running.abort).await;
            state.clean_up().await;
        });
        if unless_over(&running.abort, leave).await.is_none() {
            warn!("the service is over: the call, or what it made, may be left over");
        }
        // Where it was on its way out and nothing told that it arrived, nothing will. Any other end came first.
        state.finish(CallEnded::new(EndReason::Lost, Side::Unknown, None));
    };
    life.instrument(span).await;
}

/// Runs the application's code beside the channel's life, until the code has come back and nobody holds the call.
async fn take_care<A: Application>(
    running: &Running<A>,
    watch: &mut Watch<'_>,
    call: Call,
    mut released: oneshot::Receiver<()>,
) -> Outcome {
    let state = watch.state;
    // Within the async block, so that code before the application's own future is guarded as well.
    let handler = AssertUnwindSafe(async { running.application.on_call(call).await }).catch_unwind();
    let mut handler = std::pin::pin!(handler);
    let mut outcome = None;
    let mut held = true;
    let mut give_up: Option<Instant> = None;
    // Most calls need none, and each would hold room for it.
    let mut last_hangup: Option<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = None;
    let mut hung_up = false;
    loop {
        match outcome {
            // Who holds an ended call has its grace period as well.
            Some(Outcome::Returned) if held => {}
            Some(outcome) => return outcome,
            None => {}
        }
        tokio::select! {
            biased;
            end = watch.end(), if give_up.is_none() => {
                watch.finish(end);
                give_up = Some(Instant::now() + running.settings.grace);
            }
            result = &mut handler, if outcome.is_none() => outcome = Some(judge(result)),
            _ = &mut released, if held => held = false,
            () = running.terminate.cancelled(), if last_hangup.is_none() => {
                last_hangup = Some(Box::pin(hang_up_at_last(state)));
            }
            () = done(&mut last_hangup), if !hung_up && give_up.is_none() => hung_up = true,
            () = running.abort.cancelled() => return Outcome::Abandoned,
            () = deadline(give_up) => {
                warn!("the application did not come back within its grace period after the call's end");
                return Outcome::Abandoned;
            }
        }
    }
}

async fn done(work: &mut Option<Pin<Box<dyn Future<Output = ()> + Send + '_>>>) {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

/// Hangs up, because the service ends.
async fn hang_up_at_last(state: &CallState) {
    if let Err(error) = insist(|| hang_up_unless_leaving(state)).await {
        debug!(%error, "the last hangup failed");
    }
}

async fn hang_up_unless_leaving(state: &CallState) -> Result<()> {
    let channel = state.channel();
    match channel.identity().departure() {
        None => let_go(state, &Disposition::HANG_UP).await,
        Some(asked) if asked.reason == EndReason::HungUp => {
            channel.ari().request(asked.request).await.map(drop)
        }
        // A call that is on its way out to somebody else is not ours to hang up.
        Some(_) => Ok(()),
    }
}

/// What `work` comes to, unless the service is over before, and the last moments that are left then.
async fn unless_over<T>(abort: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    let over = async {
        abort.cancelled().await;
        sleep(LAST_MOMENTS).await;
    };
    tokio::select! {
        done = work => Some(done),
        () = over => None,
    }
}

async fn deadline(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn judge(result: std::thread::Result<Result<(), Failure>>) -> Outcome {
    match result {
        Ok(Ok(())) => Outcome::Returned,
        Ok(Err(failure)) => Outcome::Failed(failure),
        Err(panic) => Outcome::Panicked(super::panic_message(&*panic)),
    }
}

async fn let_go(state: &CallState, disposition: &Disposition) -> Result<()> {
    let asked = state.channel().dispose(disposition).await;
    asked.inspect_err(|error| warn!(%error, ?disposition, "cannot let go of the channel"))
}

/// Follows the channel's life.
struct Watch<'c> {
    state: &'c CallState,
    control: &'c Events,
    /// A hangup was asked for: by whom, and perhaps with a cause.
    hangup: Option<(Side, Option<i64>)>,
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
                    Some(News::Missed(_) | News::Gone(_)) => {}
                    None => return overflow(),
                },
                () = self.state.alarm().notified() => return overflow(),
                end = self.state.wait_for_end() => return end,
            }
        }
    }

    fn finish(&self, end: CallEnded) {
        debug!(%end, "call ended");
        self.state.finish(end);
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
                // Where `soft` is set, Asterisk itself was asked, by another client or the dialplan, and the number
                // is of another kind.
                let told = match request.soft {
                    Some(true) => (Side::Unknown, None),
                    _ => (Side::Caller, request.cause),
                };
                self.hangup.get_or_insert(told);
                None
            }
            EventKind::ApplicationMoveFailed(failed) if ours(&failed.channel.id) => {
                warn!(
                    to = failed.destination,
                    "nobody runs the application that the call was to move to"
                );
                self.state.channel().identity().stay_after_all(EndReason::Moved);
                None
            }
            EventKind::StasisEnd(end) if ours(&end.channel.id) => Some(self.how(None)),
            EventKind::ChannelDestroyed(end) if ours(&end.channel.id) => Some(self.how(Some(end.cause))),
            _ => None,
        }
    }

    fn how(&self, cause: Option<i64>) -> CallEnded {
        let departure = self.state.channel().identity().departure();
        match (departure, self.hangup) {
            (Some(ours), _) if ours.reason == EndReason::HungUp => {
                CallEnded::new(EndReason::HungUp, Side::Application, cause.or(ours.cause))
            }
            (_, Some((side, told))) => CallEnded::new(EndReason::HungUp, side, cause.or(told)),
            (Some(ours), None) => CallEnded::new(ours.reason, Side::Application, None),
            // A hangup is always announced; a redirect, or another client, takes the channel away without a word.
            (None, None) if cause.is_none() => CallEnded::new(EndReason::Left, Side::Unknown, None),
            (None, None) => CallEnded::new(EndReason::HungUp, Side::Unknown, cause),
        }
    }

    /// Logs how the application's code came back, and returns the policy that follows from it.
    async fn tell<'r, A>(&mut self, outcome: Outcome, running: &'r Running<A>) -> &'r Disposition {
        let channel = self.state.channel().id();
        let settings = &running.settings;
        match outcome {
            Outcome::Returned | Outcome::Abandoned => return &settings.on_return,
            Outcome::Failed(failure) if self.is_a_lost_race(&failure).await => {
                debug!(%failure, "the call's application stopped when the call ended");
            }
            Outcome::Failed(failure) => error!(%channel, "the call's application failed: {failure}"),
            Outcome::Panicked(what) => error!(%channel, "the call's application panicked: {what}"),
        }
        &settings.on_error
    }

    /// Whether a failure is the ordinary end of a race with the call's end, and no news. A request on a channel that
    /// is just going may fail with any status.
    async fn is_a_lost_race(&mut self, failure: &Failure) -> bool {
        if failure.ari().is_none() {
            return false;
        }
        if self.state.end().is_none()
            && let Ok(end) = timeout(TRAIL, self.end()).await
        {
            self.finish(end);
        }
        self.state.end().is_some()
    }

    /// The channel is gone; the event that tells of it may be on its way, or there is no socket that could bring it.
    async fn finish_unseen(&mut self) {
        let end = timeout(TRAIL, self.end()).await;
        let end = end.unwrap_or_else(|_| self.how(None));
        self.finish(end);
        let channel = self.state.channel();
        channel
            .ari()
            .hub()
            .leave(&channel.id(), Some(self.state.application()));
    }

    /// Waits for a channel to leave that Asterisk has let go: it does so when what plays on it has ended, or not at all
    /// where a move fails.
    async fn see_off(&mut self, abort: &CancellationToken) {
        let mut wait = EFFECT;
        while self.state.end().is_none() && self.state.channel().identity().is_on_its_way() {
            tokio::select! {
                end = self.end() => self.finish(end),
                () = sleep(wait) => {
                    let there = self.state.channel().snapshot().await;
                    if there.is_err_and(|error| error.is_gone()) {
                        self.finish_unseen().await;
                    }
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                () = abort.cancelled() => return,
            }
        }
    }

    /// Lets go of a channel that is still here, and sees it go.
    ///
    /// What the application asked for last is asked for again where its outcome is not known; else the policy holds.
    /// Asterisk may refuse some times; as long as it cannot be asked at all, the call goes on being let go of.
    async fn part(&mut self, policy: &Disposition, abort: &CancellationToken) {
        let mut attempts = 0;
        let mut wait = EFFECT;
        while attempts < ATTEMPTS {
            self.see_off(abort).await;
            let ended = self.state.end();
            let stays = ended.as_ref().is_none_or(CallEnded::leaves_channel);
            if !stays || self.state.channel().identity().is_on_its_way() {
                return;
            }
            match self.ask_to_leave(policy, attempts == 0).await {
                Ok(()) if ended.is_some() => return,
                Err(error) if error.is_gone() => return self.finish_unseen().await,
                Err(error) if error.is_unheard() && !abort.is_cancelled() => {
                    wait = (wait * 2).min(handles::LONGEST_WAIT);
                }
                _ => {
                    attempts += 1;
                    wait = EFFECT;
                }
            }
            self.leaves_within(wait).await;
        }
        if self.state.end().is_none() {
            warn!("the channel did not leave in time: hanging up");
            let _ = let_go(self.state, &Disposition::HANG_UP).await;
            self.finish(CallEnded::new(EndReason::Lost, Side::Unknown, None));
        }
    }

    /// Asks for the channel to leave. Where it was asked for before, that may take effect `first`.
    async fn ask_to_leave(&self, policy: &Disposition, first: bool) -> Result<()> {
        let channel = self.state.channel();
        match channel.identity().departure() {
            Some(_) if first => Ok(()),
            Some(departure) => channel.ari().request(departure.request).await.map(drop),
            None => let_go(self.state, policy).await,
        }
    }

    async fn leaves_within(&mut self, wait: Duration) {
        if self.state.end().is_some() {
            sleep(wait).await;
        } else if let Ok(end) = timeout(wait, self.end()).await {
            self.finish(end);
        }
    }
}
