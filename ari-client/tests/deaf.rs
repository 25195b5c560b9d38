//! An event socket that is open and brings nothing: Asterisk cleared up after the one before too late.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;
use ari_client::{EndReason, Status};
use serde_json::json;
use support::{APP, Running, ari, requests, until, within};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than it takes to look several times, ever less often.
const LOOKS: Duration = Duration::from_secs(40);

/// What the application was told.
#[derive(Debug, PartialEq)]
enum Told {
    Call { resumed: bool },
    End(EndReason),
    Gap(Duration),
    Event(Option<String>),
}

struct Tells(mpsc::UnboundedSender<Told>);

impl Application for Tells {
    async fn on_call(&self, call: Call) -> Result {
        let resumed = call.is_resumed();
        self.0.send(Told::Call { resumed })?;
        call.answer().await?;
        self.0.send(Told::End(call.ended().await.reason))?;
        Ok(())
    }

    async fn on_gap(&self, _: &Ari, length: Duration) {
        let _ = self.0.send(Told::Gap(length));
    }

    async fn on_event(&self, _: &Ari, event: Event) {
        let name = match &event.kind {
            EventKind::ChannelUserevent(event) => Some(event.eventname.clone()),
            _ => None,
        };
        let _ = self.0.send(Told::Event(name));
    }
}

async fn start(asterisk: &FakeAsterisk) -> (Running, mpsc::UnboundedReceiver<Told>) {
    let (sender, told) = mpsc::unbounded_channel();
    (Running::start(asterisk, Tells(sender)).await, told)
}

fn asked(asterisk: &FakeAsterisk) -> usize {
    requests(asterisk, "POST", "/events/user/*")
}

/// Waits until the service has seen that the socket is of no use, and has another.
async fn back(service: &mut Running) {
    let is_away = |status: &Status| matches!(status, Status::Reconnecting { reason, .. } if reason.contains("sends no events"));
    let away = timeout(LOOKS, service.status.wait_for(is_away)).await;
    away.unwrap().unwrap();
    within(service.status.wait_for(Status::takes_calls))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_application_that_asterisk_has_forgotten_is_registered_again() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (mut service, mut told) = start(&asterisk).await;
    asterisk.deafen(APP);
    back(&mut service).await;
    asterisk.wait_for_application(APP).await.unwrap();
    assert!(matches!(within(told.recv()).await, Some(Told::Gap(_))));
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller.hang_up().await;
    assert_eq!(within(told.recv()).await, Some(Told::Call { resumed: false }));
    assert_eq!(within(told.recv()).await, Some(Told::End(EndReason::HungUp)));
    service.stop().await;
}

#[tokio::test]
async fn a_live_call_goes_on_in_its_task() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (mut service, mut told) = start(&asterisk).await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    assert_eq!(within(told.recv()).await, Some(Told::Call { resumed: false }));
    asterisk.deafen(APP);
    back(&mut service).await;
    let Some(Told::Gap(gap)) = within(told.recv()).await else {
        panic!("the gap was not told")
    };
    assert!(gap >= Duration::from_secs(2), "{gap:?}");
    caller.hang_up().await;
    assert_eq!(within(told.recv()).await, Some(Told::End(EndReason::HungUp)));
    service.stop().await;
}

#[tokio::test]
async fn what_the_application_sends_itself_reaches_nobody() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (service, mut told) = start(&asterisk).await;
    let ari = ari(&asterisk);
    until("the application has asked twice", || asked(&asterisk) >= 2).await;
    ari.user_events().user_event("x", APP).await.unwrap();
    assert_eq!(within(told.recv()).await, Some(Told::Event(Some("x".to_owned()))));
    assert!(service.status.borrow().takes_calls());
    service.stop().await;
}

#[tokio::test]
async fn a_filter_that_holds_the_echo_back_proves_nothing() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (mut service, _told) = start(&asterisk).await;
    until("the application was told", || asked(&asterisk) >= 1).await;
    let only = json!({ "allowed": [{ "type": "StasisStart" }] });
    ari(&asterisk)
        .applications()
        .filter(APP)
        .filter(only)
        .await
        .unwrap();
    service.status.mark_unchanged();
    until("the application has looked why nothing comes", || {
        requests(&asterisk, "GET", "/applications/*") > 0
    })
    .await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!service.status.has_changed().unwrap(), "{:?}", service.status);
    service.stop().await;
}

#[tokio::test]
async fn requests_that_fail_prove_nothing_and_one_that_is_refused_is_not_sent_again() {
    for (status, again) in [(500, true), (403, false)] {
        let asterisk = FakeAsterisk::start().await.unwrap();
        asterisk.fail_next("POST", "/events/user/*", status, r#"{"message":"no"}"#);
        let (mut service, _told) = start(&asterisk).await;
        service.status.mark_unchanged();
        until("the application was refused", || asked(&asterisk) >= 1).await;
        if again {
            until("the application asks again", || asked(&asterisk) >= 2).await;
        } else {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_eq!(asked(&asterisk), 1);
        }
        assert!(!service.status.has_changed().unwrap(), "{:?}", service.status);
        service.stop().await;
    }
}
