//! Requests over the event socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::prelude::*;
use ari_client::request::{Method, RawRequest};
use ari_client::testing::FakeAsterisk;
use ari_client::{ErrorKind, RestOver};
use serde_json::json;
use support::log::Log;
use support::{APP, Running, with_sound, within};

fn ari(asterisk: &FakeAsterisk, rest: RestOver) -> Ari {
    Ari::builder(asterisk.url())
        .credentials(asterisk.username(), asterisk.password())
        .request_timeout(Duration::from_secs(2))
        .rest_over(rest)
        .build()
        .unwrap()
}

/// Answers, plays, takes a digit, brings callers into a room: what calls are made of.
async fn everyday(call: Call) -> Result {
    call.answer().await?;
    call.play("sound:hello").await?.finished().await?;
    call.set_variable("SEEN", "yes").await?;
    let room = call.room("talk").mixing().await?;
    room.add(&call).await?;
    call.ended().await;
    Ok(())
}

/// Runs a call to its end, and returns the paths that went over the socket and those that did not.
async fn run_everyday(rest: RestOver) -> (Vec<String>, Vec<String>) {
    let asterisk = with_sound("sound:hello", Duration::from_millis(50)).await;
    let running = Running::with(ari(&asterisk, rest).service(APP, everyday)).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    caller.wait_until_bridged().await.unwrap();
    caller.hang_up().await;
    running.stop().await;
    assert!(asterisk.leaks().is_empty(), "{:?}", asterisk.leaks());
    let (socket, http): (Vec<_>, Vec<_>) = asterisk
        .requests()
        .into_iter()
        .partition(|request| request.over_socket);
    let path = |request: ari_client::testing::Request| request.to_string();
    (
        socket.into_iter().map(path).collect(),
        http.into_iter().map(path).collect(),
    )
}

#[tokio::test]
async fn all_requests_may_go_over_the_socket() {
    let (socket, http) = run_everyday(RestOver::WebSocket).await;
    assert!(
        socket.iter().any(|path| path.contains("/answer -> 204")),
        "{socket:?}"
    );
    assert!(
        http.iter().all(|path| path.starts_with("GET /events")),
        "{http:?}"
    );
}

#[tokio::test]
async fn what_waits_for_a_channel_goes_by_http() {
    let (socket, http) = run_everyday(RestOver::Auto).await;
    assert!(socket.iter().any(|path| path.contains("/play/")), "{socket:?}");
    for waiting in ["/answer", "/variable", "/addChannel"] {
        assert!(
            http.iter().any(|path| path.contains(waiting)),
            "{waiting}: {http:?}"
        );
        assert!(
            !socket.iter().any(|path| path.contains(waiting)),
            "{waiting}: {socket:?}"
        );
    }
}

#[tokio::test]
async fn the_log_tells_what_carried_each_request() {
    for (rest, short, long) in [
        (RestOver::Http, "http", "http"),
        (RestOver::WebSocket, "websocket", "websocket"),
        (RestOver::Auto, "websocket", "http"),
    ] {
        let asterisk = FakeAsterisk::start().await.unwrap();
        let ari = ari(&asterisk, rest);
        let running = Running::with(ari.service(APP, everyday)).await;
        let log = Log::start();
        ari.asterisk().ping().await.unwrap();
        ari.channels().answer("nobody").await.unwrap_err();
        let lines = log.lines("DEBUG");
        for (operation, transport, status) in [("asterisk.ping", short, 200), ("channels.answer", long, 404)]
        {
            let told = format!(r#"operation="{operation}" transport="{transport}" status={status}"#);
            let telling = lines.iter().filter(|line| line.contains(&told));
            assert_eq!(telling.count(), 1, "{rest:?}, {told}: {lines:?}");
        }
        running.stop().await;
    }
}

#[tokio::test]
async fn http_carries_what_the_socket_does_not_while_it_is_not_open() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let auto = ari(&asterisk, RestOver::Auto);
    auto.asterisk().get_info().await.unwrap();
    let only = ari(&asterisk, RestOver::WebSocket);
    let error = only
        .within(Duration::from_millis(100))
        .asterisk()
        .get_info()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert_eq!(
        error.to_string(),
        "asterisk.getInfo info: no event socket is open to send it on"
    );
}

#[tokio::test]
async fn a_request_waits_for_the_socket() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk, RestOver::WebSocket);
    let asked = tokio::spawn({
        let ari = ari.clone();
        async move { ari.asterisk().get_info().await }
    });
    let running = Running::with(ari.service(APP, everyday)).await;
    within(asked).await.unwrap().unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_lost_reply_is_found_and_what_follows_goes_by_http() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk, RestOver::Auto);
    // What the service asks for itself would be answered over the socket, and so prove that it works again.
    asterisk.fail_next("POST", "/events/user/*", 403, r#"{"message":"no"}"#);
    let running = Running::with(ari.service(APP, everyday)).await;
    for (method, path) in [("POST", "/events/user/*"), ("GET", "/channels")] {
        asterisk.wait_for_request(method, path).await.unwrap();
    }
    // Carried out, and not answered; no request is known to be safe to repeat.
    asterisk.drop_next_answer("POST", "/applications/*/subscription");
    let raw = |path: &'static str| {
        RawRequest::new("x", Method::Post, ["applications", APP, path])
            .with_query("eventSource", "deviceState:a")
    };
    let (lost, later) = tokio::join!(
        ari.request(raw("subscription")),
        ari.request(RawRequest::new("info", Method::Get, ["asterisk", "info"]))
    );
    let lost = lost.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::OutcomeUnknown);
    assert!(lost.to_string().contains("reply was lost"), "{lost}");
    later.unwrap();
    ari.asterisk().ping().await.unwrap();
    let ping = asterisk.wait_for_request("GET", "/asterisk/ping").await.unwrap();
    assert!(!ping.over_socket, "{ping}");
    running.stop().await;
}

#[tokio::test]
async fn what_is_under_way_ends_with_the_socket() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk, RestOver::WebSocket);
    let running = Running::with(ari.service(APP, everyday)).await;
    asterisk.delay_requests(Duration::from_secs(60));
    let patient = ari.within(Duration::from_secs(60));
    let create =
        || RawRequest::new("x", Method::Post, ["events", "user", "x"]).with_query("application", APP);
    let asked = tokio::spawn(async move { patient.request(create()).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    asterisk.delay_requests(Duration::ZERO);
    asterisk.cut_connections().await;
    let error = within(asked).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    // The next socket carries the next request.
    within(ari.asterisk().ping()).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn an_event_filter_lets_replies_pass() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = ari(&asterisk, RestOver::WebSocket);
    let running = Running::with(ari.service(APP, everyday)).await;
    let filter = json!({"allowed": [{"type": "StasisStart"}]});
    ari.applications().filter(APP).filter(filter).await.unwrap();
    let application = ari.applications().get(APP).await.unwrap();
    assert_eq!(application.events_allowed.len(), 2, "{application:?}");
    running.stop().await;
}
