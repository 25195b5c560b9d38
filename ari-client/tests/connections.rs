//! How many connections requests take.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ari_client::prelude::*;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Answers each request, until the client closes.
async fn serve(mut socket: TcpStream) {
    let mut request = [0; 4096];
    while socket.read(&mut request).await.is_ok_and(|length| length > 0) {
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
                serve(socket).await;
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
