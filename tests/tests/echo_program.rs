//! The program `ari-echo`, with a real caller.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_lab::{Caller, Lab, Program};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_secs(2);

#[tokio::test]
#[ignore = "real Asterisk"]
async fn callers_hear_themselves_and_nobody_else() {
    let lab = Lab::start().await.unwrap();
    let _program = Program::binary("ari-apps", "ari-echo")
        .start(lab.asterisk())
        .await
        .unwrap();
    let caller = |name: &str, hertz| Caller::new("600").named(name).tone(hertz);
    let mut anna = lab.phones().call(caller("anna", 440)).await.unwrap();
    let mut bert = lab.phones().call(caller("bert", 620)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (to_anna, to_bert) = tokio::try_join!(anna.listen(SHORT), bert.listen(SHORT)).unwrap();
    assert!(to_anna.holds(440) && to_anna.lacks(620), "{to_anna:?}");
    assert!(to_bert.holds(620) && to_bert.lacks(440), "{to_bert:?}");

    // A pressed digit is said. The phone is silent meanwhile, so that what is heard is the voice.
    anna.be_silent().await.unwrap();
    let said = anna.press_and_listen("5", SHORT).await.unwrap();
    assert!(!said.is_silent(), "the digit was not said: {said:?}");

    anna.hang_up().await.unwrap();
    bert.hang_up().await.unwrap();
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}
