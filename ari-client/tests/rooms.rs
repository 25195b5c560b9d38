//! Rooms: found by name, made once, gone behind the last member.
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
use support::{APP, Running, ari, within};

async fn conference(call: Call) -> Result {
    call.answer().await?;
    let room = call
        .room(call.extension())
        .mixing()
        .dtmf_events()
        .max_members(3)
        .music_when_alone("")
        .await?;
    room.add(&call).await?;
    call.ended().await;
    Ok(())
}

#[tokio::test]
async fn who_comes_at_the_same_time_meets_in_one_bridge() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    asterisk.delay_requests(Duration::from_millis(20));
    let service = Running::start(&asterisk, conference).await;
    let mut callers = Vec::new();
    for _ in 0..3 {
        callers.push(asterisk.call("1000").place(APP).await.unwrap());
    }
    let next_door = asterisk.call("2000").place(APP).await.unwrap();
    let mut bridges = Vec::new();
    for caller in &callers {
        bridges.push(caller.wait_until_bridged().await.unwrap());
    }
    assert!(bridges.iter().all(|bridge| *bridge == bridges[0]), "{bridges:?}");
    assert_ne!(next_door.wait_until_bridged().await.unwrap(), bridges[0]);
    assert_eq!(asterisk.bridges().len(), 2);
    for caller in callers.iter().chain([&next_door]) {
        caller.hang_up().await;
    }
    asterisk.wait_until_idle().await.unwrap();
    assert_eq!(asterisk.leaks(), [""; 0]);
    service.stop().await;
}

#[tokio::test]
async fn the_same_name_is_a_new_bridge_once_the_old_one_is_empty() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = Running::start(&asterisk, conference).await;
    let mut seen = Vec::new();
    for _ in 0..20 {
        let caller = asterisk.call("1000").place(APP).await.unwrap();
        seen.push(caller.wait_until_bridged().await.unwrap());
        caller.hang_up().await;
        caller.wait_until_gone().await.unwrap();
    }
    asterisk.wait_until_idle().await.unwrap();
    assert_eq!(asterisk.leaks(), [""; 0]);
    seen.dedup();
    assert!(seen.len() > 1, "no bridge was ever destroyed");
    service.stop().await;
}

#[tokio::test]
async fn a_full_room_refuses_and_has_a_place_again_when_one_leaves() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = Running::start(&asterisk, conference).await;
    let mut inside = Vec::new();
    for _ in 0..3 {
        let caller = asterisk.call("1000").place(APP).await.unwrap();
        caller.wait_until_bridged().await.unwrap();
        inside.push(caller);
    }
    let refused = asterisk.call("1000").place(APP).await.unwrap();
    refused.wait_until_gone().await.unwrap();
    assert_eq!(asterisk.bridges()[0].channels.len(), 3);

    inside.pop().unwrap().hang_up().await;
    let fits = async {
        loop {
            let caller = asterisk.call("1000").place(APP).await.unwrap();
            if caller.wait_until_bridged().await.is_ok() {
                return caller;
            }
        }
    };
    inside.push(within(fits).await);
    for caller in inside {
        caller.hang_up().await;
    }
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn who_is_alone_hears_music_and_who_is_not_does_not() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = Running::start(&asterisk, conference).await;
    let music = |wanted: bool| {
        let asterisk = &asterisk;
        within(async move {
            while asterisk
                .bridges()
                .first()
                .is_none_or(|bridge| bridge.music != wanted)
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    };
    let first = asterisk.call("1000").place(APP).await.unwrap();
    music(true).await;
    let second = asterisk.call("1000").place(APP).await.unwrap();
    music(false).await;
    first.hang_up().await;
    music(true).await;
    second.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn a_room_that_cannot_be_made_is_told_and_the_next_try_is_a_new_one() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    asterisk.fail_next("POST", "/bridges/*", 500, r#"{"error":"Allocation failed"}"#);
    let ari = ari(&asterisk);
    let error = ari.room("meeting").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Refused, Some(500)),
        "{error}"
    );
    let room = ari.room("meeting").await.unwrap();
    assert_eq!(asterisk.bridges().len(), 1);
    drop(room);
    asterisk.wait_until_idle().await.unwrap();
}
