//! What takes its time, and what is missed meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::{Ending, FakeAsterisk};
use support::{APP, Running, hangups, requests, telling, with_sound, within};

#[tokio::test]
async fn a_call_that_continues_behind_a_long_sound_is_asked_once_and_waited_for() {
    let long = Duration::from_millis(4_500);
    let asterisk = FakeAsterisk::builder()
        .sound("sound:long", long)
        .deadline(Duration::from_secs(8));
    let asterisk = asterisk.start().await.unwrap();
    let service = Running::start(&asterisk, |call: Call| async move {
        call.answer().await?;
        call.play("sound:long").await?;
        Ok(call.continue_in_dialplan().await?)
    })
    .await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    let ending = caller.wait_until_gone().await.unwrap();
    assert!(matches!(ending, Ending::Continued { .. }), "{ending:?}");
    assert_eq!(requests(&asterisk, "POST", "/channels/*/continue"), 1);
    assert_eq!(hangups(&asterisk), 0);
    service.stop().await;
}

#[tokio::test]
async fn a_playback_that_ended_while_the_socket_was_down_is_no_failure() {
    let asterisk = with_sound("sound:beep", Duration::from_millis(100)).await;
    let (application, mut results) = telling(|call, tell| async move {
        call.answer().await?;
        let beep = call.play("sound:beep").await?;
        tell.send(Ok(()))?;
        tell.send(beep.finished().await.map_err(|error| error.to_string()))?;
        call.ended().await;
        Ok(())
    });
    let mut service = Running::start(&asterisk, application).await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    within(results.recv()).await.unwrap().unwrap();
    asterisk.stop_listening().await;
    asterisk.cut_connections().await;
    within(
        service
            .status
            .wait_for(|status| matches!(status, Status::Reconnecting { .. })),
    )
    .await
    .unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    asterisk.listen_again().await.unwrap();
    assert_eq!(within(results.recv()).await.unwrap(), Ok(()));
    caller.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}
