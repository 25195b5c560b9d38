//! Wrong settings and broken servers: each gives one clear line, and nothing panics.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const LONG: Duration = Duration::from_secs(10);

/// What a program that does this prints when it ends.
async fn line(ari: &Ari, name: &str) -> String {
    let ended = ari.run(name, |_: Call| async { Ok(()) });
    let failure = tokio::time::timeout(LONG, ended).await.unwrap().unwrap_err();
    let line = format!("{failure:?}");
    assert!(!line.contains('\n'), "more than one line: {line}");
    line
}

fn ari(url: &str) -> Ari {
    Ari::builder(url).credentials("ari", "secret").build().unwrap()
}

/// A server that answers everything with `reply` and closes.
async fn server(reply: &'static str) -> Ari {
    ari(&server_url(reply).await)
}

async fn server_url(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(reply.as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_closed_port_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let line = line(&ari(&format!("http://{address}")), "app").await;
    assert!(line.contains(&format!("no connection to {address}")), "{line}");
    assert!(line.contains("refused"), "{line}");
}

#[tokio::test]
async fn a_wrong_password_is_told_with_server_and_user() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = Ari::builder(asterisk.url())
        .credentials("ari", "wrong")
        .build()
        .unwrap();
    let line = line(&ari, "app").await;
    assert!(
        line.contains("user name or password not accepted (status 401)"),
        "{line}"
    );
    assert!(line.contains(&asterisk.address().to_string()), "{line}");
    let error = ari.channels().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn application_names_are_checked_here() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk.url());
    assert_eq!(line(&ari, "").await, "the application name is empty");
    assert!(
        line(&ari, &"x".repeat(74))
            .await
            .contains("74 bytes, and Asterisk takes 73")
    );
    assert!(asterisk.requests().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_server_without_ari_is_told_apart() {
    let ari = server(
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 31\r\n\r\n<html><h1>Not Found</h1></html>",
    )
    .await;
    let told = line(&ari, "app").await;
    assert!(told.contains("no ARI at this address"), "{told}");
    let error = ari.channels().list().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::NotAri, Some(404)),
        "{error}"
    );
}

#[tokio::test]
async fn a_page_in_place_of_json_is_undecodable_and_kept() {
    let ari = server("HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n<html>It works!</html>    ").await;
    let error = ari.channels().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
    assert!(error.to_string().contains("<html>It works!</html>"), "{error}");
    assert!(error.body().unwrap().starts_with(b"<html>"));
    let told = line(&ari, "app").await;
    assert!(told.contains("status 200 where ARI opens a WebSocket"), "{told}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let ari = Ari::builder(url)
        .credentials("ari", "secret")
        .connect_timeout(Duration::from_millis(200))
        .request_timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    assert!(line(&ari, "app").await.contains("did not answer within 200ms"));
    let error = ari.channels().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    assert_eq!(error.operation(), Some("channels.list"));
}

#[tokio::test]
async fn a_reply_that_breaks_off_leaves_the_outcome_unknown() {
    let ari = server("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[").await;
    let error = ari.channels().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
}

#[tokio::test]
async fn a_reply_that_is_too_long_is_told_and_not_asked_for_again() {
    let long = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[ ]";
    let ari = Ari::builder(server_url(long).await)
        .credentials("ari", "secret")
        .max_message_size(2)
        .build()
        .unwrap();
    let error = ari.channels().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
    assert_eq!(
        error.to_string(),
        "channels.list: the reply (status 200) is longer than 2 bytes"
    );
}

#[tokio::test]
async fn a_server_of_the_last_century_serves_requests_and_no_events() {
    let ari = server("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[]").await;
    assert!(ari.channels().list().await.unwrap().is_empty());
    let told = line(&ari, "app").await;
    assert!(told.contains("status 200 where ARI opens a WebSocket"), "{told}");
    let switching = server("HTTP/1.0 101 Switching Protocols\r\n\r\n").await;
    let told = line(&switching, "app").await;
    assert!(told.contains("with a wrong Sec-WebSocket-Accept"), "{told}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_password() {
    let ari =
        server("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\n\r\n").await;
    let error = ari.channels().list().await.unwrap_err();
    assert_eq!(error.status(), Some(302), "{error}");
    let told = line(&ari, "app").await;
    assert!(told.contains("302"), "{told}");
}

#[tokio::test]
async fn strange_frames_reach_on_event_and_break_nothing() {
    struct Collects(tokio::sync::mpsc::UnboundedSender<Event>);
    impl Application for Collects {
        async fn on_call(&self, call: Call) -> Result {
            call.answer().await?;
            call.ended().await;
            Ok(())
        }
        async fn on_event(&self, _: &Ari, event: Event) {
            self.0.send(event).unwrap();
        }
    }
    let asterisk = FakeAsterisk::start().await.unwrap();
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let service = ari(&asterisk.url()).service("EVERYTHING", Collects(sender));
    let running = tokio::spawn(service.run());
    asterisk.wait_for_application("EVERYTHING").await.unwrap();

    asterisk.send_raw("hello, this is not JSON");
    asterisk.send_raw(r#"{"error":"InvalidMessage","message":"Message validation failed"}"#);
    asterisk.send_raw(r#"{"type":"ChannelTeleported","application":"EVERYTHING","where":"Mars"}"#);
    asterisk.send_raw(r#"{"type":"StasisStart","application":"EVERYTHING","args":7,"channel":{"id":"x"}}"#);
    let mut next = async || tokio::time::timeout(LONG, events.recv()).await.unwrap().unwrap();
    let malformed = |event: &Event| matches!(event.kind, EventKind::Malformed(_));
    let (text, no_type, unknown, start) = (next().await, next().await, next().await, next().await);
    assert!(malformed(&text) && text.raw().starts_with(b"hello"), "{text:?}");
    assert!(malformed(&no_type), "{no_type:?}");
    assert!(
        matches!(&unknown.kind, EventKind::Unknown(name) if &**name == "ChannelTeleported"),
        "{unknown:?}"
    );
    assert!(
        malformed(&start) && start.event_type() == EventType::StasisStart,
        "{start:?}"
    );

    // And calls go on.
    let caller = asterisk.call("1000").place("EVERYTHING").await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    running.abort();
}
