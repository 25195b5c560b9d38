//! The few HTTP requests that the lab itself makes. (It does not use the library that it tests.)

use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const DEADLINE: Duration = Duration::from_secs(10);

/// An answer with its body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status of the answer.
    pub status: StatusCode,
    /// The body, as it came.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {text}"))
    }
}

/// Sends one request without a body to 127.0.0.1 and reads the answer.
pub(crate) async fn send(
    method: Method,
    port: u16,
    path: &str,
    user: &str,
    password: &str,
) -> Result<Answer> {
    let sent = tokio::time::timeout(DEADLINE, exchange(method, port, path, user, password)).await;
    sent.context("no answer within 10 s")
        .flatten()
        .with_context(|| format!("{path} on port {port}"))
}

async fn exchange(method: Method, port: u16, path: &str, user: &str, password: &str) -> Result<Answer> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, format!("127.0.0.1:{port}"))
        .header(header::AUTHORIZATION, format!("Basic {credentials}"))
        .header(header::CONNECTION, "close")
        .header(header::CONTENT_LENGTH, "0")
        .body(Empty::<Bytes>::new())?;
    let answer = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok::<_, hyper::Error>(Answer { status, body })
    };
    let (answer, _) = tokio::join!(answer, connection);
    Ok(answer?)
}
