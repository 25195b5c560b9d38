//! What a program finds when its event socket opens, and what it is told of the time before.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::{Caller, FakeAsterisk};
use ari_client::{Missed, Service};
use serde_json::json;
use support::{APP, Running, ari, hung_up_with, until, within};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long calls are offered that nobody claims.
const HOURS: Duration = Duration::from_secs(7_200);

/// What the application tells the test.
#[derive(Debug, PartialEq)]
enum Told {
    Call { resumed: bool, args: Vec<String> },
    End(EndReason),
    Gap,
}

/// Answers and waits for the end.
struct Tells(mpsc::UnboundedSender<Told>);

impl Application for Tells {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        let (resumed, args) = (call.is_resumed(), call.args().to_vec());
        self.0.send(Told::Call { resumed, args })?;
        self.0.send(Told::End(call.ended().await.reason))?;
        Ok(())
    }

    async fn on_gap(&self, _: &Ari, length: Duration) {
        assert!(length > Duration::ZERO);
        self.0.send(Told::Gap).unwrap();
    }
}

fn service(asterisk: &FakeAsterisk) -> (Service<Tells>, mpsc::UnboundedReceiver<Told>) {
    let (sender, told) = mpsc::unbounded_channel();
    (ari(asterisk).service(APP, Tells(sender)), told)
}

/// A caller whose program has died: its runtime is gone, with all that it was doing. The call came to it from
/// `Stasis()`, or was `offered` and claimed.
async fn orphan(asterisk: &FakeAsterisk, offered: bool) -> Caller {
    let (service, mut told) = service(asterisk);
    let program = tokio::runtime::Runtime::new().unwrap();
    program.spawn(service.claim_broadcasts().run());
    asterisk.wait_for_application(APP).await.unwrap();
    let call = asterisk.call("1000").args(["sales", "en"]);
    let caller = if offered {
        call.broadcast(HOURS).await
    } else {
        call.place(APP).await.unwrap()
    };
    within(told.recv()).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    program.shutdown_background();
    asterisk.wait_until_disconnected(APP).await.unwrap();
    caller
}

#[tokio::test]
async fn who_waits_in_stasis_becomes_a_call_and_is_seen_off() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let caller = orphan(&asterisk, false).await;
    let (service, mut told) = service(&asterisk);
    let service = Running::with(service).await;
    let call = Told::Call {
        resumed: true,
        args: vec!["sales".to_owned(), "en".to_owned()],
    };
    assert_eq!(within(told.recv()).await.unwrap(), call);
    let fresh = asterisk.call("1001").place(APP).await.unwrap();
    let call = Told::Call {
        resumed: false,
        args: Vec::new(),
    };
    assert_eq!(within(told.recv()).await.unwrap(), call);
    caller.hang_up().await;
    assert_eq!(within(told.recv()).await.unwrap(), Told::End(EndReason::HungUp));
    fresh.hang_up().await;
    within(told.recv()).await.unwrap();
    service.stop().await;
    assert_eq!(asterisk.leaks(), [""; 0]);
}

#[tokio::test]
async fn a_call_that_is_transferred_while_the_channels_are_listed_goes_on() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (service, mut told) = service(&asterisk);
    let service = Running::with(service).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    within(told.recv()).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    // As it is when the old channel is gone, and the new one is not yet there.
    asterisk.fail_next("GET", "/channels", 200, "[]");
    asterisk.cut_connections().await;
    asterisk.wait_until_disconnected(APP).await.unwrap();
    asterisk.wait_for_application(APP).await.unwrap();
    let new = caller.transferred_to("777").await.unwrap();
    assert_eq!(within(told.recv()).await.unwrap(), Told::Gap);
    // Time enough for the call to be given up, if it was to.
    assert!(timeout(Duration::from_secs(1), told.recv()).await.is_err());
    new.hang_up().await;
    assert_eq!(within(told.recv()).await.unwrap(), Told::End(EndReason::HungUp));
    service.stop().await;
}

