//! The example `raw_access`, with a real caller.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};

use ari_lab::{Caller, Lab, Program};

#[tokio::test]
#[ignore = "real Asterisk"]
async fn requests_replies_and_events_of_ones_own_types_reach_the_server() {
    let lab = Lab::start().await.unwrap();
    let program = Program::example("raw_access")
        .start(lab.asterisk())
        .await
        .unwrap();
    let mut anna = lab
        .phones()
        .call(Caller::new("1000").named("anna"))
        .await
        .unwrap();
    anna.press("7").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !program.output().unwrap().contains("digit 7 for ") {
        assert!(Instant::now() < deadline, "{}", program.output().unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let output = program.output().unwrap();
    for told in [
        "server ",
        "reply {\"value\":\"PJSIP/",
        "\"type\":\"ChannelDtmfReceived\"",
    ] {
        assert!(output.contains(told), "{told}\n{output}");
    }
    anna.hang_up().await.unwrap();
    lab.asterisk()
        .becomes_empty(Duration::from_secs(10))
        .await
        .unwrap();
}
