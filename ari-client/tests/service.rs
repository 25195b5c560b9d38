//! The service around the calls: connection, drain, router.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::{Duration, Instant};

use ari_client::prelude::*;
use ari_client::testing::{Caller, Ending, FakeAsterisk};
use ari_client::{EndReason, Status};
use support::log::Log;
use support::{APP, LONG, Running, ari, hangups, hung_up_with, telling, within};
use tokio::sync::mpsc;

type Ends = mpsc::UnboundedReceiver<CallEnded>;

/// Answers, and plays a beep for each digit until the call ends; tells the end.
fn beeps() -> (impl Application, Ends) {
    telling(|call, tell| async move {
        call.answer().await?;
        while call.next_digit().await.is_ok() {
            call.play("sound:beep").await?;
        }
        tell.send(call.ended().await)?;
        Ok(())
    })
}

/// A digit is answered with a beep, and the call ends when the caller hangs up.
async fn is_served_to_its_end(caller: &Caller, ends: &mut Ends) {
    caller.press("1").await;
    caller.wait_until_heard("sound:beep").await.unwrap();
    caller.hang_up().await;
    assert_eq!(within(ends.recv()).await.unwrap().reason, EndReason::HungUp);
}

#[tokio::test]
async fn calls_go_on_when_the_socket_breaks_and_the_status_tells() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = beeps();
    let mut service = Running::start(&asterisk, application).await;
    let stays = asterisk.call("1").place(APP).await.unwrap();
    let leaves = asterisk.call("2").place(APP).await.unwrap();
    stays.wait_until_answered().await.unwrap();
    leaves.wait_until_answered().await.unwrap();

    asterisk.stop_listening().await;
    asterisk.cut_connections().await;
    let down = |status: &Status| matches!(status, Status::Reconnecting { .. });
    within(service.status.wait_for(down)).await.unwrap();
    leaves.hang_up().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    asterisk.listen_again().await.unwrap();
    within(service.status.wait_for(Status::takes_calls))
        .await
        .unwrap();

    assert_eq!(
        within(ends.recv()).await.unwrap().reason,
        EndReason::Lost,
        "its end was missed"
    );
    is_served_to_its_end(&stays, &mut ends).await;
    service.stop().await;
}

#[tokio::test]
async fn a_client_that_is_locked_out_says_so_keeps_its_calls_and_tries_again_slowly() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    let (application, mut ends) = beeps();
    let mut service = Running::start(&asterisk, application).await;
    let stays = asterisk.call("1").place(APP).await.unwrap();
    stays.wait_until_answered().await.unwrap();

    asterisk.fail_next("GET", "/events", 401, r#"{"message":"Authentication required"}"#);
    let since = Instant::now();
    asterisk.cut_connections().await;
    let locked_out = |status: &Status| matches!(status, Status::Reconnecting { reason, .. } if reason.contains("password not accepted"));
    drop(within(service.status.wait_for(locked_out)).await.unwrap());
    let warnings = log.lines("WARN");
    assert!(
        warnings.iter().any(|line| line.contains("password not accepted")),
        "{warnings:?}"
    );
    drop(
        within(service.status.wait_for(Status::takes_calls))
            .await
            .unwrap(),
    );
    assert!(since.elapsed() > Duration::from_secs(2), "{:?}", since.elapsed());
    is_served_to_its_end(&stays, &mut ends).await;
    service.stop().await;
}

#[tokio::test]
async fn another_client_of_the_same_name_takes_over_and_there_is_no_fight() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = beeps();
    let first = Running::start(&asterisk, application).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    let (application, _later) = beeps();
    let second = Running::start(&asterisk, application).await;
    assert_eq!(within(ends.recv()).await.unwrap().reason, EndReason::Replaced);
    let failure = first.ended().await.unwrap_err();
    assert_eq!(failure.ari().unwrap().kind(), ErrorKind::Replaced, "{failure}");
    let next = asterisk.call("2").place(APP).await.unwrap();
    next.wait_until_answered().await.unwrap();
    caller.hang_up().await;
    next.hang_up().await;
    second.stop().await;
}

#[tokio::test]
async fn a_service_that_drains_turns_new_calls_away_and_lets_live_ones_finish() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = beeps();
    let mut service = Running::start(&asterisk, application).await;
    let live = asterisk.call("1").place(APP).await.unwrap();
    live.wait_until_answered().await.unwrap();
    service.ask_to_stop();
    within(service.status.wait_for(|status| *status == Status::Draining))
        .await
        .unwrap();
    let late = asterisk.call("2").place(APP).await.unwrap();
    assert!(matches!(
        late.wait_until_gone().await.unwrap(),
        Ending::Continued { .. }
    ));
    is_served_to_its_end(&live, &mut ends).await;
    service.ended().await.unwrap();
    asterisk.wait_until_disconnected(APP).await.unwrap();
}

