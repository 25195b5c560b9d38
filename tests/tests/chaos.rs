//! The short form of `cargo lab chaos`, on the real Asterisk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use ari_lab::Installation;
use ari_lab::chaos::Chaos;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real Asterisk"]
async fn no_call_is_lost_whatever_breaks() {
    let installation = Installation::find_or_fetch().await.unwrap();
    let chaos = Chaos::default().short(true);
    let report = chaos.run(&installation, |line| println!("{line}")).await.unwrap();
    println!("{report}");
    assert!(report.faults() >= 14, "{report}");
    assert!(report.is_clean(), "{report}");
    let last = format!("chaos: {} faults, 0 calls lost, 0 leaks", report.faults());
    assert_eq!(report.to_string(), last);
}
