//! Calls that the dialplan offers to all applications, on a real Asterisk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ari_client::prelude::*;
use ari_lab::{Asterisk, Caller, Lab, Program, Running, talk};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(15);

/// The whole dialplan. It matches the extension `h` too, so that each call is offered once more when it is dead. Who
/// claims a call has 5 s for it: the usual 500 ms are little on a machine that builds programs meanwhile.
const OFFERED: &str = "[default]
exten => _[+*#0-9a-zA-Z]!,1,StasisBroadcast(5000)
 same => n,Hangup()
";

async fn lab() -> Lab {
    Lab::with(|asterisk| asterisk.dialplan(OFFERED)).await.unwrap()
}

/// A program that claims every call, and counts those that it gets.
struct Claimer {
    calls: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result>,
}

impl Claimer {
    async fn start(server: &Asterisk, name: &str) -> Self {
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        let answers = move |call: Call| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                call.answer().await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok(())
            }
        };
        let ari = Ari::builder(server.http_url()).credentials(server.username(), server.password());
        let (stop, stopped) = oneshot::channel::<()>();
        let service = ari.build().unwrap().service(name, answers).claim_broadcasts();
        let service = service.stop_when(async {
            let _ = stopped.await;
        });
        let mut status = service.status();
        let task = tokio::spawn(service.run());
        let live = status.wait_for(Status::takes_calls);
        tokio::time::timeout(LONG, live).await.unwrap().unwrap();
        Self { calls, stop, task }
    }

    /// How many calls it got.
    async fn stop(self) -> u64 {
        self.stop.send(()).unwrap();
        tokio::time::timeout(LONG, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        self.calls.load(Ordering::Relaxed)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "real Asterisk"]
async fn each_call_that_two_programs_claim_is_taken_by_one() {
    const CALLS: u32 = 300;
    let lab = lab().await;
    let one = Claimer::start(lab.asterisk(), "one").await;
    let two = Claimer::start(lab.asterisk(), "two").await;
    let callers = lab.sipp("1000").calls(CALLS).rate(30.0).until_hung_up();
    let counts = callers.run().await.unwrap();
    lab.asterisk().becomes_empty(LONG).await.unwrap();
    let (one, two) = (one.stop().await, two.stop().await);
    println!("{one} and {two} of {CALLS} calls");
    assert_eq!((counts.ok, counts.failed), (CALLS, 0), "{counts:?}");
    assert_eq!(one + two, u64::from(CALLS), "{one} and {two}");
    assert!(one > 0 && two > 0, "{one} and {two}: only one of them claims");
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_call_that_nobody_claims_goes_on_in_the_dialplan() {
    // The cause 17, busy, tells that the dialplan went on.
    let busy = "[default]\nexten => _X!,1,StasisBroadcast()\n same => n,Hangup(17)\n";
    let lab = Lab::with(|asterisk| asterisk.dialplan(busy)).await.unwrap();
    let _ignores = Program::binary("ari-apps", "ari-echo")
        .start(lab.asterisk())
        .await
        .unwrap();
    let mut anna = lab.phones().dial(Caller::new("600").named("anna")).await.unwrap();
    assert_eq!(anna.ended(LONG).await.unwrap(), 17);
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

async fn program(lab: &Lab, name: &str) -> Running {
    Program::binary("ari-apps", name)
        .arg("--claim-broadcasts")
        .start(lab.asterisk())
        .await
        .unwrap()
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn the_programs_run_on_claimed_calls() {
    let lab = lab().await;
    let conference = program(&lab, "ari-conference").await;
    let talked = talk::conference(&lab).await;
    talked.unwrap_or_else(|error| panic!("{error:#}\n{}", conference.output().unwrap()));
    drop(conference);
    let echo = program(&lab, "ari-echo").await;
    let talked = talk::echo(&lab).await;
    talked.unwrap_or_else(|error| panic!("{error:#}\n{}", echo.output().unwrap()));
}
