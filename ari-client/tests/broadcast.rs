//! Calls that the dialplan offers to several applications: who claims one has it, and nobody waits for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::events::CallBroadcast;
use ari_client::prelude::*;
use ari_client::testing::{Caller, Ending, FakeAsterisk};
use support::log::Log;
use support::{APP, LONG, Running, ari, hung_up_with, requests, telling, within};

/// How long a call is offered that nobody is to take: time enough for a claim. One that is to be taken is offered for
/// `LONG`.
const WINDOW: Duration = Duration::from_secs(1);

/// Claims calls to these extensions, and answers what it wins.
struct Claims(&'static [&'static str]);

impl Application for Claims {
    async fn on_call(&self, call: Call) -> Result {
        serve(call).await
    }

    async fn on_broadcast(&self, _: &Ari, offer: &CallBroadcast) -> Decision {
        match self.0.contains(&offer.channel.dialplan.exten.as_str()) {
            true => Decision::Claim,
            false => Decision::Ignore,
        }
    }
}

async fn serve(call: Call) -> Result {
    call.answer().await?;
    call.ended().await;
    Ok(())
}

fn claims(asterisk: &FakeAsterisk) -> usize {
    requests(asterisk, "POST", "/events/claim")
}

async fn not_taken(caller: &Caller) {
    assert_eq!(caller.wait_until_gone().await.unwrap(), Ending::NotTaken);
}

#[tokio::test]
async fn a_call_that_was_claimed_is_a_call_like_any_other() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut args) = telling(|call, tell| async move {
        tell.send((call.extension().to_owned(), call.args().to_vec()))?;
        call.answer().await?;
        Ok(call.hang_up_with(17).await?)
    });
    let service = ari(&asterisk).service(APP, application);
    let service = Running::with(service.claim_broadcasts()).await;
    let caller = asterisk.call("100").args(["a", "b"]).broadcast(LONG).await;
    let told = within(args.recv()).await.unwrap();
    assert_eq!(told, ("100".into(), vec!["a".into(), "b".into()]));
    let ending = caller.wait_until_gone().await.unwrap();
    assert_eq!(hung_up_with(&ending), Some(17), "{ending:?}");
    service.stop().await;
}

#[tokio::test]
async fn an_application_decides_for_itself_and_claims_nothing_unless_it_says_so() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let picky = Running::start(&asterisk, Claims(&["100"])).await;
    let wanted = asterisk.call("100").broadcast(LONG).await;
    wanted.wait_until_answered().await.unwrap();
    not_taken(&asterisk.call("200").broadcast(WINDOW).await).await;
    assert_eq!(claims(&asterisk), 1);
    wanted.hang_up().await;
    picky.stop().await;

    let plain = Running::start(&asterisk, serve).await;
    not_taken(&asterisk.call("100").broadcast(WINDOW).await).await;
    assert_eq!(claims(&asterisk), 1);
    plain.stop().await;
}

#[tokio::test]
async fn a_call_that_two_claim_is_taken_by_one_and_the_loser_says_nothing() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    let both = [APP, "OTHER"].map(|name| ari(&asterisk).service(name, serve).claim_broadcasts());
    let [one, other] = both.map(Running::with);
    let (one, other) = tokio::join!(one, other);
    let mut callers = Vec::new();
    for _ in 0..50 {
        callers.push(asterisk.call("1").broadcast(LONG).await);
    }
    for caller in &callers {
        caller.wait_until_answered().await.unwrap();
    }
    assert_eq!(requests(&asterisk, "POST", "/channels/*/answer"), 50);
    for caller in &callers {
        caller.hang_up().await;
    }
    asterisk.wait_until_idle().await.unwrap();
    one.stop().await;
    other.stop().await;
    assert_eq!(claims(&asterisk), 100);
    assert_eq!(log.lines("WARN"), [""; 0]);
}

#[tokio::test]
async fn a_server_without_claims_is_told_of_once() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    let service = Running::with(ari(&asterisk).service(APP, serve).claim_broadcasts()).await;
    for _ in 0..3 {
        asterisk.fail_next("POST", "/events/claim", 501, r#"{"message":"Not implemented"}"#);
        not_taken(&asterisk.call("1").broadcast(WINDOW).await).await;
    }
    assert_eq!(claims(&asterisk), 3);
    let warnings = log.lines("WARN");
    assert!(
        warnings.len() == 1 && warnings[0].contains("cannot be claimed"),
        "{warnings:?}"
    );
    service.stop().await;
}

/// Thinks for ever about 100, panics over 200, and claims the rest.
struct Difficult;

impl Application for Difficult {
    async fn on_call(&self, call: Call) -> Result {
        serve(call).await
    }

    async fn on_broadcast(&self, _: &Ari, offer: &CallBroadcast) -> Decision {
        match offer.channel.dialplan.exten.as_str() {
            "100" => std::future::pending().await,
            "200" => panic!("a bug"),
            _ => Decision::Claim,
        }
    }
}

#[tokio::test]
async fn a_decision_that_does_not_come_keeps_nobody() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    let service = Running::start(&asterisk, Difficult).await;
    let undecided = asterisk.call("100").broadcast(Duration::from_secs(60)).await;
    not_taken(&asterisk.call("200").broadcast(WINDOW).await).await;
    let caller = asterisk.call("300").broadcast(LONG).await;
    caller.wait_until_answered().await.unwrap();
    caller.hang_up().await;
    caller.wait_until_gone().await.unwrap();
    assert!(undecided.ending().is_none());
    undecided.hang_up().await;
    service.stop().await;
    let errors = log.lines("ERROR");
    assert!(
        errors.len() == 1 && errors[0].contains("an offer of a call: a bug"),
        "{errors:?}"
    );
}

#[tokio::test]
async fn a_service_that_drains_claims_nothing() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let mut service = Running::with(ari(&asterisk).service(APP, serve).claim_broadcasts()).await;
    let caller = asterisk.call("1").broadcast(LONG).await;
    caller.wait_until_answered().await.unwrap();
    service.ask_to_stop();
    let draining = service.status.wait_for(|status| *status == Status::Draining);
    drop(within(draining).await.unwrap());
    not_taken(&asterisk.call("2").broadcast(WINDOW).await).await;
    assert_eq!(claims(&asterisk), 1);
    caller.hang_up().await;
    service.ended().await.unwrap();
}

#[tokio::test]
async fn a_router_asks_the_application_that_the_call_would_go_to() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let router = Router::new()
        .extension("_1XX", Claims(&[]))
        .argument("vip", Claims(&["100", "200"]))
        .when(|call| call.extension() == "300", Claims(&["300"]))
        .context("inside", Claims(&["400"]))
        .fallback(serve);
    let service = Running::start(&asterisk, router).await;
    for (call, claimed) in [
        (asterisk.call("100").args(["vip"]), false),
        (asterisk.call("200").args(["vip"]), true),
        (asterisk.call("200"), false),
        (asterisk.call("300"), true),
        (asterisk.call("400").context("inside"), true),
    ] {
        let caller = call.broadcast(if claimed { LONG } else { WINDOW }).await;
        if claimed {
            caller.wait_until_answered().await.unwrap();
            caller.hang_up().await;
        } else {
            not_taken(&caller).await;
        }
    }
    service.stop().await;
}