#[tokio::test]
async fn the_drain_deadline_hangs_up_who_stays() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = beeps();
    let service = ari(&asterisk)
        .service(APP, application)
        .drain_deadline(Duration::from_millis(200));
    let mut service = Running::with(service).await;
    let stays = asterisk.call("1").place(APP).await.unwrap();
    stays.wait_until_answered().await.unwrap();
    service.ask_to_stop();
    service.ended().await.unwrap();
    assert_eq!(within(ends.recv()).await.unwrap().reason, EndReason::HungUp);
    stays.wait_until_gone().await.unwrap();
    assert_eq!(asterisk.leaks(), [""; 0]);
}

#[tokio::test]
async fn the_router_picks_by_extension_context_argument_and_closure() {
    struct Says(&'static str, mpsc::UnboundedSender<(&'static str, String)>);
    impl Application for Says {
        async fn on_call(&self, call: Call) -> Result {
            Ok(self.1.send((self.0, call.extension().to_owned()))?)
        }
    }
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut picked) = mpsc::unbounded_channel();
    let says = |name| Says(name, sender.clone());
    let router = Router::new()
        .extension("_2XXX", says("pattern"))
        .extension("300", says("extension"))
        .context("internal", says("context"))
        .argument("sales", says("argument"))
        .when(|call| call.caller().number.starts_with("+49"), says("closure"))
        .fallback(says("fallback"));
    let service = Running::start(&asterisk, router).await;
    let calls = [
        (asterisk.call("2001"), "pattern"),
        (asterisk.call("300"), "extension"),
        (asterisk.call("4").context("internal"), "context"),
        (asterisk.call("5").args(["de", "sales"]), "argument"),
        (asterisk.call("6").caller("+4930"), "closure"),
        (asterisk.call("20011"), "fallback"),
    ];
    for (call, wanted) in calls {
        call.place(APP).await.unwrap();
        assert_eq!(within(picked.recv()).await.unwrap().0, wanted);
    }
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn a_router_with_a_bad_pattern_does_not_start() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let router = Router::new().extension("_2[", |_: Call| async { Ok(()) });
    let failure = within(ari(&asterisk).run(APP, router)).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "extension pattern `_2[`: a `[` needs characters, ranges that go upwards, and a `]`"
    );
    assert!(asterisk.requests().is_empty());
}

#[tokio::test]
async fn the_first_connection_can_be_waited_for() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    asterisk.stop_listening().await;
    let service = ari(&asterisk)
        .service(APP, |_: Call| async { Ok(()) })
        .retry_first_connection();
    let mut status = service.status();
    let running = tokio::spawn(service.run());
    within(status.wait_for(|status| matches!(status, Status::Reconnecting { .. })))
        .await
        .unwrap();
    asterisk.listen_again().await.unwrap();
    within(status.wait_for(Status::takes_calls)).await.unwrap();
    running.abort();
}

#[tokio::test]
async fn all_events_can_be_heard_beside_the_calls() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    let events = ari.events([EventType::StasisStart, EventType::StasisEnd]);
    let service = Running::with(ari.service(APP, |_: Call| async { Ok(()) })).await;
    asterisk.call("1").place(APP).await.unwrap();
    for wanted in [EventType::StasisStart, EventType::StasisEnd] {
        let event = tokio::time::timeout(LONG, events.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert_eq!(event.event_type(), wanted);
    }
    service.stop().await;
}

#[tokio::test]
async fn a_hangup_at_the_drain_deadline_that_nobody_heard_is_asked_for_again() {
    /// One more than a request is tried.
    const UNHEARD: usize = 6;
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = ari(&asterisk).service(APP, |call: Call| async move {
        call.answer().await?;
        call.ended().await;
        Ok(())
    });
    let service = Running::with(service.drain_deadline(Duration::ZERO)).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    for _ in 0..UNHEARD {
        asterisk.fail_next(
            "DELETE",
            "/channels/*",
            503,
            r#"{"message":"Asterisk not booted"}"#,
        );
    }
    service.stop().await;
    assert_eq!(hangups(&asterisk), UNHEARD + 1);
    assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(16));
}
