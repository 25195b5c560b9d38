//! Another client takes over the application, or the event socket breaks: what becomes of the calls.
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
use ari_client::{EndReason, Status};
use support::{APP, Running, ari, hangups, hung_up_with, within};
use tokio::sync::mpsc;

type Ends = mpsc::UnboundedReceiver<(&'static str, CallEnded)>;
type EndSender = mpsc::UnboundedSender<(&'static str, CallEnded)>;

/// Answers, and tells the end of each call under its own name, before it comes back slowly.
struct Tells(&'static str, EndSender);

impl Application for Tells {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        self.1.send((self.0, call.ended().await))?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(())
    }
}

fn channel() -> (EndSender, Ends) {
    mpsc::unbounded_channel()
}

async fn end(ends: &mut Ends) -> (&'static str, EndReason) {
    let (who, end) = within(ends.recv()).await.unwrap();
    (who, end.reason)
}

async fn call(asterisk: &FakeAsterisk) -> Caller {
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller
}

#[tokio::test]
async fn the_calls_of_an_application_that_is_replaced_go_on_at_its_successor() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut ends) = channel();
    let first = Running::start(&asterisk, Tells("first", sender.clone())).await;
    let (one, other) = (call(&asterisk).await, call(&asterisk).await);
    let second = Running::start(&asterisk, Tells("second", sender)).await;
    for _ in 0..2 {
        assert_eq!(end(&mut ends).await, ("first", EndReason::Replaced));
    }
    let failure = first.ended().await.unwrap_err();
    assert_eq!(failure.ari().unwrap().kind(), ErrorKind::Replaced, "{failure}");
    assert_eq!(hangups(&asterisk), 0);
    assert_eq!(asterisk.channels().len(), 2, "both are still in Stasis");
    one.hang_up().await;
    other.hang_up().await;
    second.stop().await;
}

#[tokio::test]
async fn a_service_that_drains_hands_its_calls_to_the_successor() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut ends) = channel();
    let mut first = Running::start(&asterisk, Tells("first", sender.clone())).await;
    let caller = call(&asterisk).await;
    first.ask_to_stop();
    within(first.status.wait_for(|status| *status == Status::Draining))
        .await
        .unwrap();
    let second = Running::start(&asterisk, Tells("second", sender)).await;
    assert_eq!(end(&mut ends).await, ("first", EndReason::Replaced));
    first.ended().await.unwrap();
    assert_eq!(hangups(&asterisk), 0);
    assert!(caller.channel().is_some(), "it is the successor's");
    caller.hang_up().await;
    second.stop().await;
}

/// Replaces a service, and cuts all sockets while its application is not back yet.
async fn replaced_and_cut() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut ends) = channel();
    let first = Running::start(&asterisk, Tells("first", sender.clone())).await;
    let caller = call(&asterisk).await;
    let mut second = Running::start(&asterisk, Tells("second", sender)).await;
    assert_eq!(end(&mut ends).await, ("first", EndReason::Replaced));

    asterisk.cut_connections().await;
    within(second.status.wait_for(|status| !status.takes_calls()))
        .await
        .unwrap();
    within(second.status.wait_for(Status::takes_calls)).await.unwrap();
    first.ended().await.unwrap_err();

    let next = call(&asterisk).await;
    next.hang_up().await;
    assert_eq!(end(&mut ends).await, ("second", EndReason::HungUp));
    assert!(second.status.borrow().takes_calls());
    caller.hang_up().await;
    second.stop().await;
}

#[tokio::test]
async fn a_service_that_was_replaced_does_not_take_the_name_back() {
    // Who comes back first is a matter of chance.
    let race = || [replaced_and_cut(), replaced_and_cut()];
    let ([a, b], [c, d]) = (race(), race());
    tokio::join!(a, b, c, d);
}

/// Lets a call end while the socket is down, and the first try to learn of it fail.
async fn end_unseen(fail: impl FnOnce(&FakeAsterisk)) -> EndReason {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut ends) = channel();
    let service = Running::start(&asterisk, Tells("it", sender)).await;
    let (leaves, stays) = (call(&asterisk).await, call(&asterisk).await);
    asterisk.stop_listening().await;
    asterisk.cut_connections().await;
    asterisk.wait_until_disconnected(APP).await.unwrap();
    leaves.hang_up().await;
    fail(&asterisk);
    asterisk.listen_again().await.unwrap();
    let (_, reason) = end(&mut ends).await;
    assert!(stays.channel().is_some() && ends.try_recv().is_err());
    assert_eq!(
        support::requests(&asterisk, "GET", "/channels"),
        3,
        "it was asked at the start, in vain, and again"
    );
    stays.hang_up().await;
    assert_eq!(end(&mut ends).await.1, EndReason::HungUp);
    service.stop().await;
    reason
}

#[tokio::test]
async fn a_call_that_ended_unseen_is_lost_even_where_asterisk_is_not_ready_at_first() {
    let body = r#"{"message":"Asterisk not booted"}"#;
    let reason = end_unseen(|asterisk| asterisk.fail_next("GET", "/channels", 503, body)).await;
    assert_eq!(reason, EndReason::Lost);
    let reason = end_unseen(|asterisk| asterisk.drop_next_answer("GET", "/channels")).await;
    assert_eq!(reason, EndReason::Lost);
}

#[tokio::test]
async fn a_service_that_drains_says_so_through_a_reconnect() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut ends) = channel();
    let mut service = Running::start(&asterisk, Tells("it", sender)).await;
    let caller = call(&asterisk).await;
    service.ask_to_stop();
    within(service.status.wait_for(|status| *status == Status::Draining))
        .await
        .unwrap();
    let mut status = service.status.clone();
    status.mark_unchanged();
    asterisk.cut_connections().await;
    asterisk.wait_until_disconnected(APP).await.unwrap();
    asterisk.wait_for_application(APP).await.unwrap();
    caller.hang_up().await;
    assert_eq!(end(&mut ends).await.1, EndReason::HungUp);
    assert!(!status.has_changed().unwrap(), "it became {}", *status.borrow());
    service.ended().await.unwrap();
    assert_eq!(*status.borrow(), Status::Stopped);
}

#[tokio::test]
async fn a_service_whose_future_is_dropped_lets_go_of_calls_application_and_name() {
    struct Dropped(mpsc::UnboundedSender<()>);
    impl Application for Dropped {
        async fn on_call(&self, call: Call) -> Result {
            call.answer().await?;
            call.ended().await;
            Ok(())
        }
    }
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (dropping, mut dropped) = mpsc::unbounded_channel();
    let service = || ari(&asterisk).service(APP, Dropped(dropping.clone()));
    let running = tokio::spawn(service().run());
    asterisk.wait_for_application(APP).await.unwrap();
    running.abort();
    within(dropped.recv()).await.unwrap();
    asterisk.wait_until_disconnected(APP).await.unwrap();

    let running = tokio::spawn(service().run());
    asterisk.wait_for_application(APP).await.unwrap();
    let caller = call(&asterisk).await;
    running.abort();
    assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(16));
}
