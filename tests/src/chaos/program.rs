//! The program that is put to the test: applications that behave as well, or as badly, as the caller dials.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use ari_client::{Application, Ari, Call, Failure};
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::roll::Roll;

/// The name under which it takes calls.
pub(super) const NAME: &str = "EVERYTHING";

/// How long a handler may go on after its call's end: what is dropped then would be stuck.
const GRACE: Duration = Duration::from_secs(3);
/// How long live calls may go on after the program was asked to stop.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the program may take to end; its calls and rooms have deadlines that sum up to less.
const STOP: Duration = Duration::from_secs(40);
/// How long a handler blocks its thread.
const BLOCK: Duration = Duration::from_secs(2);
/// How slow a slow application is, with each thing it does.
const SLOW: Duration = Duration::from_secs(1);
/// How many requests a flooding handler sends at once.
const FLOOD: usize = 300;

/// What a caller dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    /// The call is answered and put into a bridge of its own, until somebody leaves.
    Stay,
    /// The handler panics.
    Panic,
    /// The handler returns an error.
    Fail,
    /// The handler blocks its thread for a while.
    Block,
    /// The handler sends requests in numbers.
    Flood,
    /// The handler takes its time, and does not read its events.
    Slow,
}

impl Manners {
    const ALL: [Self; 6] = [
        Self::Stay,
        Self::Panic,
        Self::Fail,
        Self::Block,
        Self::Flood,
        Self::Slow,
    ];

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::Panic => "panic",
            Self::Fail => "fail",
            Self::Block => "block",
            Self::Flood => "flood",
            Self::Slow => "slow",
        }
    }

    fn of(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|manners| manners.extension() == extension)
    }
}

/// The application of the program with this number.
struct Chaotic {
    program: u32,
    roll: Roll,
    leave: watch::Receiver<bool>,
}

impl Application for Chaotic {
    async fn on_call(&self, call: Call) -> Result<(), Failure> {
        let present = self.roll.enter(self.program, &call.id());
        let manners = Manners::of(call.extension()).context("nobody dials this")?;
        let mut leave = self.leave.clone();
        let life = async {
            behave(manners, &call).await?;
            // Everybody leaves as well when nobody is there any more to say so.
            let _ = leave.wait_for(|leave| *leave).await;
            Ok(())
        };
        tokio::select! {
            end = call.ended() => {
                present.told(end.reason);
                Ok(())
            }
            done = life => done,
        }
    }
}

async fn behave(manners: Manners, call: &Call) -> Result<(), Failure> {
    match manners {
        Manners::Stay => {}
        Manners::Panic => {
            call.answer().await?;
            // A panic that is not printed: it is not the lab's.
            std::panic::resume_unwind(Box::new("as dialled"));
        }
        Manners::Fail => {
            call.answer().await?;
            return Err(anyhow::anyhow!("as dialled").into());
        }
        Manners::Block => std::thread::sleep(BLOCK),
        Manners::Flood => flood(call).await,
        Manners::Slow => return slow(call).await,
    }
    // A caller whose channel cannot be served now is kept nevertheless.
    let _ = serve(call).await;
    Ok(())
}

async fn serve(call: &Call) -> ari_client::prelude::Result<(), ari_client::Error> {
    call.answer().await?;
    call.bridge().mixing().await?.add(call).await
}

async fn flood(call: &Call) {
    let mut requests = JoinSet::new();
    for _ in 0..FLOOD {
        let channel = call.channel().clone();
        requests.spawn(async move { channel.variable("CHANNEL(state)").await });
    }
    // That some of them fail is no news.
    while requests.join_next().await.is_some() {}
}

async fn slow(call: &Call) -> Result<(), Failure> {
    let _unread = call.events();
    for _ in 0..2 {
        sleep(SLOW).await;
        serve(call).await?;
    }
    sleep(SLOW).await;
    Ok(())
}

/// A running program, on threads of its own, as it would be in a process of its own.
#[derive(Debug)]
pub(super) struct Program {
    runtime: Option<Runtime>,
    stop: Option<oneshot::Sender<()>>,
    leave: watch::Sender<bool>,
    ended: oneshot::Receiver<Result<(), Failure>>,
}

impl Program {
    /// Starts program `number`, whose tasks are on `roll`, on `ari`.
    pub(super) fn start(number: u32, ari: &Ari, roll: &Roll) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (leave, leaves) = watch::channel(false);
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let application = Chaotic {
            program: number,
            roll: roll.clone(),
            leave: leaves,
        };
        let service = ari
            .service(NAME, application)
            .grace_period(GRACE)
            .drain_deadline(DRAIN)
            .stop_when(async {
                // Also where nobody is there any more to stop it.
                let _ = stopped.await;
            });
        runtime.spawn(async move {
            // Nobody waits for the end of a program that is killed.
            let _ = end.send(service.run().await);
        });
        Ok(Self {
            runtime: Some(runtime),
            stop: Some(stop),
            leave,
            ended,
        })
    }

    /// Has all handlers return that have nothing against it.
    pub(super) fn everybody_leaves(&self) {
        self.leave.send_replace(true);
    }

    /// Asks it to stop, and waits for how it ends.
    pub(super) async fn stop(mut self) -> Result<()> {
        // Where it has ended already, it needs no word.
        let _ = self.stop.take().map(|stop| stop.send(()));
        match self.end(STOP).await? {
            Ok(()) => Ok(()),
            Err(failure) => bail!("the program ended with an error: {failure}"),
        }
    }

    /// Waits for its end by itself.
    pub(super) async fn end(&mut self, patience: Duration) -> Result<Result<(), Failure>> {
        let ended = timeout(patience, &mut self.ended).await;
        let ended = ended.with_context(|| format!("the program did not end within {patience:?}"))?;
        ended.context("the program died")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // At once, as a process dies. It may be dropped where waiting is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
