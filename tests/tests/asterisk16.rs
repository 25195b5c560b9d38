//! The committed bindings on a real Asterisk 16.28, the oldest that they are for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::io::Write as _;

use ari_lab::install::SuiteGone;
use ari_lab::{Installation, Release};

/// Asterisk 16.28, or a word on the terminal why there is none.
async fn sixteen() -> Option<Installation> {
    match Installation::of(Release::Sixteen).await {
        Ok(installation) => Some(installation),
        Err(error) if error.is::<SuiteGone>() => {
            // Past the test harness, which shows what is printed only where a test fails.
            let _ = writeln!(std::io::stderr(), "not run: {error:#}");
            None
        }
        Err(error) => panic!("{error:#}"),
    }
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn it_is_16_28() {
    let Some(installation) = sixteen().await else {
        return;
    };
    let version = installation.version().unwrap();
    assert!(version.starts_with("Asterisk 16.28"), "{version}");
}
