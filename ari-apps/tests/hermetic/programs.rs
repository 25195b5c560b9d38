//! The programs, as users start them.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use ari_client::testing::{Ending, FakeAsterisk};
use tokio::process::{Child, Command};

use crate::house::{APP, within};

const ECHO: &str = env!("CARGO_BIN_EXE_ari-echo");
const CONFERENCE: &str = env!("CARGO_BIN_EXE_ari-conference");

/// A program with nothing in its environment but what it needs for `url`.
fn program(name: &str, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).env_clear().kill_on_drop(true);
    command
        .env("ARI_URL", url)
        .env("ARI_USERNAME", "ari")
        .env("ARI_PASSWORD", "secret");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

async fn output(mut command: Command) -> Output {
    within(command.output()).await.unwrap()
}

/// Checks that a program ended with `code` and one line that begins with `error: ` and holds `what`.
fn assert_error(output: &Output, code: i32, what: &str) {
    let log = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = log.lines().filter(|line| !line.contains(" INFO ")).collect();
    let [error] = errors[..] else {
        panic!("one line wanted for {what}: {log}")
    };
    assert!(
        error.starts_with("error: ") && error.contains(what),
        "{what}: {log}"
    );
    assert_eq!(output.status.code(), Some(code), "{log}");
    assert!(output.stdout.is_empty());
}

async fn stop(child: Child) -> Output {
    let pid = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    within(child.wait_with_output()).await.unwrap()
}

#[tokio::test]
async fn both_programs_tell_their_options_and_their_environment() {
    for name in [ECHO, CONFERENCE] {
        let help = output(program(name, "", &["--help"])).await;
        let text = String::from_utf8(help.stdout).unwrap();
        for word in [
            "ARI_URL",
            "ARI_USERNAME",
            "ARI_PASSWORD",
            "ARI_APP",
            "RUST_LOG",
            "--app",
            "--drain-seconds",
        ] {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(help.status.success());
        let version = output(program(name, "", &["--version"])).await;
        assert!(
            String::from_utf8(version.stdout)
                .unwrap()
                .contains(env!("CARGO_PKG_VERSION"))
        );
    }
}

#[tokio::test]
async fn unusable_arguments_and_settings_end_with_2() {
    let url = "http://127.0.0.1:1";
    let long = "x".repeat(74);
    for (arguments, what) in [
        (&["--bogus"][..], "unexpected argument '--bogus'"),
        (&["--drain-seconds", "soon"], "'soon' for '--drain-seconds <N>'"),
        (&["--app", ""], "the application name is empty"),
        (&["--app", &long], "74 bytes"),
    ] {
        for name in [ECHO, CONFERENCE] {
            assert_error(&output(program(name, url, arguments)).await, 2, what);
        }
    }
    assert_error(
        &output(program(ECHO, url, &["--rtp-bind", "here"])).await,
        2,
        "'here' for '--rtp-bind <ADDRESS>'",
    );
    assert_error(
        &output(program(ECHO, url, &["--rtp-bind", "0.0.0.0"])).await,
        2,
        "0.0.0.0",
    );
    assert_error(
        &output(program(ECHO, url, &["--rtp-bind", "192.0.2.1"])).await,
        2,
        "no UDP port at 192.0.2.1 for RTP",
    );
    assert_error(
        &output(program(CONFERENCE, url, &["--check"])).await,
        2,
        "required arguments were not provided: --config <FILE>",
    );
    assert_error(
        &output(program(CONFERENCE, url, &["--config", "none.toml"])).await,
        2,
        "none.toml: No such file",
    );
    assert_error(
        &output(program(CONFERENCE, "gopher://x", &[])).await,
        2,
        "ARI URL `gopher://x`",
    );
    let mut without_password = program(CONFERENCE, url, &[]);
    without_password.env_remove("ARI_PASSWORD");
    assert_error(&output(without_password).await, 2, "ARI_PASSWORD");
    let mut with_bad_filter = program(CONFERENCE, url, &[]);
    with_bad_filter.env("RUST_LOG", "ari_client=loud");
    assert_error(&output(with_bad_filter).await, 2, "RUST_LOG");
}

#[tokio::test]
async fn a_file_of_rooms_is_checked_without_a_server() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/rooms.toml");
    let good = output(program(CONFERENCE, "", &["--check", "--config", example])).await;
    assert!(good.status.success() && good.stderr.is_empty(), "{good:?}");
    let file: PathBuf = std::env::temp_dir().join(format!("ari-apps-programs-{}.toml", std::process::id()));
    std::fs::write(
        &file,
        "\n\n\n\n\n\n\n\n[[rooms]]\nextension = '1'\n[profiles.a]\nmax_members = 'ten'\n",
    )
    .unwrap();
    let path = file.to_str().unwrap();
    let bad = output(program(CONFERENCE, "http://127.0.0.1:1", &["--config", path])).await;
    std::fs::remove_file(&file).unwrap();
    assert_error(
        &bad,
        2,
        &format!("error: {path}:12:15: invalid type: string \"ten\""),
    );
}

#[tokio::test]
async fn a_server_that_cannot_be_used_ends_with_1() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_error(
        &output(program(ECHO, &format!("http://{closed}"), &[])).await,
        1,
        &closed.to_string(),
    );
    let asterisk = FakeAsterisk::builder()
        .user("ari", "other")
        .start()
        .await
        .unwrap();
    assert_error(&output(program(CONFERENCE, &asterisk.url(), &[])).await, 1, "401");
}

#[tokio::test]
async fn a_program_whose_application_is_taken_over_ends_with_1() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let first = program(CONFERENCE, &asterisk.url(), &[]).spawn().unwrap();
    asterisk.wait_for_application(APP).await.unwrap();
    let second = program(ECHO, &asterisk.url(), &[]).spawn().unwrap();
    let first = within(first.wait_with_output()).await.unwrap();
    assert_error(&first, 1, "another client took over application EVERYTHING");
    assert!(stop(second).await.status.success());
}

#[tokio::test]
async fn a_program_that_is_asked_to_stop_lets_its_call_end_and_ends_with_0() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let mut command = program(CONFERENCE, &asterisk.url(), &["--drain-seconds", "30"]);
    let child = command.env("ARI_APP", "house").spawn().unwrap();
    asterisk.wait_for_application("house").await.unwrap();
    let caller = asterisk
        .call("1000")
        .name("Anna")
        .caller("1001")
        .place("house")
        .await
        .unwrap();
    // Who is heard when he presses keys has joined.
    caller.press("*1").await;
    caller.wait_until_heard("sound:conf-muted").await.unwrap();
    let stopped = tokio::spawn(stop(child));
    let late = within(async {
        loop {
            let late = asterisk.call("1000").place("house").await.unwrap();
            if late.wait_until_bridged().await.is_err() {
                return late.wait_until_gone().await.unwrap();
            }
            late.hang_up().await;
        }
    })
    .await;
    assert!(matches!(late, Ending::Continued { .. }), "{late:?}");
    assert!(caller.ending().is_none());
    caller.hang_up().await;
    let output = stopped.await.unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    for line in [
        "ready: calls are taken",
        "joined conference=\"default/1000\" caller=Anna <1001>",
        "left: hung up by the caller",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    asterisk.wait_until_idle().await.unwrap();
}
