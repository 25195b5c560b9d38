//! One suite for two servers: the real Asterisk and its test double, `FakeAsterisk`.
//!
//! Each file in `scenarios/` is a script and, below each of its steps, the transcript of what Asterisk did: the reply
//! to the request, and the events that followed. They can be read as a description of how Asterisk behaves;
//! `scenarios/README.md` explains how they are written. The same scripts are played on both servers:
//!
//! * `cargo test` plays them on the fake, which must do what the transcripts say;
//! * `cargo test -- --ignored` plays them on a real Asterisk, which must do so too;
//! * `ARI_LAB_RECORD=all cargo test -p ari-lab --test conformance -- --ignored` writes down what the real Asterisk
//!   does; in place of `all` may stand the name of one scenario, such as `bridge`.
//!
//! Nothing ever writes down what the fake does: where the two differ, the fake is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod action;
mod fake;
mod names;
mod play;
mod real;
mod script;
mod show;
mod stage;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use play::{Pace, play};
use script::Script;
use stage::Stage;
use tokio::task::JoinSet;

const FAKE: Pace = Pace {
    patience: Duration::from_secs(3),
    calm: Duration::from_millis(30),
};
const REAL: Pace = Pace {
    patience: Duration::from_secs(5),
    calm: Duration::from_millis(120),
};
/// How long nothing must happen before a step that is being recorded is over: longer than a played sound.
const RECORDED: Pace = Pace {
    patience: Duration::from_millis(1200),
    calm: Duration::from_millis(1200),
};

#[tokio::test]
async fn the_fake_does_what_the_transcripts_say() {
    let mut plays = JoinSet::new();
    for script in scripts() {
        plays.spawn(async move {
            let stage = fake::Fake::set_up(&script).await.unwrap();
            rehearse(&stage, &script, FAKE).await
        });
    }
    judge(&plays.join_all().await);
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn the_real_asterisk_does_what_the_transcripts_say() {
    let stage = real::Real::set_up().await.unwrap();
    let mut differences = Vec::new();
    for script in scripts() {
        match std::env::var("ARI_LAB_RECORD") {
            Ok(wanted) if wanted == "all" || script.name == format!("{wanted}.txt") => {
                record(&stage, &script).await;
            }
            Ok(_) => continue,
            Err(_) => differences.push(rehearse(&stage, &script, REAL).await),
        }
        let empty = stage.asterisk().becomes_empty(REAL.patience).await;
        empty.expect(&script.name);
    }
    judge(&differences);
}

/// Plays a script, and writes down what happens.
async fn record(stage: &real::Real, script: &Script) {
    let results = play(stage, script, RECORDED).await.expect(&script.name);
    std::fs::write(folder().join(&script.name), script.with(&results)).unwrap();
}

/// Plays a script, and tells how many lines were compared, and where the play differs from the transcript.
async fn rehearse(stage: &impl Stage, script: &Script, pace: Pace) -> (usize, String) {
    match play(stage, script, pace).await {
        Ok(results) => (script.lines(), script.differences(&results)),
        Err(error) => (0, format!("{}: {error:#}\n", script.name)),
    }
}

fn judge(plays: &[(usize, String)]) {
    let differences: String = plays
        .iter()
        .map(|(_, differences)| differences.as_str())
        .collect();
    assert!(
        differences.is_empty(),
        "not as in the transcripts:\n{differences}"
    );
    let lines: usize = plays.iter().map(|(lines, _)| lines).sum();
    println!("{} scenarios, {lines} lines compared", plays.len());
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/scenarios")
}

/// All scripts, by name.
fn scripts() -> Vec<Script> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no scenarios");
    paths.iter().map(|path| Script::read(path).unwrap()).collect()
}
