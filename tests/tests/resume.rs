//! A program dies with a live call, and the next one takes it up.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_lab::{Caller, Lab, Program};

const LONG: Duration = Duration::from_secs(15);
const LISTEN: Duration = Duration::from_secs(3);

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_caller_whose_program_was_killed_is_served_by_the_next_one() {
    let lab = Lab::start().await.unwrap();
    let program = || Program::example("ivr").start(lab.asterisk());
    let first = program().await.unwrap();
    let mut anna = lab
        .phones()
        .call(Caller::new("1000").named("anna").number("42"))
        .await
        .unwrap();
    let prompt = anna.listen(LISTEN).await.unwrap();
    assert!(!prompt.is_silent(), "the menu is not read out");

    first.kill().await.unwrap();
    anna.press("1").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        lab.asterisk().channels_and_bridges().await.unwrap(),
        (1, 0),
        "nobody heard the digit"
    );

    let _second = program().await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let prompt = anna.listen(LISTEN).await.unwrap();
    assert!(!prompt.is_silent(), "the next program does not serve the caller");
    anna.press("1").await.unwrap();
    // What the first program played goes on to its end before anything of the second one is heard.
    assert_eq!(anna.ended(4 * LONG).await.unwrap(), 16);
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}
