//! Playbacks: how they end, and that their end is told.
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
use support::{APP, Running, telling, with_sound, within};

/// An Asterisk that lacks `sound:nowhere`.
async fn without_a_sound() -> FakeAsterisk {
    let builder = FakeAsterisk::builder().missing_sound("sound:nowhere");
    builder.start().await.unwrap()
}

fn kind(result: Result<(), Error>) -> Result<(), ErrorKind> {
    result.map_err(|error| error.kind())
}

#[tokio::test]
async fn playbacks_end_well_fail_and_end_with_the_call() {
    let asterisk = without_a_sound().await;
    let (application, mut results) = telling(|call, tell| async move {
        call.answer().await?;
        let good = kind(call.play("sound:beep").await?.finished().await);
        let missing = kind(call.play("sound:nowhere").await?.finished().await);
        let stopped = call.play("sound:beep").await?;
        stopped.stop().await?;
        let stopped = kind(stopped.finished().await);
        tell.send(vec![good, missing, stopped])?;
        let long = call
            .play("sound:beep")
            .then("sound:beep")
            .then("sound:beep")
            .await?;
        call.hang_up().await?;
        tell.send(vec![kind(long.finished().await)])?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    asterisk.call("1000").place(APP).await.unwrap();
    assert_eq!(
        within(results.recv()).await.unwrap(),
        [Ok(()), Err(ErrorKind::Failed), Ok(())]
    );
    let [cut] = within(results.recv()).await.unwrap()[..] else {
        panic!()
    };
    assert!(cut.is_err(), "{cut:?}");
    service.stop().await;
    assert_eq!(asterisk.leaks(), [""; 0]);
}

#[tokio::test]
async fn a_playback_of_which_asterisk_tells_no_end_is_asked_for() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut results) = telling(|call, tell| async move {
        call.answer().await?;
        let ended = call.play("bogus:thing").await?.finished().await;
        tell.send(ended.unwrap_err().to_string())?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    asterisk.call("1000").place(APP).await.unwrap();
    let error = within(results.recv()).await.unwrap();
    assert_eq!(error, "Asterisk could not play bogus:thing: no end was told");
    service.stop().await;
}

#[tokio::test]
async fn a_playback_that_is_over_says_so_as_often_as_it_is_asked() {
    let asterisk = without_a_sound().await;
    let (application, mut results) = telling(|call, tell| async move {
        call.answer().await?;
        for sound in ["sound:beep", "sound:nowhere"] {
            let playback = call.play(sound).await?;
            let both = tokio::join!(playback.finished(), playback.finished());
            let later = playback.finished().await;
            tell.send([kind(both.0), kind(both.1), kind(later)])?;
        }
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    asterisk.call("1").place(APP).await.unwrap();
    assert_eq!(within(results.recv()).await.unwrap(), [Ok(()); 3]);
    assert_eq!(within(results.recv()).await.unwrap(), [Err(ErrorKind::Failed); 3]);
    service.stop().await;
}

#[tokio::test]
async fn a_playback_ends_with_an_attended_transfer_and_the_call_goes_on() {
    let asterisk = with_sound("sound:long", Duration::from_secs(60)).await;
    let (application, mut results) = telling(|call, tell| async move {
        call.answer().await?;
        tell.send(call.play("sound:long").await?.finished().await)?;
        // To whom it was transferred hears this.
        let second = call.play("sound:long").await?;
        tell.send(second.finished().await)?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_heard("sound:long").await.unwrap();
    let successor = caller.transferred_to("2000").await.unwrap();
    within(results.recv()).await.unwrap().unwrap();
    successor.wait_until_heard("sound:long").await.unwrap();
    successor.hang_up().await;
    let cut = within(results.recv()).await.unwrap().unwrap_err();
    assert_eq!(cut.kind(), ErrorKind::CallEnded, "{cut}");
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn a_call_that_moved_here_is_not_ended_by_its_end_elsewhere() {
    let asterisk = with_sound("sound:long", Duration::from_millis(300)).await;
    let (application, mut results) = telling(|call, tell| async move {
        call.answer().await?;
        let room = call.room("talk").mixing().await?;
        room.add(&call).await?;
        let playback = call.play("sound:long").await?;
        tell.send(Ok(()))?;
        tell.send(kind(playback.finished().await))?;
        assert_eq!(room.members().borrow().len(), 1);
        tell.send(Ok(()))?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    within(results.recv()).await.unwrap().unwrap();
    // On another socket, and so perhaps later than it happened.
    asterisk.send_event(serde_json::json!({
        "type": "StasisEnd", "application": "other", "channel": {"id": caller.channel_id()}
    }));
    assert_eq!(within(results.recv()).await.unwrap(), Ok(()));
    within(results.recv()).await.unwrap().unwrap();
    service.stop().await;
}
