//! The conference that fits on one slide, with real callers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_lab::{Caller, Lab, Program};

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
#[ignore = "real Asterisk"]
async fn three_callers_of_the_single_slide_hear_each_other() {
    let lab = Lab::start().await.unwrap();
    let _program = Program::example("conference_single_slide")
        .start(lab.asterisk())
        .await
        .unwrap();
    let caller = |name: &str, hertz| Caller::new("1000").named(name).tone(hertz);
    let mut anna = lab.phones().call(caller("anna", 440)).await.unwrap();
    let mut bert = lab.phones().call(caller("bert", 620)).await.unwrap();
    let mut carl = lab.phones().call(caller("carl", 350)).await.unwrap();
    // The beep is over then.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let length = Duration::from_secs(2);
    let (to_anna, to_bert, to_carl) =
        tokio::try_join!(anna.listen(length), bert.listen(length), carl.listen(length)).unwrap();
    for (heard, own, others) in [
        (to_anna, 440, [620, 350]),
        (to_bert, 620, [440, 350]),
        (to_carl, 350, [440, 620]),
    ] {
        assert!(heard.lacks(own), "{own} hears itself: {heard:?}");
        assert!(
            others.iter().all(|hertz| heard.holds(*hertz)),
            "{own} does not hear {others:?}: {heard:?}"
        );
    }
    assert_eq!(lab.asterisk().channels_and_bridges().await.unwrap(), (3, 1));

    anna.hang_up().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await; // what is on its way is still heard
    let heard = bert.listen(length).await.unwrap();
    assert!(
        heard.holds(350) && heard.lacks(440),
        "anna is still heard: {heard:?}"
    );
    bert.hang_up().await.unwrap();
    carl.hang_up().await.unwrap();
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}
