//! `cargo lab load` in a short form: that calls go well, and that those that do not are counted. What they cost is not
//! judged here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::process::Command;
use std::time::Duration;

use ari_lab::Installation;
use ari_lab::load::{self, Duty, Plan};

async fn installation() -> Installation {
    Installation::find_or_fetch().await.unwrap()
}

fn plan(duty: Duty, calls: u32) -> Plan {
    Plan {
        duty,
        calls,
        rate: 20,
        patience: Duration::from_secs(20),
    }
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn calls_that_come_and_go_go_well() {
    for (duty, calls) in [(Duty::Answer, 100), (Duty::Prompt, 20)] {
        let load = load::place(&installation().await, load::program(), &plan(duty, calls))
            .await
            .unwrap();
        println!("{load}");
        assert_eq!(load.failed(), 0, "{load}");
    }
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn calls_that_are_held_go_well_and_take_memory() {
    let held = load::hold(&installation().await, load::program(), 60, 20)
        .await
        .unwrap();
    println!("{held}");
    assert_eq!(held.failed(), 0, "{held}");
    assert!(held.bytes_per_call() > 500, "{held}");
}

/// The application waits for the caller to hang up, and the caller for the application: each call fails in the end.
#[tokio::test]
#[ignore = "real Asterisk"]
async fn calls_that_do_not_go_well_are_counted() {
    let plan = Plan {
        patience: Duration::from_secs(2),
        ..plan(Duty::Hold, 5)
    };
    let load = load::place(&installation().await, load::program(), &plan)
        .await
        .unwrap();
    assert_eq!(load.failed(), 5, "{load}");
}

#[test]
fn arguments_that_make_no_sense_are_named() {
    for (argument, value) in [
        ("--cps", "0"),
        ("--calls", "0"),
        ("--hold", "many"),
        ("--scenario", "dance"),
    ] {
        let lab = Command::new(env!("CARGO_BIN_EXE_lab"))
            .args(["load", argument, value])
            .output()
            .unwrap();
        assert_eq!(lab.status.code(), Some(2));
        let said = String::from_utf8(lab.stderr).unwrap();
        let first = said.lines().next().unwrap();
        assert!(
            first.starts_with(&format!("error: invalid value '{value}' for '{argument}")),
            "{said}"
        );
    }
}
