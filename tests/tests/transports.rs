//! The same programs over other transports than HTTP and an event socket beside it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use ari_lab::{Certificate, Lab, Program, talk};

fn program(name: &str) -> Program {
    Program::binary("ari-apps", name)
}

/// Runs both programs with these settings, one after the other, and lets callers use them.
async fn both_work(lab: &Lab, set: impl Fn(Program) -> Program) {
    let conference = set(program("ari-conference"))
        .start(lab.asterisk())
        .await
        .unwrap();
    let talked = talk::conference(lab).await;
    talked.unwrap_or_else(|error| panic!("{error:#}\n{}", conference.output().unwrap()));
    drop(conference);
    let echo = set(program("ari-echo")).start(lab.asterisk()).await.unwrap();
    let talked = talk::echo(lab).await;
    talked.unwrap_or_else(|error| panic!("{error:#}\n{}", echo.output().unwrap()));
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn requests_over_the_event_socket_alone() {
    let lab = Lab::start().await.unwrap();
    both_work(&lab, |program| program.env("ARI_REST", "websocket")).await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn requests_over_the_event_socket_where_that_serves() {
    let lab = Lab::start().await.unwrap();
    both_work(&lab, |program| program.env("ARI_REST", "auto")).await;
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn everything_encrypted() {
    let certificate = Certificate::for_host("127.0.0.1").unwrap();
    let authority = std::env::temp_dir().join(format!("ari-lab-ca-{}.pem", std::process::id()));
    std::fs::write(&authority, &certificate.authority).unwrap();
    let lab = Lab::with(|asterisk| asterisk.tls(&certificate)).await.unwrap();
    let url = lab.asterisk().https_url().unwrap();
    for rest in ["http", "auto"] {
        both_work(&lab, |program| {
            program
                .env("ARI_URL", &url)
                .env("ARI_CA_FILE", &authority)
                .env("ARI_REST", rest)
        })
        .await;
    }
    std::fs::remove_file(&authority).unwrap();
}
