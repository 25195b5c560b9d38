//! What is left in Asterisk when things fail half-way: nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;
use support::{APP, Running, ari, requests, telling, until, within};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

const BRIDGE: &str = "/bridges/*";

/// Takes calls into one room.
async fn conference(call: Call) -> Result {
    call.answer().await?;
    let room = call.room("one").music_when_alone("").await?;
    room.add(&call).await?;
    call.ended().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_are_gone_when_run_returns() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    for round in 0..20 {
        let service = ari(&asterisk).service(APP, conference);
        let mut service = Running::with(service.drain_deadline(Duration::from_millis(10))).await;
        let caller = asterisk.call("1").place(APP).await.unwrap();
        caller.wait_until_bridged().await.unwrap();
        service.ask_to_stop();
        if round % 2 == 0 {
            caller.hang_up().await;
        }
        service.ended().await.unwrap();
        assert_eq!(asterisk.leaks(), [""; 0], "round {round}");
    }
    assert_eq!(requests(&asterisk, "DELETE", BRIDGE), 20);
}

#[tokio::test]
async fn a_bridge_of_which_nobody_knows_whether_it_was_made_is_destroyed() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    for _ in 0..2 {
        asterisk.drop_next_answer("POST", BRIDGE);
        // Nor can it be seen whether it is there.
        asterisk.fail_next("GET", BRIDGE, 500, r#"{"error":"Allocation failed"}"#);
    }
    let error = ari.room("one").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    ari.new_bridge().await.unwrap_err();
    asterisk.wait_until_idle().await.unwrap();
    until("both were destroyed", || {
        requests(&asterisk, "DELETE", BRIDGE) == 2
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_to_go_goes_when_asterisk_answers_again_however_late() {
    const TIMES: usize = 30;
    let asterisk = FakeAsterisk::builder()
        .deadline(Duration::from_secs(600))
        .start()
        .await
        .unwrap();
    for path in ["/channels/*", BRIDGE] {
        for _ in 0..TIMES {
            asterisk.fail_next("DELETE", path, 503, r#"{"message":"Asterisk not booted"}"#);
        }
    }
    let service = Running::start(&asterisk, |call: Call| async move {
        call.answer().await?;
        call.bridge().await?.add(&call).await?;
        Err("that was all".into())
    })
    .await;
    asterisk.call("1").place(APP).await.unwrap();
    asterisk.wait_for_request("DELETE", BRIDGE).await.unwrap();
    asterisk.wait_until_idle().await.unwrap();
    for path in ["/channels/*", BRIDGE] {
        assert_eq!(requests(&asterisk, "DELETE", path), TIMES + 1, "{path}");
    }
    service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_taken_down_does_not_outlive_its_service_for_long() {
    const MINUTE: Duration = Duration::from_secs(60);
    let asterisk = FakeAsterisk::builder().deadline(MINUTE).start().await.unwrap();
    for _ in 0..1_000 {
        asterisk.fail_next("DELETE", BRIDGE, 503, r#"{"message":"Asterisk not booted"}"#);
    }
    let service = ari(&asterisk).service(APP, |call: Call| async move {
        call.bridge().await?;
        Ok(())
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let service = service.grace_period(Duration::ZERO).stop_when(async {
        let _ = stopped.await;
    });
    let service = tokio::spawn(service.run());
    asterisk.wait_for_application(APP).await.unwrap();
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_gone().await.unwrap();
    drop(stop);
    // The drain deadline, what the last calls get beyond it, and some more.
    timeout(2 * MINUTE, service).await.unwrap().unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let asked = requests(&asterisk, "DELETE", BRIDGE);
    tokio::time::sleep(MINUTE).await;
    assert_eq!(requests(&asterisk, "DELETE", BRIDGE), asked);
}

#[tokio::test]
async fn a_service_does_not_end_before_a_bridge_is_gone_that_nobody_knew_of() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    // It is on its way when nobody waits any more, and never gets there.
    asterisk.drop_next_request("POST", BRIDGE);
    asterisk.fail_next("DELETE", BRIDGE, 503, r#"{"message":"Asterisk not booted"}"#);
    let service = Running::start(&asterisk, |call: Call| async move {
        let request = call.ari().new_bridge().into_future();
        // Nobody waits for it: what becomes of it is not known.
        let _ = timeout(Duration::from_millis(1), request).await;
        Ok(())
    })
    .await;
    asterisk.delay_requests(Duration::from_millis(50));
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_gone().await.unwrap();
    asterisk.delay_requests(Duration::ZERO);
    service.stop().await;
    assert_eq!(asterisk.leaks(), [""; 0]);
    // One that was not heard, and those that looked whether the bridge is made after all.
    assert_eq!(requests(&asterisk, "DELETE", BRIDGE), 6);
}

#[tokio::test]
async fn a_bridge_that_is_made_behind_its_destruction_is_destroyed_all_the_same() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    asterisk.drop_next_request("POST", BRIDGE);
    asterisk.fail_next("GET", BRIDGE, 500, r#"{"error":"Allocation failed"}"#);
    let error = ari.new_bridge().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    let overtakes = asterisk.wait_for_request("DELETE", BRIDGE).await.unwrap();
    let id = overtakes.path.rsplit('/').next().unwrap();
    ari.bridges().create_with_id(id).await.unwrap();
    asterisk.wait_until_idle().await.unwrap();
    assert_eq!(requests(&asterisk, "DELETE", BRIDGE), 2);
}

#[tokio::test]
async fn a_room_that_nobody_waits_for_is_not_left_over() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    let (mut made, mut cancelled) = (0, 0);
    for round in 0..200 {
        let room = tokio::spawn(ari.room("one").into_future());
        // Cancelled before the request leaves, while it is under way, and behind its answer.
        for _ in 0..round % 40 {
            tokio::task::yield_now().await;
        }
        *(if room.is_finished() {
            &mut made
        } else {
            &mut cancelled
        }) += 1;
        room.abort();
    }
    assert!(made > 0 && cancelled > 0, "{made} made, {cancelled} cancelled");
    asterisk.wait_until_idle().await.unwrap();
}

#[tokio::test]
async fn a_member_stays_one_where_adding_him_again_fails() {
    let asterisk = Arc::new(FakeAsterisk::start().await.unwrap());
    let (sender, mut failed) = mpsc::unbounded_channel();
    let spoils = Arc::clone(&asterisk);
    let service = Running::start(&asterisk, move |call: Call| {
        let (asterisk, sender) = (Arc::clone(&spoils), sender.clone());
        async move {
            let room = call.room("one").await?;
            room.add(&call).await?;
            let body = r#"{"message":"busy"}"#;
            asterisk.fail_next("POST", "/bridges/*/addChannel", 500, body);
            let again = room.add(&call).await.unwrap_err();
            let members = room.members().borrow().len();
            drop(room);
            sender.send((again.status(), members))?;
            call.ended().await;
            Ok(())
        }
    })
    .await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    assert_eq!(within(failed.recv()).await.unwrap(), (Some(500), 1));
    // Time enough for the room's keeper to take it down, if it was to.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(asterisk.bridges().len(), 1);
    caller.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

/// Hands each call on; its application has come back at once.
fn hands_on() -> (impl Application, mpsc::UnboundedReceiver<Call>) {
    telling(|call, tell| async move {
        call.answer().await?;
        tell.send(call)?;
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_call_makes_after_its_end_does_not_stay() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut calls) = hands_on();
    let service = Running::start(&asterisk, application).await;
    for _ in 0..50 {
        let caller = asterisk.call("1").place(APP).await.unwrap();
        let call = within(calls.recv()).await.unwrap();
        caller.hang_up().await;
        within(call.ended()).await;
        let media = call.external_media("127.0.0.1:9".parse().unwrap());
        assert_eq!(media.await.unwrap_err().kind(), ErrorKind::CallEnded);
        // Whether this succeeds is not said; that it does not stay is.
        let _ = call.bridge().await;
    }
    asterisk.wait_until_idle().await.unwrap();
    assert_eq!(requests(&asterisk, "POST", "/channels/externalMedia"), 0);
    service.stop().await;
}

#[tokio::test]
async fn an_application_that_is_given_up_lets_go_before_its_call_is_cleaned_up() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let lock = Arc::new(Mutex::new(()));
    let shared = Arc::clone(&lock);
    let service = ari(&asterisk).service(APP, move |call: Call| {
        let lock = Arc::clone(&shared);
        async move {
            let _guard = lock.lock().await;
            call.bridge().await?;
            call.answer().await?;
            std::future::pending().await
        }
    });
    let service = Running::with(service.grace_period(Duration::from_millis(50))).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    asterisk.delay_requests(Duration::from_secs(2));
    caller.hang_up().await;
    drop(within(lock.lock()).await);
    assert_eq!(asterisk.bridges().len(), 1, "the cleaning up takes two seconds");
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}
