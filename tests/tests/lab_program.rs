//! The `lab` program, from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Starts `lab up` and waits until it has printed where its Asterisk is; returns its HTTP port as well.
fn up() -> (Child, u16) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    let mut lab = lab
        .arg("up")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(lab.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let url = lines.next().unwrap();
    let port = url
        .strip_prefix("export ARI_URL=http://127.0.0.1:")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(lines.next().unwrap(), "export ARI_USERNAME=lab");
    assert!(lines.next().unwrap().starts_with("export ARI_PASSWORD="));
    assert!(lines.next().unwrap().starts_with("# call sip:1000@127.0.0.1:"));
    (lab, port)
}

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn becomes_silent(port: u16) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        if !answers(port) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

fn wait(lab: &mut Child) -> ExitStatus {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(status) = lab.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < end, "lab does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "real Asterisk"]
fn asterisk_dies_with_a_killed_lab() {
    let (mut lab, port) = up();
    assert!(answers(port));
    lab.kill().unwrap(); // SIGKILL: no code of the lab runs any more
    lab.wait().unwrap();
    assert!(becomes_silent(port), "Asterisk lives on");
}

#[test]
#[ignore = "real Asterisk"]
fn term_takes_the_lab_down_in_order() {
    let (mut lab, port) = up();
    assert!(
        Command::new("kill")
            .arg(lab.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    assert!(wait(&mut lab).success());
    assert!(!answers(port), "Asterisk lives on");
}

#[test]
fn where_nothing_can_be_had_the_ways_out_are_named() {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    // No cache folder can be made below a file, and the PATH holds no asterisk.
    let lab = lab
        .arg("up")
        .env("PATH", "")
        .env("ARI_LAB_CACHE", "/dev/null/cache");
    let mut lab = lab.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(wait(&mut lab).code(), Some(1));
    let mut said = String::new();
    lab.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("lab: "), "{said}");
}
