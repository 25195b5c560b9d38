//! Events that belong to no call: what an application does with them touches nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;
use serde_json::json;
use support::log::Log;
use support::{APP, Running, within};
use tokio::sync::mpsc;

/// Takes calls well, and events badly: it tells of the event first.
struct Bad(fn(&str) -> bool, mpsc::UnboundedSender<String>);

impl Application for Bad {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        call.ended().await;
        Ok(())
    }

    async fn on_event(&self, _: &Ari, event: Event) {
        let EventKind::DeviceStateChanged(changed) = event.kind else {
            return;
        };
        let device = changed.device_state.name;
        self.1.send(device.clone()).unwrap();
        if (self.0)(&device) {
            std::future::pending::<()>().await;
        }
    }
}

fn send(asterisk: &FakeAsterisk, device: &str) {
    let state = json!({ "name": device, "state": "BUSY" });
    asterisk.send_event(json!({ "type": "DeviceStateChanged", "application": APP, "device_state": state }));
}

async fn takes_a_call(asterisk: &FakeAsterisk) {
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller.hang_up().await;
    caller.wait_until_gone().await.unwrap();
}

#[tokio::test]
async fn a_panic_over_one_event_is_logged_and_the_next_event_comes() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let panics = |device: &str| if device == "bad" { panic!("a bug") } else { false };
    let service = Running::start(&asterisk, Bad(panics, sender)).await;
    for device in ["bad", "good", "bad", "good"] {
        send(&asterisk, device);
        assert_eq!(within(seen.recv()).await.unwrap(), device);
    }
    takes_a_call(&asterisk).await;
    service.stop().await;
    let errors = log.lines("ERROR");
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].contains("a bug"), "{errors:?}");
}

#[tokio::test]
async fn an_event_that_is_never_done_with_keeps_neither_calls_nor_the_end() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let service = Running::start(&asterisk, Bad(|_| true, sender)).await;
    send(&asterisk, "first");
    assert_eq!(within(seen.recv()).await.unwrap(), "first");
    send(&asterisk, "second");
    takes_a_call(&asterisk).await;
    service.stop().await;
    assert!(seen.try_recv().is_err(), "events come one at a time");
}
