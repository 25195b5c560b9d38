//! What Asterisk answers with 404: a call that is over, something else that is not there, an operation that it lacks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use ari_client::ErrorKind;
use ari_client::prelude::*;
use ari_client::testing::{Ending, FakeAsterisk};
use support::log::Log;
use support::{APP, Running, ari, telling, within};

#[tokio::test]
async fn a_variable_that_is_not_set_is_none_and_one_of_a_channel_that_is_gone_is_an_error() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (application, mut seen) = telling(|call, tell| async move {
        let set = call.variable("COLOUR").await?;
        let unset = call.variable("NOPE").await?;
        call.hang_up().await?;
        call.ended().await;
        let gone = call.variable("COLOUR").await.unwrap_err();
        tell.send((set, unset, gone.status(), gone.is_gone()))?;
        Ok(())
    });
    let service = Running::start(&asterisk, application).await;
    let call = asterisk.call("1").variable("COLOUR", "red");
    call.place(APP).await.unwrap();
    let (set, unset, status, is_gone) = within(seen.recv()).await.unwrap();
    assert_eq!((set.as_deref(), unset), (Some("red"), None));
    assert_eq!((status, is_gone), (Some(404), true));
    service.stop().await;
}

#[tokio::test]
async fn a_404_on_a_live_call_is_a_failure_like_any_other() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    asterisk.fail_next(
        "GET",
        "/recordings/stored/*",
        404,
        r#"{"message":"Recording not found"}"#,
    );
    let service = ari(&asterisk).service(APP, |call: Call| async move {
        call.answer().await?;
        call.ari().recordings().get_stored("greeting").await?;
        Ok(())
    });
    let service = Running::with(service.on_error(Disposition::Continue)).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    let ending = caller.wait_until_gone().await.unwrap();
    assert!(matches!(ending, Ending::Continued { .. }), "{ending:?}");
    service.stop().await;
    let errors = log.lines("ERROR");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("Recording not found"), "{errors:?}");
    assert!(errors[0].contains(caller.channel_id()), "{errors:?}");
}

#[tokio::test]
async fn a_404_of_a_call_that_was_hung_up_meanwhile_is_no_failure() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let log = Log::start();
    let service = Running::start(&asterisk, |call: Call| async move {
        call.answer().await?;
        loop {
            call.play("sound:beep").await?.finished().await?;
        }
    })
    .await;
    for _ in 0..10 {
        let caller = asterisk.call("1").place(APP).await.unwrap();
        caller.wait_until_heard("sound:beep").await.unwrap();
        caller.hang_up().await;
    }
    asterisk.wait_until_idle().await.unwrap();
    service.stop().await;
    assert_eq!(log.lines("ERROR"), [""; 0]);
    assert!(!log.lines("DEBUG").is_empty(), "nothing is logged at all");
}

#[tokio::test]
async fn an_operation_whose_module_is_not_loaded_is_not_offered_and_not_gone() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    asterisk.fail_next("GET", "/mailboxes", 404, r#"{"message":"Resource not found"}"#);
    let error = ari(&asterisk).mailboxes().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotOffered);
    assert!(error.is_not_offered() && !error.is_gone() && !error.is_retryable());
    assert_eq!(
        error.to_string(),
        "mailboxes.list: this Asterisk does not offer the operation: Resource not found; it is there since Asterisk \
         12.1.0, where its module is loaded (status 404)"
    );
}
