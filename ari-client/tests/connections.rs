//! How many connections requests take.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ari_client::prelude::*;
use futures_util::future::{join_all, select_all};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Answers each request after so long, until the client closes.
async fn serve(mut socket: TcpStream, after: Duration) {
    let mut request = [0; 4096];
    while socket.read(&mut request).await.is_ok_and(|length| length > 0) {
        tokio::time::sleep(after).await;
        let reply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]";
        if socket.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Asterisk closes connections above its `sessionlimit`, and a pool opens more of them than it has requests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_never_more_connections_than_were_allowed() {
    const ALLOWED: usize = 40;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&open), Arc::clone(&most));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let now = Arc::clone(&now);
            tokio::spawn(async move {
                serve(socket, Duration::ZERO).await;
                now.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    let ari = Ari::builder(url)
        .credentials("ari", "secret")
        .max_connections(ALLOWED)
        .build()
        .unwrap();
    for _ in 0..20 {
        let asked = (0..300).map(|_| async { ari.channels().list().await });
        for answer in join_all(asked).await {
            answer.unwrap();
        }
    }
    let most = most.load(Ordering::SeqCst);
    assert!((2..=ALLOWED).contains(&most), "{most} connections");
}

/// Asterisk lets some ten connections wait until it accepts them. Who finds no room among them waits for a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_requests_does_not_overrun_a_server_that_accepts_at_leisure() {
    const BURST: usize = 40;
    const LEISURE: Duration = Duration::from_millis(1);
    /// Sooner than TCP tries again, and long after all have come who find room.
    const REPLY: Duration = Duration::from_millis(900);
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(10).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accepted = Arc::new(AtomicUsize::new(0));
    let accepting = Arc::clone(&accepted);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LEISURE).await;
            let (socket, _) = listener.accept().await.unwrap();
            accepting.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(socket, REPLY));
        }
    });
    let ari = Ari::builder(url).credentials("ari", "secret").build().unwrap();
    let asked = (0..BURST).map(|_| Box::pin(async { ari.channels().list().await }));
    let (first, _, others) = select_all(asked).await;
    first.unwrap();
    // All together, eleven find room.
    let accepted = accepted.load(Ordering::SeqCst);
    assert!(
        accepted >= BURST * 3 / 4,
        "{accepted} of {BURST} before the first reply"
    );
    for answer in join_all(others).await {
        answer.unwrap();
    }
}
