//! Calls, their tasks and their ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::{Ending, FakeAsterisk};
use ari_client::{EndReason, Side};
use support::{APP, Running, ari, hung_up_with, telling, within};
use tokio::sync::mpsc;

/// An application that answers, waits for the end and tells it.
fn tells_ends() -> (impl Application, mpsc::UnboundedReceiver<CallEnded>) {
    telling(|call, tell| async move {
        call.answer().await?;
        tell.send(call.ended().await)?;
        Ok(())
    })
}

#[tokio::test]
async fn a_call_brings_what_the_caller_dialled_and_who_he_is() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut seen) = telling(|call, tell| async move {
        let facts = (
            call.extension().to_owned(),
            call.caller().to_string(),
            call.args().to_vec(),
        );
        tell.send((facts, call.application().to_owned(), call.context().to_owned()))?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let call = asterisk
        .call("2042")
        .caller("+4930123")
        .name("Anna")
        .args(["sales", "de"]);
    let caller = call.place(APP).await.unwrap();
    let ((extension, who, args), application, context) = within(seen.recv()).await.unwrap();
    assert_eq!(
        (&*extension, &*who, &*application),
        ("2042", "Anna <+4930123>", APP)
    );
    assert_eq!(args, ["sales", "de"]);
    assert_eq!(context, "default");
    assert!(
        hung_up_with(&caller.wait_until_gone().await.unwrap()).is_some(),
        "hung up when the application returned"
    );
    service.stop().await;
    assert_eq!(asterisk.leaks(), [""; 0]);
}

#[tokio::test]
async fn the_end_tells_who_ended_the_call_and_how() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = telling(|call, tell| async move {
        call.answer().await?;
        match call.extension() {
            "1" => {}
            "2" => call.hang_up_with(17).await?,
            "3" => call.continue_in_dialplan().await?,
            _ => call.move_to("elsewhere").await?,
        }
        tell.send(call.ended().await)?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let elsewhere = Running::with(ari(&asterisk).service("elsewhere", |call: Call| async move {
        call.ended().await;
        Ok(())
    }))
    .await;
    for (extension, reason, side, cause) in [
        ("1", EndReason::HungUp, Side::Caller, None),
        ("2", EndReason::HungUp, Side::Application, Some(17)),
        ("3", EndReason::Continued, Side::Application, None),
        ("4", EndReason::Moved, Side::Application, None),
    ] {
        let caller = asterisk.call(extension).place(APP).await.unwrap();
        caller.wait_until_answered().await.unwrap();
        if extension == "1" {
            caller.hang_up().await;
        }
        let end = within(ends.recv()).await.unwrap();
        assert_eq!((end.reason, end.side), (reason, side), "{extension}: {end:?}");
        if cause.is_some() {
            assert_eq!(end.cause, cause);
        }
        caller.hang_up().await;
    }
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
    elsewhere.stop().await;
}

#[tokio::test]
async fn an_error_or_a_panic_ends_its_call_by_policy_and_no_other() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = ari(&asterisk).service(APP, |call: Call| async move {
        call.answer().await?;
        match call.extension() {
            "error" => Err("the database is away".into()),
            "panic" => panic!("a bug"),
            _ => {
                while call.next_digit().await.is_ok() {
                    call.play("sound:beep").await?;
                }
                Ok(())
            }
        }
    });
    let service = Running::with(service.on_error(Disposition::Continue)).await;
    let steady = asterisk.call("1000").place(APP).await.unwrap();
    steady.wait_until_answered().await.unwrap();
    for extension in ["error", "panic"] {
        let caller = asterisk.call(extension).place(APP).await.unwrap();
        let ending = caller.wait_until_gone().await.unwrap();
        assert!(
            matches!(ending, Ending::Continued { .. }),
            "{extension}: {ending:?}"
        );
    }
    steady.press("1").await;
    steady.wait_until_heard("sound:beep").await.unwrap();
    steady.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn digits_pressed_early_are_kept_and_come_in_order() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut typed) = telling(|call, tell| async move {
        call.answer().await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut digits = String::new();
        let error = loop {
            match call.next_digit().await {
                Ok(digit) => digits.push(digit),
                Err(error) => break error,
            }
        };
        tell.send((digits, error.kind(), error.is_gone()))?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller.press("12*#D").await;
    caller.hang_up().await;
    assert_eq!(
        within(typed.recv()).await.unwrap(),
        ("12*#D".to_owned(), ErrorKind::CallEnded, true)
    );
    service.stop().await;
}

#[tokio::test]
async fn a_handler_that_does_not_come_back_is_given_up_after_its_grace_period() {
    struct Dropped(mpsc::UnboundedSender<()>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut dropped) = mpsc::unbounded_channel();
    let service = ari(&asterisk).service(APP, move |call: Call| {
        let guard = Dropped(sender.clone());
        async move {
            call.answer().await?;
            std::future::pending::<()>().await;
            drop(guard);
            Ok(())
        }
    });
    let service = Running::with(service.grace_period(Duration::from_millis(200))).await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    assert!(dropped.try_recv().is_err(), "a live call has all the time");
    caller.hang_up().await;
    within(dropped.recv()).await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn a_call_given_to_another_task_lives_as_long_as_it_is_held() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut calls) = telling(|call, tell| async move {
        call.answer().await?;
        tell.send(call)?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    let call = within(calls.recv()).await.unwrap();
    caller.press("7").await;
    assert_eq!(within(call.next_digit()).await.unwrap(), '7');
    assert!(
        caller.ending().is_none(),
        "its handler has returned, but it is held"
    );
    drop(call);
    assert!(hung_up_with(&caller.wait_until_gone().await.unwrap()).is_some());
    service.stop().await;
}

#[tokio::test]
async fn the_dialplans_pass_behind_a_hangup_is_no_call() {
    let asterisk = FakeAsterisk::builder()
        .dialplan_matches_h()
        .start()
        .await
        .unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let service = Running::start(&asterisk, move |call: Call| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            call.answer().await?;
            call.ended().await;
            Ok(())
        }
    })
    .await;
    for _ in 0..3 {
        let caller = asterisk.call("1000").place(APP).await.unwrap();
        caller.wait_until_answered().await.unwrap();
        caller.hang_up().await;
        caller.wait_until_gone().await.unwrap();
    }
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_transfer_keeps_the_call_and_changes_its_channel() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = tells_ends();
    let (sender, mut ids) = mpsc::unbounded_channel();
    let application = Arc::new(application);
    let service = Running::start(&asterisk, move |call: Call| {
        let (application, sender) = (Arc::clone(&application), sender.clone());
        async move {
            sender.send(call.channel().clone())?;
            application.on_call(call).await
        }
    })
    .await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    let channel = within(ids.recv()).await.unwrap();
    let before = channel.id();
    let successor = caller.transferred_to("2000").await.unwrap();
    let replaced = async {
        while channel.id() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within(replaced).await;
    assert_eq!(&*channel.id(), successor.channel_id());
    assert!(ends.try_recv().is_err(), "the call goes on");
    assert!(ids.try_recv().is_err(), "no second call began");
    successor.hang_up().await;
    assert_eq!(within(ends.recv()).await.unwrap().reason, EndReason::HungUp);
    service.stop().await;
}

#[tokio::test]
async fn what_a_call_made_goes_with_it() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let service = Running::start(&asterisk, |call: Call| async move {
        call.answer().await?;
        let media = call.external_media("127.0.0.1:9".parse()?).await?;
        let bridge = call.bridge().mixing().dtmf_events().await?;
        bridge.add(&call).await?;
        bridge.add(&media).await?;
        call.ended().await;
        Ok(())
    })
    .await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    caller.wait_until_bridged().await.unwrap();
    let both = async {
        while asterisk
            .bridges()
            .first()
            .is_none_or(|bridge| bridge.channels.len() < 2)
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within(both).await;
    caller.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    assert_eq!(asterisk.leaks(), [""; 0]);
    service.stop().await;
}

#[tokio::test]
async fn events_come_from_the_calls_first_moment_and_undrained_ones_end_with_a_count() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut seen) = telling(|call, tell| async move {
        call.answer().await?;
        let events = call.events();
        while let Some(event) = events.next().await {
            let event = event?;
            tell.send(event.event_type())?;
        }
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let caller = asterisk.call("1000").place(APP).await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller.press("5").await;
    caller.hang_up().await;
    let mut types = Vec::new();
    while types.last() != Some(&EventType::StasisEnd) {
        types.push(within(seen.recv()).await.unwrap());
    }
    assert!(types.contains(&EventType::ChannelStateChange), "{types:?}");
    assert!(types.contains(&EventType::ChannelDtmfReceived), "{types:?}");
    service.stop().await;
}

#[tokio::test]
async fn a_call_whose_events_are_not_read_ends_with_overflow_and_others_go_on() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut ends) = telling(|call, tell| async move {
        call.answer().await?;
        let _unread = call.events();
        tell.send((call.extension().to_owned(), call.ended().await.reason))?;
        Ok(())
    });
    let service = ari(&asterisk).service(APP, application);
    let service = Running::with(service.mailbox_limit(20_000)).await;
    let quiet = asterisk.call("quiet").place(APP).await.unwrap();
    let loud = asterisk.call("loud").place(APP).await.unwrap();
    loud.wait_until_answered().await.unwrap();
    quiet.wait_until_answered().await.unwrap();
    let channel = serde_json::json!({ "id": loud.channel_id(), "name": "n", "state": "Up" });
    for _ in 0..200 {
        asterisk
            .send_event(serde_json::json!({ "type": "ChannelHold", "application": APP, "channel": channel }));
    }
    assert_eq!(
        within(ends.recv()).await.unwrap(),
        ("loud".to_owned(), EndReason::Overflow)
    );
    assert!(
        hung_up_with(&loud.wait_until_gone().await.unwrap()).is_some(),
        "an overflown call is let go"
    );
    quiet.hang_up().await;
    assert_eq!(
        within(ends.recv()).await.unwrap(),
        ("quiet".to_owned(), EndReason::HungUp)
    );
    service.stop().await;
}
