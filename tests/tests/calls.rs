//! Calls and their tasks: panics, load, transfers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use ari_client::prelude::*;
use ari_lab::{Asterisk, Caller, Lab};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(10);

/// A client of the lab's Asterisk.
fn ari(server: &Asterisk) -> Ari {
    Ari::builder(server.http_url())
        .credentials(server.username(), server.password())
        .build()
        .unwrap()
}

/// An application that runs in this process until it is told to stop.
struct Service {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result>,
}

impl Service {
    async fn start(server: &Asterisk, application: impl Application) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let service = ari(server).service("EVERYTHING", application).stop_when(async {
            let _ = stopped.await;
        });
        let mut status = service.status();
        let task = tokio::spawn(service.run());
        let live = status.wait_for(Status::takes_calls);
        tokio::time::timeout(LONG, live).await.unwrap().unwrap();
        Self { stop, task }
    }

    /// Stops it and waits for its end.
    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(LONG, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

/// Waits until so many channels are left.
async fn remaining(ari: &Ari, count: usize) -> Vec<ari_client::models::Channel> {
    let wait = async {
        loop {
            let channels = ari.channels().list().await.unwrap();
            if channels.len() == count {
                return channels;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LONG, wait).await.unwrap()
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_handler_that_panics_ends_its_own_call_only() {
    let lab = Lab::start().await.unwrap();
    let service = Service::start(lab.asterisk(), |call: Call| async move {
        call.answer().await?;
        if call.extension() == "666" {
            panic!("a bug in the application");
        }
        loop {
            let digit = call.next_digit().await?;
            call.play(format!("digits:{digit}")).await?;
        }
    })
    .await;
    let mut steady = lab
        .phones()
        .call(Caller::new("1000").named("steady"))
        .await
        .unwrap();
    let mut victim = lab
        .phones()
        .dial(Caller::new("666").named("victim"))
        .await
        .unwrap();
    assert_eq!(
        victim.ended(LONG).await.unwrap(),
        16,
        "the panicked call is hung up"
    );
    let heard = steady
        .press_and_listen("7", Duration::from_secs(2))
        .await
        .unwrap();
    assert!(!heard.is_silent(), "the other call no longer works");
    steady.hang_up().await.unwrap();
    lab.asterisk().becomes_empty(LONG).await.unwrap();
    service.stop().await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn three_hundred_calls_at_thirty_per_second() {
    let lab = Lab::start().await.unwrap();
    let calls = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let service = Service::start(lab.asterisk(), move |call: Call| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            call.answer().await?;
            let room = call
                .room(format!("room {}", call.caller().number.len()))
                .mixing()
                .await?;
            room.add(&call).await?;
            call.ended().await;
            Ok(())
        }
    })
    .await;
    let counts = lab
        .sipp("1000")
        .calls(300)
        .rate(30.0)
        .stay(Duration::from_secs(1))
        .run()
        .await
        .unwrap();
    assert_eq!((counts.ok, counts.failed), (300, 0));
    lab.asterisk().becomes_empty(LONG).await.unwrap();
    let calls = calls.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(calls, 300, "each call reaches the application once");
    service.stop().await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn an_attended_transfer_keeps_the_calls_and_their_tasks() {
    let lab = Lab::start().await.unwrap();
    let ends = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&ends);
    let service = Service::start(lab.asterisk(), move |call: Call| {
        let told = Arc::clone(&told);
        async move {
            call.answer().await?;
            let first = call.id();
            let room = call.room(call.extension()).mixing().await?;
            room.add(&call).await?;
            let end = call.ended().await;
            told.lock()
                .await
                .push((call.caller().name.clone(), first != call.id(), end));
            Ok(())
        }
    })
    .await;
    let caller = |extension: &str, name: &str| Caller::new(extension).named(name);
    let mut anna = lab.phones().call(caller("1000", "anna").tone(440)).await.unwrap();
    let mut first = lab.phones().call(caller("1000", "bert")).await.unwrap();
    let mut second = lab.phones().call(caller("2000", "bert")).await.unwrap();
    let mut carl = lab.phones().call(caller("2000", "carl").tone(620)).await.unwrap();

    first.transfer_to(&mut second).await.unwrap();
    second.ended(LONG).await.unwrap();
    let length = Duration::from_secs(2);
    let (to_anna, to_carl) = tokio::try_join!(anna.listen(length), carl.listen(length)).unwrap();
    assert!(to_anna.holds(620), "anna does not hear carl: {to_anna:?}");
    assert!(to_carl.holds(440), "carl does not hear anna: {to_carl:?}");
    assert!(
        ends.lock().await.is_empty(),
        "a call ended: {:?}",
        ends.lock().await
    );

    // The channels that took bert's place stay until the application lets them go: here, by its end.
    anna.hang_up().await.unwrap();
    carl.hang_up().await.unwrap();
    let channels = remaining(&ari(lab.asterisk()), 2).await;
    for channel in channels {
        ari(lab.asterisk()).channel(&channel.id).hang_up().await.unwrap();
    }
    lab.asterisk().becomes_empty(LONG).await.unwrap();
    service.stop().await;
    let ends = ends.lock().await;
    let replaced = ends
        .iter()
        .filter(|(name, replaced, _)| name == "bert" && *replaced)
        .count();
    assert_eq!((ends.len(), replaced), (4, 2), "{ends:?}");
}
