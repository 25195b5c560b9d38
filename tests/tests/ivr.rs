//! The example `ivr`, with a real caller.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_lab::asterisk::MUSIC_TONE;
use ari_lab::{Caller, Lab, Program};

const LONG: Duration = Duration::from_secs(15);

#[tokio::test]
#[ignore = "real Asterisk"]
async fn digits_cut_the_prompt_short_and_choose() {
    let lab = Lab::start().await.unwrap();
    let _program = Program::example("ivr").start(lab.asterisk()).await.unwrap();

    // 1 says the caller's number and hangs up, long before the prompt would have ended. The number is longer than she
    // listens.
    let mut anna = lab
        .phones()
        .call(Caller::new("1000").named("anna").number("4242424242"))
        .await
        .unwrap();
    let heard = anna.press_and_listen("1", Duration::from_secs(1)).await.unwrap();
    assert!(!heard.is_silent(), "nothing was said");
    assert_eq!(anna.ended(LONG).await.unwrap(), 16);

    // 2 leads to a room, where music plays to who is alone.
    let mut bert = lab
        .phones()
        .call(Caller::new("1000").named("bert").tone(620))
        .await
        .unwrap();
    bert.press("2").await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let alone = bert.listen(Duration::from_secs(2)).await.unwrap();
    assert!(alone.holds(MUSIC_TONE), "no music for who is alone: {alone:?}");
    bert.hang_up().await.unwrap();

    // 3 lets the dialplan go on, which hangs up.
    let mut carl = lab
        .phones()
        .call(Caller::new("1000").named("carl"))
        .await
        .unwrap();
    carl.press("3").await.unwrap();
    assert_eq!(carl.ended(LONG).await.unwrap(), 16);
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}
