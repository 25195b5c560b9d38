//! How long requests may take.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(10);

/// A server that takes longer than `SHORT` for everything, and a client with these deadlines.
async fn slow(usual: Duration, waiting: Duration) -> (FakeAsterisk, Ari) {
    let asterisk = FakeAsterisk::start().await.unwrap();
    asterisk.delay_requests(2 * SHORT);
    let ari = Ari::builder(asterisk.url())
        .credentials(asterisk.username(), asterisk.password())
        .request_timeout(usual)
        .waiting_timeout(waiting)
        .build()
        .unwrap();
    (asterisk, ari)
}

/// The error of a channel that is not there, which is told if it is waited for.
async fn error_of(request: impl Future<Output = Result<(), Error>>) -> String {
    request.await.unwrap_err().to_string()
}

const NO_ANSWER: &str = "no answer within 150ms";

#[tokio::test]
async fn what_waits_for_the_channel_has_a_deadline_of_its_own() {
    let (_asterisk, ari) = slow(SHORT, LONG).await;
    let channel = ari.channel("c1");
    let (ring, answer) = tokio::join!(error_of(channel.ring()), error_of(channel.answer()));
    assert_eq!(ring, format!("channels.ring c1/ring: {NO_ANSWER}"));
    assert_eq!(
        answer,
        "channels.answer c1/answer: Channel not found (status 404)"
    );

    let (_asterisk, ari) = slow(LONG, SHORT).await;
    let channel = ari.channel("c1");
    let (ring, answer) = tokio::join!(error_of(channel.ring()), error_of(channel.answer()));
    assert_eq!(ring, "channels.ring c1/ring: Channel not found (status 404)");
    assert_eq!(answer, format!("channels.answer c1/answer: {NO_ANSWER}"));
}

#[tokio::test]
async fn a_handle_may_have_its_own_deadline() {
    let (_asterisk, ari) = slow(LONG, LONG).await;
    let hasty = ari.within(SHORT);
    for error in [
        error_of(hasty.channel("c1").ring()).await,
        error_of(ari.channel("c1").within(SHORT).answer()).await,
        error_of(ari.bridge("b1").within(SHORT).stop_music()).await,
        error_of(hasty.channels().ring("c1").into_future()).await,
    ] {
        assert!(error.ends_with(NO_ANSWER), "{error}");
    }
    let patient = hasty.within(LONG).channel("c1");
    assert!(error_of(patient.ring()).await.ends_with("(status 404)"));
}
