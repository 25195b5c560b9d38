//! Requests whose answers are lost, and servers that are away for a moment.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::{FakeAsterisk, Phone};
use support::{APP, Running, ari, requests, telling, with_sound, within};

#[tokio::test]
async fn what_was_made_although_the_answer_was_lost_is_found() {
    let asterisk = FakeAsterisk::builder().phone("PJSIP/rings", Phone::RingsOn);
    let asterisk = asterisk.start().await.unwrap();
    let ari = ari(&asterisk);
    asterisk.drop_next_answer("POST", "/channels");
    let leg = ari
        .channels()
        .originate("PJSIP/rings")
        .extension("1")
        .await
        .unwrap();
    assert_eq!(requests(&asterisk, "POST", "/channels"), 1);
    assert_eq!(asterisk.channels().len(), 1);

    asterisk.drop_next_answer("POST", "/bridges/*");
    let bridge = ari.new_bridge().name("found").await.unwrap();
    assert_eq!(bridge.snapshot().await.unwrap().name, "found");
    assert_eq!(requests(&asterisk, "POST", "/bridges/*"), 1);

    asterisk.drop_next_answer("DELETE", "/bridges/*");
    bridge.destroy().await.unwrap();
    asterisk.drop_next_answer("DELETE", "/channels/*");
    ari.channels().hangup(&leg.id).await.unwrap();
    asterisk.wait_until_idle().await.unwrap();
    assert_eq!(asterisk.channels().len(), 0);
}

#[tokio::test]
async fn a_sound_is_not_played_twice_and_its_end_is_told() {
    let asterisk = with_sound("sound:long", Duration::from_secs(1)).await;
    let (application, mut results) = telling(|call, tell| async move {
        let played = async { call.play("sound:long").await?.finished().await };
        tell.send(played.await.map_err(|error| error.to_string()))?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    asterisk.drop_next_answer("POST", "/channels/*/play/*");
    let caller = asterisk.call("1").place(APP).await.unwrap();
    assert_eq!(within(results.recv()).await.unwrap(), Ok(()));
    assert_eq!(caller.heard(), ["sound:long"]);
    service.stop().await;
}

#[tokio::test]
async fn a_server_that_is_away_for_a_moment_is_waited_for() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk);
    asterisk.stop_listening().await;
    let back = async {
        tokio::time::sleep(Duration::from_millis(250)).await;
        asterisk.listen_again().await.unwrap();
    };
    let set = async { ari.asterisk().set_global_var("X").value("1").await };
    let (set, ()) = tokio::join!(set, back);
    set.unwrap();
    assert_eq!(ari.asterisk().get_global_var("X").await.unwrap().value, "1");
}
