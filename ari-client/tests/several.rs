//! Several applications in one program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use ari_client::EndReason;
use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;
use support::{Running, ari, hangups, within};
use tokio::sync::mpsc;

type Digits = (String, String);

/// Collects the digits of each call, and tells them with the application's name.
fn collects(sender: &mpsc::UnboundedSender<Digits>) -> impl Application {
    let sender = sender.clone();
    move |call: Call| {
        let sender = sender.clone();
        async move {
            call.answer().await?;
            let mut digits = String::new();
            while let Ok(digit) = call.next_digit().await {
                digits.push(digit);
            }
            sender.send((call.application().to_owned(), digits))?;
            Ok(())
        }
    }
}

#[tokio::test]
async fn a_call_gets_its_digits_once_where_another_application_hears_everything() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    let (sender, mut digits) = mpsc::unbounded_channel();
    let one = Running::with(ari.service("one", collects(&sender)).subscribe_all()).await;
    let two = Running::with(ari.service("two", collects(&sender)).subscribe_all()).await;
    for application in ["one", "two"] {
        let caller = asterisk.call("1").place(application).await.unwrap();
        caller.wait_until_answered().await.unwrap();
        caller.press("112").await;
        caller.hang_up().await;
        let seen = within(digits.recv()).await.unwrap();
        assert_eq!(seen, (application.to_owned(), "112".to_owned()));
    }
    assert!(digits.try_recv().is_err(), "each call began once");
    one.stop().await;
    two.stop().await;
}

/// Moves each call to `to` until it has come back the third time; tells how it ended here.
fn passes_on(to: &'static str, sender: &mpsc::UnboundedSender<EndReason>) -> impl Application {
    let sender = sender.clone();
    let seen = std::sync::Mutex::new(std::collections::HashMap::<String, u32>::new());
    move |call: Call| {
        let sender = sender.clone();
        let visits = {
            let mut seen = seen.lock().unwrap();
            let visits = seen.entry(call.id().to_string()).or_default();
            *visits += 1;
            *visits
        };
        async move {
            if visits < 3 {
                call.move_to(to).await?;
            } else {
                call.hang_up().await?;
            }
            sender.send(call.ended().await.reason)?;
            Ok(())
        }
    }
}

/// Lets calls go to and fro between two applications: there are three visits to the first, and two to the other.
async fn to_and_fro(asterisk: &FakeAsterisk, first: Ari, other: Ari) {
    const CALLS: usize = 30;
    let (sender, mut ends) = mpsc::unbounded_channel();
    let one = Running::with(first.service("one", passes_on("two", &sender))).await;
    let two = Running::with(other.service("two", passes_on("one", &sender))).await;
    for _ in 0..CALLS {
        asterisk.call("1").place("one").await.unwrap();
    }
    let mut moved = 0;
    for _ in 0..5 * CALLS {
        match within(ends.recv()).await.unwrap() {
            EndReason::Moved => moved += 1,
            reason => assert_eq!(reason, EndReason::HungUp),
        }
    }
    assert_eq!(moved, 4 * CALLS);
    asterisk.wait_until_idle().await.unwrap();
    one.stop().await;
    two.stop().await;
    assert!(ends.try_recv().is_err());
    assert_eq!(hangups(asterisk), CALLS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_moves_between_two_applications_of_one_client() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    to_and_fro(&asterisk, ari.clone(), ari).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_moves_between_two_clients_of_one_program() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    to_and_fro(&asterisk, ari(&asterisk), ari(&asterisk)).await;
}
