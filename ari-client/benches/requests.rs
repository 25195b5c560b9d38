//! What a request costs, beside hyper's pooled client and bare connections: built, sent, and answered with nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

mod support;

use std::time::Duration;

use ari_client::prelude::*;
use bytes::Bytes;
use criterion::Criterion;
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, HOST, USER_AGENT};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;

use support::alone::Alone;
use support::corpus::id;
use support::flooder::Flooder;
use support::live::client;
use support::ratio::{Comparison, Multiple, Side};

/// How many requests are under way at once.
const IN_FLIGHT: usize = 16;

/// How many requests of each are sent in a pass.
const EACH: usize = 100;

fn main() {
    support::run(|criterion| {
        let server = Flooder::start(1, 1);
        beside_pool(criterion, &server);
        beside_connections(criterion, &server);
    });
}

fn beside_pool(criterion: &mut Criterion<Multiple>, server: &Flooder) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(10))
        .build(connector);
    let alone = Alone::new();
    let mut pass = || {
        all(&alone, |sender| {
            let (client, url) = (&client, &server.url);
            async move {
                for _ in 0..EACH {
                    let answer = client.request(request(url, url, sender)).await.unwrap();
                    assert_eq!(answer.status(), 204);
                    answer.into_body().collect().await.unwrap();
                }
            }
        });
    };
    compare(criterion, server, "request, beside hyper's pool", 1.15, &mut pass);
}

fn beside_connections(criterion: &mut Criterion<Multiple>, server: &Flooder) {
    let alone = Alone::new();
    let mut connections: Vec<_> = (0..IN_FLIGHT)
        .map(|_| alone.within(connect(&server.url)))
        .collect();
    let mut pass = || {
        let mut connections = connections.iter_mut();
        all(&alone, |sender| {
            let (connection, url) = (connections.next().unwrap(), &server.url);
            async move {
                for _ in 0..EACH {
                    connection.ready().await.unwrap();
                    let answer = connection.send_request(request("", url, sender)).await.unwrap();
                    assert_eq!(answer.status(), 204);
                    answer.into_body().collect().await.unwrap();
                }
            }
        });
    };
    compare(
        criterion,
        server,
        "request, beside bare connections",
        1.3,
        &mut pass,
    );
}

async fn connect(url: &str) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(url.trim_start_matches("http://"))
        .await
        .unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    // It ends with the sender.
    tokio::spawn(connection);
    sender
}

/// What our client sends for the same.
fn request(base: &str, url: &str, channel: usize) -> hyper::Request<Full<Bytes>> {
    hyper::Request::builder()
        .method("POST")
        .uri(format!("{base}/ari/channels/{}/answer", id(channel)))
        .header(HOST, url.trim_start_matches("http://"))
        .header(USER_AGENT, "ari-client/0.1.0")
        .header(AUTHORIZATION, "Basic YXJpOnNlY3JldA==")
        .body(Full::default())
        .unwrap()
}

fn compare(
    criterion: &mut Criterion<Multiple>,
    server: &Flooder,
    name: &str,
    budget: f64,
    floor: &mut dyn FnMut(),
) {
    let ari = client(&server.url);
    let alone = Alone::new();
    Comparison {
        name,
        budget: Some(budget),
        units: u32::try_from(IN_FLIGHT * EACH).unwrap(),
        ours: Side {
            name: "ours",
            pass: &mut || {
                all(&alone, |sender| {
                    let ari = &ari;
                    async move {
                        for _ in 0..EACH {
                            ari.channels().answer(id(sender)).await.unwrap();
                        }
                    }
                });
            },
        },
        floor: Side {
            name: "bare",
            pass: floor,
        },
    }
    .run(criterion);
}

/// Runs all senders side by side.
fn all<F: Future<Output = ()>>(alone: &Alone, sender: impl FnMut(usize) -> F) {
    let senders = join_all((0..IN_FLIGHT).map(sender));
    alone.within(senders);
}
