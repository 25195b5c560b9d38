//! The events of an application, seen with other eyes than those of the library that is tested.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use fastwebsockets::{OpCode, Role, WebSocket};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

const DEADLINE: Duration = Duration::from_secs(10);

/// The events of one application, in their order. Registers the application for as long as it lives.
#[derive(Debug)]
pub struct Events {
    frames: mpsc::UnboundedReceiver<Value>,
}

impl Events {
    pub(crate) async fn of(app: &str, port: u16, user: &str, password: &str) -> Result<Self> {
        let socket = dial(&format!("app={app}"), port, user, password).await?;
        let (to_watcher, frames) = mpsc::unbounded_channel();
        tokio::spawn(read(socket, to_watcher));
        Ok(Self { frames })
    }

    /// The next event for which `wanted` holds. Those before it are passed over.
    ///
    /// # Errors
    /// Fails with the names of those passed over if it does not come in time.
    pub async fn wait_for(&mut self, deadline: Duration, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let end = Instant::now() + deadline;
        let mut passed = Vec::new();
        loop {
            match timeout_at(end, self.frames.recv()).await {
                Ok(Some(event)) if wanted(&event) => return Ok(event),
                Ok(Some(event)) => passed.push(event["type"].as_str().unwrap_or("?").to_owned()),
                Ok(None) => bail!(
                    "the event socket is closed; before that came {}",
                    passed.join(", ")
                ),
                Err(_) => bail!("no such event within {deadline:?}, only {}", passed.join(", ")),
            }
        }
    }

    /// The next event of a type.
    ///
    /// # Errors
    /// Fails as [`Events::wait_for`] does.
    pub async fn next_of(&mut self, kind: &str, deadline: Duration) -> Result<Value> {
        self.wait_for(deadline, |event| event["type"] == kind)
            .await
            .with_context(|| kind.to_owned())
    }
}

/// Opens an event socket; `query` is such as `app=one`.
pub(crate) async fn dial(query: &str, port: u16, user: &str, password: &str) -> Result<WebSocket<TcpStream>> {
    let socket = timeout(DEADLINE, connect(query, port, user, password)).await;
    let socket = socket.context("no answer within 10 s").flatten();
    socket.with_context(|| format!("the event socket for {query} on port {port}"))
}

async fn connect(query: &str, port: u16, user: &str, password: &str) -> Result<WebSocket<TcpStream>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    let key = base64::engine::general_purpose::STANDARD.encode(fastrand::u128(..).to_be_bytes());
    let request = format!(
        "GET /ari/events?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {credentials}\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    // Byte by byte, so that no frame behind the answer is swallowed.
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let status = String::from_utf8_lossy(&head)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    if !status.contains(" 101 ") {
        bail!("refused: {status}");
    }
    Ok(WebSocket::after_handshake(stream, Role::Client))
}

async fn read(mut socket: WebSocket<TcpStream>, to_watcher: mpsc::UnboundedSender<Value>) {
    loop {
        let frame = tokio::select! {
            frame = socket.read_frame() => frame,
            // Whoever watched has gone, and the socket goes with the future that is given up here.
            () = to_watcher.closed() => return,
        };
        match frame {
            Ok(frame) if frame.opcode == OpCode::Text => {
                let event = serde_json::from_slice(&frame.payload).unwrap_or(Value::Null);
                if to_watcher.send(event).is_err() {
                    return;
                }
            }
            Ok(frame) if frame.opcode == OpCode::Close => return,
            Ok(_) => {}
            Err(_) => return,
        }
    }
}
