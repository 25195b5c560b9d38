//! However a call's application ends, and whatever fails then: the channel goes, once, and to the right place.
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
use ari_client::{EndReason, Side};
use support::{APP, LONG, Running, ari, hangups, hung_up_with, requests, telling, with_sound, within};
use tokio::time::{Instant, timeout};

/// How often a race is run.
const RACES: usize = 100;

#[tokio::test]
async fn a_panic_before_the_first_await_ends_the_call_by_policy() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = ari(&asterisk).service(APP, |call: Call| {
        let menu: u32 = call.extension().parse().expect("a number was dialled");
        async move {
            call.hang_up_with(i64::from(menu)).await?;
            Ok(())
        }
    });
    let service = Running::with(service.on_error(Disposition::Continue)).await;
    let wrong = asterisk.call("anna").place(APP).await.unwrap();
    let ending = wrong.wait_until_gone().await.unwrap();
    assert!(matches!(ending, Ending::Continued { .. }), "{ending:?}");
    let right = asterisk.call("17").place(APP).await.unwrap();
    assert_eq!(hung_up_with(&right.wait_until_gone().await.unwrap()), Some(17));
    service.stop().await;
}

#[tokio::test]
async fn the_drain_deadline_does_not_hang_up_who_is_on_the_way_to_the_dialplan() {
    let asterisk = with_sound("sound:long", Duration::from_secs(2)).await;
    let service = ari(&asterisk).service(APP, |call: Call| async move {
        call.answer().await?;
        call.play("sound:long").await?;
        // It leaves when the sound is over.
        call.continue_in_dialplan().await?;
        call.ended().await;
        Ok(())
    });
    let mut service = Running::with(service.drain_deadline(Duration::from_millis(50))).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    asterisk
        .wait_for_request("POST", "/channels/*/continue")
        .await
        .unwrap();
    assert!(caller.ending().is_none(), "the sound still plays");
    service.ask_to_stop();
    service.ended().await.unwrap();
    let ending = caller.wait_until_gone().await.unwrap();
    assert!(matches!(ending, Ending::Continued { .. }), "{ending:?}");
    assert_eq!(hangups(&asterisk), 0);
}

#[tokio::test]
async fn an_application_may_take_for_ever_to_come_back() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = ari(&asterisk).service(APP, |call: Call| async move {
        call.ended().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    });
    let service = Running::with(service.grace_period(Duration::MAX)).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.hang_up().await;
    service.stop().await;
}

#[tokio::test]
async fn the_application_goes_on_while_its_call_is_hung_up_at_the_drain_deadline() {
    const DELAY: Duration = Duration::from_secs(2);
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut told) = telling(|call, tell| async move {
        call.answer().await?;
        let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
        while call.end().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            longest = longest.max(last.elapsed());
            last = Instant::now();
        }
        tell.send(longest)?;
        Ok(())
    });
    let service = ari(&asterisk).service(APP, application);
    let service = Running::with(service.drain_deadline(Duration::ZERO)).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    asterisk.delay_requests(DELAY);
    service.stop().await;
    let longest = within(told.recv()).await.unwrap();
    assert!(longest < DELAY / 2, "it stood still for {longest:?}");
    assert_eq!(hangups(&asterisk), 1);
}

#[tokio::test]
async fn a_hangup_that_is_cancelled_hangs_up_all_the_same() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    asterisk.delay_requests(Duration::from_millis(200));
    let service = Running::start(&asterisk, |call: Call| async move {
        let patience = Duration::from_millis(call.extension().parse()?);
        let cancelled = timeout(patience, call.hang_up_with(17)).await;
        assert!(cancelled.is_err(), "it was answered too fast for this test");
        Ok(())
    })
    .await;
    let mut callers = Vec::new();
    for patience in ["0", "1", "5", "20"] {
        callers.push(asterisk.call(patience).place(APP).await.unwrap());
    }
    for caller in callers {
        assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(17));
    }
    service.stop().await;
    assert_eq!(asterisk.leaks(), [""; 0]);
}