/// A program that puts its calls into a bridge, and dies.
async fn orphans_in_a_bridge(asterisk: &FakeAsterisk) -> [Caller; 2] {
    let program = tokio::runtime::Runtime::new().unwrap();
    let service = ari(asterisk).service(APP, |call: Call| async move {
        call.answer().await?;
        let room = call.room("one").await?;
        room.add(&call).await?;
        call.ended().await;
        Ok(())
    });
    program.spawn(service.run());
    asterisk.wait_for_application(APP).await.unwrap();
    let anna = asterisk.call("1").place(APP).await.unwrap();
    let bert = asterisk.call("2").place(APP).await.unwrap();
    for caller in [&anna, &bert] {
        caller.wait_until_bridged().await.unwrap();
    }
    program.shutdown_background();
    asterisk.wait_until_disconnected(APP).await.unwrap();
    [anna, bert]
}

#[tokio::test]
async fn the_bridge_of_a_program_that_died_goes_with_the_last_of_its_calls() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let [anna, bert] = orphans_in_a_bridge(&asterisk).await;
    let (service, mut told) = service(&asterisk);
    let service = Running::with(service).await;
    for _ in 0..2 {
        assert!(matches!(
            within(told.recv()).await,
            Some(Told::Call { resumed: true, .. })
        ));
    }
    anna.hang_up().await;
    // Time enough for the bridge to go, if it was to.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(asterisk.bridges().len(), 1, "the other one is still in it");
    bert.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn the_bridge_of_a_program_that_died_goes_when_its_calls_are_in_others() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let [anna, bert] = orphans_in_a_bridge(&asterisk).await;
    let left = asterisk.bridges()[0].id.clone();
    let service = Running::start(&asterisk, |call: Call| async move {
        call.bridge().mixing().await?.add(&call).await?;
        call.ended().await;
        Ok(())
    })
    .await;
    until("each call is in a bridge of its own", || {
        let bridges = asterisk.bridges();
        bridges.len() == 2
            && bridges
                .iter()
                .all(|bridge| bridge.id != left && bridge.channels.len() == 1)
    })
    .await;
    anna.hang_up().await;
    bert.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn the_bridge_of_a_program_that_died_goes_with_calls_that_overflow() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let [anna, bert] = orphans_in_a_bridge(&asterisk).await;
    let (sender, mut ends) = mpsc::unbounded_channel();
    let service = ari(&asterisk).service(APP, move |call: Call| {
        let sender = sender.clone();
        async move {
            let _unread = call.events();
            sender.send(None)?;
            sender.send(Some(call.ended().await.reason))?;
            // The channel is hung up when this returns.
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok(())
        }
    });
    let service = Running::with(service.mailbox_limit(8 * 1024)).await;
    for _ in [&anna, &bert] {
        assert_eq!(within(ends.recv()).await, Some(None));
    }
    for caller in [&anna, &bert] {
        let channel = serde_json::json!({ "id": caller.channel_id() });
        for _ in 0..100 {
            let hold = serde_json::json!({ "type": "ChannelHold", "application": APP, "channel": channel });
            asterisk.send_event(hold);
        }
    }
    for _ in [&anna, &bert] {
        assert_eq!(within(ends.recv()).await, Some(Some(EndReason::Overflow)));
    }
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn policy_may_send_who_waits_away_or_leave_him() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let caller = orphan(&asterisk, false).await;
    let (leaves, _told) = service(&asterisk);
    let leaves = Running::with(leaves.on_resume(Resume::Leave)).await;
    leaves.stop().await;
    assert!(caller.channel().is_some());
    let (sends_away, mut told) = service(&asterisk);
    let policy = Resume::Dispose(Disposition::HangUp { cause: 34 });
    let sends_away = Running::with(sends_away.on_resume(policy)).await;
    assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(34));
    sends_away.stop().await;
    assert_eq!(told.recv().await, None);
}

