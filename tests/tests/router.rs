//! One `Stasis(EVERYTHING)` line, and applications picked by dialled extension.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_lab::{Caller, Lab, Program};

const LONG: Duration = Duration::from_secs(15);

#[tokio::test]
#[ignore = "real Asterisk"]
async fn the_dialled_extension_picks_the_application() {
    let lab = Lab::start().await.unwrap();
    let _program = Program::example("everything_router")
        .start(lab.asterisk())
        .await
        .unwrap();

    // _2XXX: a conference for each extension. Alone, one hears music; together, each other; next door, nobody.
    let mut anna = lab
        .phones()
        .call(Caller::new("2001").named("anna").tone(440))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let music = anna.listen(Duration::from_secs(1)).await.unwrap();
    assert!(
        music.holds(ari_lab::asterisk::MUSIC_TONE),
        "no music for who is alone: {music:?}"
    );
    let mut bert = lab
        .phones()
        .call(Caller::new("2001").named("bert").tone(620))
        .await
        .unwrap();
    let mut carl = lab
        .phones()
        .call(Caller::new("2002").named("carl").tone(350))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let heard = anna.listen(Duration::from_secs(2)).await.unwrap();
    assert!(heard.holds(620), "anna does not hear bert: {heard:?}");
    assert!(heard.lacks(350), "anna hears who is next door: {heard:?}");
    assert!(
        heard.lacks(ari_lab::asterisk::MUSIC_TONE),
        "the music goes on: {heard:?}"
    );
    for phone in [&mut anna, &mut bert, &mut carl] {
        phone.hang_up().await.unwrap();
    }

    // 300: says the time and hangs up.
    let mut clock = lab.phones().call(Caller::new("300")).await.unwrap();
    assert_eq!(clock.ended(LONG).await.unwrap(), 16);
    assert!(
        !clock.heard().await.unwrap().is_silent(),
        "the clock said nothing"
    );

    // 301: says each digit, and goes on until the caller leaves.
    let mut digits = lab.phones().call(Caller::new("301")).await.unwrap();
    let heard = digits
        .press_and_listen("5", Duration::from_secs(2))
        .await
        .unwrap();
    assert!(!heard.is_silent(), "the digit was not said");
    digits.hang_up().await.unwrap();

    // Anything else: told without being answered, and refused with cause 1.
    let mut nobody = lab.phones().dial(Caller::new("999")).await.unwrap();
    let refused = nobody.answered(LONG).await.unwrap_err().to_string();
    assert!(refused.contains("cause 1 "), "{refused}");
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}
