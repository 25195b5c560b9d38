//! A client that shares no code with the server.

use std::time::Duration;

use base64::Engine;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::FakeAsterisk;

pub(super) fn authorization(asterisk: &FakeAsterisk) -> String {
    let credentials = format!("{}:{}", asterisk.username(), asterisk.password());
    format!(
        "Authorization: Basic {}\r\n",
        base64::engine::general_purpose::STANDARD.encode(credentials)
    )
}

/// Sends a request and reads until the server closes; status line, headers and body.
pub(super) async fn exchange(
    asterisk: &FakeAsterisk,
    head: &str,
    body: &str,
) -> std::io::Result<(u16, String, String)> {
    let mut stream = TcpStream::connect(asterisk.address()).await?;
    let length = body.len();
    let text = format!("{head}Host: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    Ok((status, head.to_owned(), body.to_owned()))
}

pub(super) async fn request(asterisk: &FakeAsterisk, method: &str, path: &str) -> (u16, Value) {
    request_with(asterisk, method, path, &Value::Null).await
}

pub(super) async fn request_with(
    asterisk: &FakeAsterisk,
    method: &str,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let authorization = authorization(asterisk);
    let head = format!("{method} /ari{path} HTTP/1.1\r\n{authorization}Content-Type: application/json\r\n");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let (status, _, body) = exchange(asterisk, &head, &body).await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

/// An event socket.
pub(super) struct Events(WebSocket<TcpStream>);

impl Events {
    pub(super) async fn open(asterisk: &FakeAsterisk, apps: &str) -> Self {
        let mut stream = TcpStream::connect(asterisk.address()).await.unwrap();
        let head = format!(
            "GET /ari/events?app={apps} HTTP/1.1\r\nHost: x\r\n{}Upgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            authorization(asterisk)
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(
            answer.to_lowercase().contains("s3pplmbitxaq9kygzzhzrbk+xoo="),
            "{answer}"
        );
        Self(WebSocket::after_handshake(stream, Role::Client))
    }

    pub(super) async fn frame(&mut self) -> Option<String> {
        let frame = tokio::time::timeout(Duration::from_secs(5), self.0.read_frame())
            .await
            .unwrap()
            .ok()?;
        (frame.opcode == OpCode::Text).then(|| String::from_utf8(frame.payload.to_vec()).unwrap())
    }

    pub(super) async fn next(&mut self) -> Value {
        let text = self.frame().await.unwrap();
        let event = crate::Event::decode(text.clone().into());
        assert!(
            !matches!(event.kind, crate::EventKind::Malformed(_)),
            "{event:?}: {text}"
        );
        serde_json::from_str(&text).unwrap()
    }

    pub(super) async fn next_is(&mut self, kind: &str) -> Value {
        let event = self.next().await;
        assert_eq!(event["type"], kind, "{event}");
        event
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.0
            .write_frame(Frame::text(Payload::Borrowed(text.as_bytes())))
            .await
            .unwrap();
    }
}
