//! Several services that run and stop together, on two servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::{Caller, Ending, FakeAsterisk};
use support::log::Log;
use support::{Running, ari, hung_up_with, until, within};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

const NAME: &str = "same";

/// Numbers its calls, and tells each number with its own name.
struct Counts {
    name: &'static str,
    calls: AtomicUsize,
    told: mpsc::UnboundedSender<(&'static str, usize)>,
}

impl Application for Counts {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        self.told
            .send((self.name, self.calls.fetch_add(1, Ordering::Relaxed)))?;
        call.ended().await;
        Ok(())
    }
}

/// Two servers, and services of one name on both that are stopped together.
struct Two {
    servers: [FakeAsterisk; 2],
    status: [watch::Receiver<Status>; 2],
    told: mpsc::UnboundedReceiver<(&'static str, usize)>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result>,
}

impl Two {
    async fn start() -> Self {
        let servers = [
            FakeAsterisk::start().await.unwrap(),
            FakeAsterisk::start().await.unwrap(),
        ];
        let (sender, told) = mpsc::unbounded_channel();
        let service = |server, name| {
            let calls = AtomicUsize::new(0);
            let told = sender.clone();
            ari(server).service(NAME, Counts { name, calls, told })
        };
        let [one, two] = [service(&servers[0], "one"), service(&servers[1], "two")];
        let mut status = [one.status(), two.status()];
        let (stop, stopped) = oneshot::channel::<()>();
        let services = Services::new().with(one).with(two).stop_when(async {
            let _ = stopped.await;
        });
        let task = tokio::spawn(services.run());
        for status in &mut status {
            drop(within(status.wait_for(Status::takes_calls)).await.unwrap());
        }
        Self {
            servers,
            status,
            told,
            stop,
            task,
        }
    }

    async fn call(&self, server: usize) -> Caller {
        let caller = self.servers[server].call("1").place(NAME).await.unwrap();
        caller.wait_until_answered().await.unwrap();
        caller
    }
}

#[tokio::test]
async fn each_has_its_own_state_and_all_stop_together() {
    let mut two = Two::start().await;
    let callers = [two.call(0).await, two.call(1).await, two.call(1).await];
    let mut told = Vec::new();
    for _ in &callers {
        told.push(within(two.told.recv()).await.unwrap());
    }
    told.sort_unstable();
    assert_eq!(told, [("one", 0), ("two", 0), ("two", 1)]);

    two.stop.send(()).unwrap();
    for (status, server) in two.status.iter_mut().zip(&two.servers) {
        let draining = status.wait_for(|status| *status == Status::Draining);
        drop(within(draining).await.unwrap());
        let late = server.call("1").place(NAME).await.unwrap();
        let ending = late.wait_until_gone().await.unwrap();
        assert!(matches!(ending, Ending::Continued { .. }), "{ending:?}");
    }
    let [first, others @ ..] = callers;
    first.hang_up().await;
    within(two.status[0].wait_for(|status| *status == Status::Stopped))
        .await
        .unwrap();
    assert!(!two.task.is_finished(), "two calls are on");
    for caller in others {
        caller.hang_up().await;
    }
    within(two.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn one_that_is_replaced_drains_the_other_and_is_named() {
    let two = Two::start().await;
    let caller = two.call(1).await;
    let successor = ari(&two.servers[0]).service(NAME, |_: Call| async { Ok(()) });
    let successor = Running::with(successor).await;
    let mut status = two.status[1].clone();
    let draining = status.wait_for(|status| *status == Status::Draining);
    drop(within(draining).await.unwrap());
    assert!(!two.task.is_finished(), "a call is on");
    caller.hang_up().await;
    let failure = within(two.task).await.unwrap().unwrap_err();
    assert_eq!(failure.ari().unwrap().kind(), ErrorKind::Replaced);
    let place = format!("application same at {}/ari: ", two.servers[0].url());
    assert!(failure.to_string().starts_with(&place), "{failure}");
    successor.stop().await;
}

#[tokio::test]
async fn one_that_cannot_connect_stops_the_other() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    let nowhere = Ari::builder("http://127.0.0.1:1").credentials("ari", "secret");
    let nowhere = nowhere.build().unwrap();
    let idle = |_: Call| async { Ok(()) };
    let good = ari(&asterisk).service("good", idle);
    let status = good.status();
    let services = Services::new().with(good).with(nowhere.service("bad", idle));
    let failure = within(services.run()).await.unwrap_err();
    assert!(
        failure
            .to_string()
            .starts_with("application bad at http://127.0.0.1:1/ari: "),
        "{failure}"
    );
    assert_eq!(*status.borrow(), Status::Stopped);
    assert_eq!(log.lines("ERROR").len(), 1, "{:?}", log.lines("ERROR"));
}

/// Does not start.
struct Broken;

impl Application for Broken {
    async fn on_call(&self, _: Call) -> Result {
        Ok(())
    }

    async fn on_start(&self, _: &Ari) -> Result {
        Err("no database".into())
    }
}

#[tokio::test]
async fn what_an_application_says_is_told_with_its_name() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let failure = Services::new()
        .with(ari(&asterisk).service("broken", Broken))
        .run()
        .await;
    let place = format!("application broken at {}/ari", asterisk.url());
    assert_eq!(failure.unwrap_err().to_string(), format!("{place}: no database"));
}

#[tokio::test]
async fn a_service_twice_and_none_at_all_are_refused() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = || ari(&asterisk).service("it", |_: Call| async { Ok(()) });
    let twice = Services::new()
        .with(service())
        .with(service())
        .run()
        .await
        .unwrap_err();
    assert!(
        twice.to_string().contains("application it at") && twice.to_string().contains("twice"),
        "{twice}"
    );
    let none = Services::new().run().await.unwrap_err();
    assert_eq!(none.to_string(), "there is no service to run");
}

#[tokio::test]
async fn one_may_stop_alone_and_a_run_that_is_dropped_ends_all() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let waits = |call: Call| async move {
        call.answer().await?;
        call.ended().await;
        Ok(())
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let alone = ari(&asterisk).service("alone", waits).stop_when(async {
        let _ = stopped.await;
    });
    let other = ari(&asterisk)
        .service("other", waits)
        .drain_deadline(Duration::ZERO);
    let (mut first, mut second) = (alone.status(), other.status());
    let task = tokio::spawn(Services::new().with(alone).with(other).run());
    for status in [&mut first, &mut second] {
        drop(within(status.wait_for(Status::takes_calls)).await.unwrap());
    }
    stop.send(()).unwrap();
    drop(
        within(first.wait_for(|status| *status == Status::Stopped))
            .await
            .unwrap(),
    );
    let caller = asterisk.call("1").place("other").await.unwrap();
    caller.wait_until_answered().await.unwrap();
    task.abort();
    asterisk.wait_until_disconnected("other").await.unwrap();
    until("the task has ended", || task.is_finished()).await;
    assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(16));
}
