//! Subscriptions: what they lose, what they never lose, and how they end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use ari_client::prelude::*;
use ari_client::testing::{Caller, FakeAsterisk};
use ari_client::{EndReason, Missed};
use serde_json::json;
use support::{APP, Running, ari, hung_up_with, telling, within};
use tokio::sync::mpsc;

/// Counts the events that belong to no call.
struct Counts(mpsc::UnboundedSender<()>);

impl Application for Counts {
    async fn on_call(&self, _: Call) -> Result {
        Ok(())
    }

    async fn on_event(&self, _: &Ari, _: Event) {
        self.0.send(()).unwrap();
    }
}

#[tokio::test]
async fn a_subscription_that_nobody_reads_counts_what_it_lost_and_goes_on() {
    const SENT: u64 = 400;
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    let (sender, mut arrived) = mpsc::unbounded_channel();
    let events = ari.events(EventType::DeviceStateChanged);
    let service = Running::with(ari.service(APP, Counts(sender))).await;
    let mut send = async || {
        let state = json!({ "name": "x".repeat(1_000), "state": "BUSY" });
        let event = json!({ "type": "DeviceStateChanged", "application": APP, "device_state": state });
        asterisk.send_event(event);
        within(arrived.recv()).await.unwrap();
    };
    for _ in 0..SENT {
        send().await;
    }
    let Some(Err(Missed::Lagged(lost))) = within(events.next()).await else {
        panic!("400 KB fitted")
    };
    assert!(lost > 0 && lost < SENT, "{lost} lost");
    for kept in 0..SENT - lost {
        assert!(matches!(within(events.next()).await, Some(Ok(_))), "event {kept}");
    }
    send().await;
    assert!(matches!(within(events.next()).await, Some(Ok(_))), "the next one");
    service.stop().await;
}

/// Reads all events of each call by two subscriptions, and tells the last types of both.
struct Reads(mpsc::UnboundedSender<([Option<EventType>; 2], EndReason)>);

impl Application for Reads {
    async fn on_call(&self, call: Call) -> Result {
        let (first, second) = (call.events(), call.events());
        call.answer().await?;
        let mut last = [None, None];
        for (events, last) in [first, second].iter().zip(&mut last) {
            while let Some(event) = events.next().await {
                // The one of these tests that breaks the connection misses something.
                if let Ok(event) = event {
                    *last = Some(event.event_type());
                }
            }
        }
        self.0.send((last, call.ended().await.reason))?;
        Ok(())
    }
}

async fn answered(asterisk: &FakeAsterisk) -> Caller {
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_events_of_a_call_that_is_hung_up_end_behind_the_last_one() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let service = Running::start(&asterisk, Reads(sender)).await;
    for _ in 0..200 {
        let caller = answered(&asterisk).await;
        caller.hang_up().await;
        let (last, reason) = within(seen.recv()).await.unwrap();
        assert_eq!(
            (last, reason),
            ([Some(EventType::StasisEnd); 2], EndReason::HungUp)
        );
    }
    service.stop().await;
}

#[tokio::test]
async fn the_events_of_a_call_end_where_its_channel_is_lost() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let service = Running::start(&asterisk, Reads(sender)).await;
    let caller = answered(&asterisk).await;
    asterisk.stop_listening().await;
    asterisk.cut_connections().await;
    asterisk.wait_until_disconnected(APP).await.unwrap();
    caller.hang_up().await;
    asterisk.listen_again().await.unwrap();
    assert_eq!(within(seen.recv()).await.unwrap().1, EndReason::Lost);
    service.stop().await;
}

#[tokio::test]
async fn the_events_of_a_call_end_where_the_application_is_replaced() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let first = Running::start(&asterisk, Reads(sender.clone())).await;
    let caller = answered(&asterisk).await;
    let second = Running::start(&asterisk, Reads(sender)).await;
    assert_eq!(within(seen.recv()).await.unwrap().1, EndReason::Replaced);
    first.ended().await.unwrap_err();
    caller.hang_up().await;
    second.stop().await;
}

#[tokio::test]
async fn a_later_subscription_that_overflows_ends_the_call() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = telling(|call, tell| async move {
        drop(call.events());
        let _unread = call.events();
        call.answer().await?;
        tell.send(call.ended().await.reason)?;
        Ok(())
    });
    let service = ari(&asterisk).service(APP, application);
    let service = Running::with(service.mailbox_limit(20_000)).await;
    let caller = answered(&asterisk).await;
    let channel = json!({ "id": caller.channel_id(), "name": "n", "state": "Up" });
    for _ in 0..200 {
        asterisk.send_event(json!({ "type": "ChannelHold", "application": APP, "channel": channel }));
    }
    assert_eq!(within(ends.recv()).await.unwrap(), EndReason::Overflow);
    assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(16));
    service.stop().await;
}