/// Lets `fail` spoil the hangups of a call, and tells how many of them there were when it was gone.
async fn hangups_when(fail: impl FnOnce(&FakeAsterisk)) -> usize {
    let asterisk = FakeAsterisk::builder().deadline(LONG).start().await.unwrap();
    fail(&asterisk);
    let service = Running::start(&asterisk, |call: Call| async move {
        call.answer().await?;
        Ok(())
    })
    .await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(16));
    service.stop().await;
    hangups(&asterisk)
}

#[tokio::test]
async fn a_hangup_that_fails_is_asked_for_until_the_channel_is_gone() {
    const PATH: &str = "/channels/*";
    let refused_twice = hangups_when(|asterisk| {
        for _ in 0..2 {
            asterisk.fail_next("DELETE", PATH, 503, r#"{"message":"Asterisk not booted"}"#);
        }
    });
    let lost = hangups_when(|asterisk| asterisk.drop_next_request("DELETE", PATH));
    let answer_lost = hangups_when(|asterisk| asterisk.drop_next_answer("DELETE", PATH));
    assert_eq!(tokio::join!(refused_twice, lost, answer_lost), (3, 2, 2));
}

#[tokio::test]
async fn a_move_to_nobody_leaves_the_call_to_the_policy() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = Running::start(&asterisk, |call: Call| async move {
        call.answer().await?;
        call.move_to("nobody").await?;
        Ok(())
    })
    .await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    assert_eq!(hung_up_with(&caller.wait_until_gone().await.unwrap()), Some(16));
    service.stop().await;
}

/// Runs many calls that leave by a generated operation; the applications of half of them wait for the end, which is to
/// be for `reason` and with `cause`. Tells how many hangups there were.
async fn leave_by<F>(leave: fn(Ari, String) -> F, reason: EndReason, cause: Option<i64>) -> usize
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = telling(move |call, tell| async move {
        leave(call.ari().clone(), call.id().to_string()).await?;
        if call.extension() == "waits" {
            tell.send(call.ended().await)?;
        }
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let elsewhere = ari(&asterisk).service("elsewhere", |call: Call| async move {
        call.continue_in_dialplan().await?;
        Ok(())
    });
    let elsewhere = Running::with(elsewhere).await;
    for race in 0..RACES {
        let extension = if race % 2 == 0 { "waits" } else { "returns" };
        asterisk.call(extension).place(APP).await.unwrap();
    }
    for _ in 0..RACES / 2 {
        let end = within(ends.recv()).await.unwrap();
        assert_eq!(
            (end.reason, end.side, end.cause),
            (reason, Side::Application, cause)
        );
    }
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
    elsewhere.stop().await;
    hangups(&asterisk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generated_continue_counts_as_the_departure() {
    let leave = |ari: Ari, id| async move { ari.channels().continue_in_dialplan(id).await };
    assert_eq!(leave_by(leave, EndReason::Continued, None).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generated_move_counts_as_the_departure() {
    let leave = |ari: Ari, id| async move { ari.channels().move_(id, "elsewhere").await };
    assert_eq!(leave_by(leave, EndReason::Moved, None).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generated_hangup_counts_as_the_departure() {
    let leave = |ari: Ari, id| async move { ari.channels().hangup(id).reason("busy").await };
    assert_eq!(leave_by(leave, EndReason::HungUp, Some(17)).await, RACES);
}

#[tokio::test]
async fn what_the_application_asked_for_last_holds_although_its_repeat_does_not_get_through() {
    let asterisk = FakeAsterisk::builder().deadline(LONG).start().await.unwrap();
    asterisk.drop_next_request("POST", "/channels/*/continue");
    asterisk.fail_next(
        "POST",
        "/channels/*/continue",
        401,
        r#"{"message":"Authentication required"}"#,
    );
    let service = Running::start(&asterisk, |call: Call| async move {
        let unknown = call.continue_in_dialplan().await.unwrap_err();
        assert_eq!(unknown.kind(), ErrorKind::OutcomeUnknown);
        Ok(())
    })
    .await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    let ending = caller.wait_until_gone().await.unwrap();
    assert!(matches!(ending, Ending::Continued { .. }), "{ending:?}");
    let continues = requests(&asterisk, "POST", "/channels/*/continue");
    assert_eq!((continues, hangups(&asterisk)), (3, 0));
    service.stop().await;
}
