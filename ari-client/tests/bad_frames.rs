//! What no WebSocket peer should send: each ends the socket with a reason, and the next one is opened, not at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::Status;
use ari_client::prelude::*;
use support::server::{Server, frame};
use support::{APP, within};
use tokio::time::{Instant, timeout};

/// Lets a server greet with these bytes, each time; returns what the status says then, and how often the client came in
/// two seconds.
async fn greeted(bytes: Vec<u8>) -> (String, usize) {
    let server = Server::start(bytes).unwrap();
    let service = Ari::builder(server.url())
        .credentials("ari", "secret")
        .build()
        .unwrap()
        .service(APP, |_: Call| async { Ok(()) })
        .stop_when(std::future::pending());
    let mut status = service.status();
    let running = tokio::spawn(service.run());
    let broken = |status: &Status| matches!(status, Status::Reconnecting { .. });
    let Status::Reconnecting { reason, .. } = within(status.wait_for(broken)).await.unwrap().clone() else {
        unreachable!("that was waited for");
    };
    let end = Instant::now() + Duration::from_secs(2);
    let sockets = tokio::task::spawn_blocking(move || {
        let mut sockets = 0;
        while Instant::now() < end {
            sockets += server.sockets_so_far();
            std::thread::sleep(Duration::from_millis(20));
        }
        sockets
    });
    let sockets = sockets.await.unwrap();
    assert!(!running.is_finished(), "the service gave up");
    running.abort();
    (reason, sockets)
}

async fn breaks(bytes: Vec<u8>, why: &str) {
    let (reason, sockets) = greeted(bytes).await;
    assert!(
        reason.contains("the event socket broke") && reason.contains(why),
        "{reason}"
    );
    // 100 ms, doubled each time, with jitter: some five in two seconds.
    assert!(
        (2..15).contains(&sockets),
        "{why}: {sockets} sockets in two seconds"
    );
}

#[tokio::test]
async fn a_frame_beyond_the_limit() {
    // No more than its header: 16 MiB and a little.
    let mut header = vec![0x81, 127];
    header.extend((16 * 1024 * 1024 + 1_u64).to_be_bytes());
    breaks(header, "too large").await;
}

#[tokio::test]
async fn fragments_beyond_the_limit_in_sum() {
    let half = "x".repeat(9 * 1024 * 1024);
    let mut fragments = frame(&half);
    fragments[0] = 0x01;
    let mut more = frame(&half);
    more[0] = 0x00;
    fragments.extend(more);
    breaks(fragments, "too large").await;
}

#[tokio::test]
async fn text_that_is_not_utf_8() {
    breaks(vec![0x81, 2, 0xc3, 0x28], "UTF-8").await;
}

#[tokio::test]
async fn reserved_bits() {
    breaks(vec![0xf1, 0], "eserved").await;
}

#[tokio::test]
async fn a_continuation_of_nothing() {
    breaks(vec![0x80, 1, b'x'], "ontinuation").await;
}

#[tokio::test]
async fn a_message_in_fragments_is_one_message() {
    let event = r#"{"type":"DeviceStateChanged","application":"EVERYTHING","device_state":{"name":"a","state":"BUSY"}}"#;
    let (head, tail) = event.split_at(40);
    let mut fragments = frame(head);
    fragments[0] = 0x01;
    // A ping may come between.
    fragments.extend([0x89, 0]);
    let mut last = frame(tail);
    last[0] = 0x80;
    fragments.extend(last);
    let server = Server::start(fragments).unwrap();
    let ari = Ari::builder(server.url())
        .credentials("ari", "secret")
        .build()
        .unwrap();
    let events = ari.events(EventType::DeviceStateChanged);
    let running = tokio::spawn(
        ari.service(APP, |_: Call| async { Ok(()) })
            .stop_when(std::future::pending())
            .run(),
    );
    let event = timeout(Duration::from_secs(10), events.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(
        matches!(&event.kind, EventKind::DeviceStateChanged(changed) if changed.device_state.name == "a")
    );
    running.abort();
}