#[tokio::test]
async fn a_gap_is_told_to_the_application_and_to_every_subscription_in_its_place() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut told) = mpsc::unbounded_channel();
    let client = ari(&asterisk);
    let digits = client.events(EventType::ChannelDtmfReceived);
    let mut service = Running::with(client.service(APP, Tells(sender))).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller.press("1").await;
    asterisk.stop_listening().await;
    asterisk.cut_connections().await;
    // The gap begins when it is noticed.
    let down = |status: &Status| matches!(status, Status::Reconnecting { .. });
    drop(within(service.status.wait_for(down)).await.unwrap());
    tokio::time::sleep(Duration::from_millis(200)).await;
    asterisk.listen_again().await.unwrap();
    asterisk.wait_for_application(APP).await.unwrap();
    within(service.status.wait_for(Status::takes_calls))
        .await
        .unwrap();
    caller.press("2").await;

    let digit = async || match within(digits.next()).await.unwrap() {
        Ok(event) => match event.kind {
            EventKind::ChannelDtmfReceived(pressed) => Ok(pressed.digit),
            other => panic!("{other:?}"),
        },
        Err(missed) => Err(missed),
    };
    assert_eq!(digit().await, Ok("1".to_owned()));
    let Err(Missed::Gap(length)) = digit().await else {
        panic!("no gap was told")
    };
    assert!(length >= Duration::from_millis(200), "{length:?}");
    assert_eq!(digit().await, Ok("2".to_owned()));
    within(told.recv()).await.unwrap();
    assert_eq!(within(told.recv()).await.unwrap(), Told::Gap);
    caller.hang_up().await;
    service.stop().await;
}

#[tokio::test]
async fn subscriptions_and_filters_that_a_break_cost_are_there_again() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut told) = mpsc::unbounded_channel();
    let client = ari(&asterisk);
    let service = Running::with(client.service(APP, Tells(sender))).await;
    let applications = client.applications();
    let filter = json!({"disallowed": [{"type": "ChannelVarset"}]});
    applications
        .subscribe(APP, ["bridge:", "channel:"])
        .await
        .unwrap();
    applications.filter(APP).filter(filter).await.unwrap();
    let wanted = applications.get(APP).await.unwrap();

    asterisk.cut_connections().await;
    assert_eq!(within(told.recv()).await.unwrap(), Told::Gap);
    let renewed = async {
        while applications.get(APP).await.unwrap() != wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within(renewed).await;
    assert!(!wanted.events_disallowed.is_empty() && !wanted.bridge_ids.is_empty());
    service.stop().await;
}

#[tokio::test]
async fn a_claimed_call_whose_program_died_is_taken_up_and_one_that_still_waits_is_not() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let claimed = orphan(&asterisk, true).await;
    let (sender, mut told) = mpsc::unbounded_channel();
    let other = Running::with(ari(&asterisk).service("OTHER", Tells(sender))).await;
    let waiting = asterisk.call("1001").broadcast(HOURS).await;

    let (service, mut resumed) = service(&asterisk);
    let service = Running::with(service).await;
    let call = Told::Call {
        resumed: true,
        args: vec!["sales".to_owned(), "en".to_owned()],
    };
    assert_eq!(within(resumed.recv()).await.unwrap(), call);
    claimed.hang_up().await;
    assert_eq!(
        within(resumed.recv()).await.unwrap(),
        Told::End(EndReason::HungUp)
    );
    waiting.hang_up().await;
    service.stop().await;
    other.stop().await;
    assert_eq!((resumed.recv().await, told.recv().await), (None, None));
}

#[tokio::test]
async fn a_claimed_call_outlives_a_break() {
    for subscribe_all in [false, true] {
        let asterisk = FakeAsterisk::start().await.unwrap();
        let (service, mut told) = service(&asterisk);
        let service = service.claim_broadcasts();
        let service = if subscribe_all {
            service.subscribe_all()
        } else {
            service
        };
        let service = Running::with(service).await;
        let caller = asterisk.call("1").broadcast(HOURS).await;
        caller.wait_until_answered().await.unwrap();
        within(told.recv()).await.unwrap();
        asterisk.cut_connections().await;
        assert_eq!(within(told.recv()).await.unwrap(), Told::Gap);
        // Longer than the comparison with Asterisk's channels takes.
        assert!(timeout(Duration::from_secs(1), told.recv()).await.is_err());
        caller.hang_up().await;
        assert_eq!(within(told.recv()).await.unwrap(), Told::End(EndReason::HungUp));
        service.stop().await;
    }
}

#[tokio::test]
async fn a_gap_is_told_to_every_application_of_a_router() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (first, mut told_first) = mpsc::unbounded_channel();
    let (second, mut told_second) = mpsc::unbounded_channel();
    let router = Router::new().extension("1", Tells(first)).fallback(Tells(second));
    let service = Running::start(&asterisk, router).await;
    asterisk.cut_connections().await;
    assert_eq!(within(told_first.recv()).await.unwrap(), Told::Gap);
    assert_eq!(within(told_second.recv()).await.unwrap(), Told::Gap);
    service.stop().await;
}
