//! Every operation and every event, on the real Asterisk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use ari_lab::{Installation, coverage};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real Asterisk"]
async fn all_operations_and_events_are_covered() {
    let installation = Installation::find_or_fetch().await.unwrap();
    let coverage = coverage::run(&installation).await.unwrap();
    println!("{}", coverage.report);
    assert!(coverage.report.is_complete(), "{}", coverage.report);
}
