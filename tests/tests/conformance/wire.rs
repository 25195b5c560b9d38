//! HTTP and event sockets, seen with other eyes than those of the library.

use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use bytes::Bytes;
use fastwebsockets::{OpCode, Role, WebSocket};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::stage::Server;

const DEADLINE: Duration = Duration::from_secs(20);

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: Bytes,
}

/// Sends a request; `target` is what follows `/ari`.
pub(crate) async fn request(
    server: &Server,
    method: &str,
    target: &str,
    body: Option<String>,
) -> Result<Reply> {
    timeout(DEADLINE, exchange(server, method, target, body))
        .await
        .context("no answer")?
}

async fn exchange(server: &Server, method: &str, target: &str, body: Option<String>) -> Result<Reply> {
    let stream = TcpStream::connect(("127.0.0.1", server.port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::builder()
        .method(method)
        .uri(format!("/ari{target}"))
        .header(header::HOST, format!("127.0.0.1:{}", server.port))
        .header(header::AUTHORIZATION, authorization(server))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close");
    let request = request.body(Full::<Bytes>::from(body.unwrap_or_default()))?;
    let reply = async {
        let response = sender.send_request(request).await?;
        let location = response.headers().get(header::LOCATION);
        Ok::<_, anyhow::Error>(Reply {
            status: response.status(),
            location: location
                .map(|location| location.to_str().map(str::to_owned))
                .transpose()?,
            body: response.into_body().collect().await?.to_bytes(),
        })
    };
    let (reply, _) = tokio::join!(reply, connection);
    reply
}

fn authorization(server: &Server) -> String {
    let credentials = format!("{}:{}", server.user, server.password);
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(credentials)
    )
}

/// An open event socket; dropping it closes it.
#[derive(Debug)]
pub(crate) struct Socket(AbortHandle);

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Opens an event socket for `app`, which may carry more query parameters. Its events go to `listener` with its name.
///
/// Returns the status line of the answer, and the socket if it was opened.
pub(crate) async fn listen(
    server: &Server,
    app: &str,
    name: String,
    listener: UnboundedSender<(String, Value)>,
) -> Result<(String, Option<Socket>)> {
    let (status, stream) = timeout(DEADLINE, handshake(server, app))
        .await
        .context("no answer")??;
    if !status.starts_with("101") {
        return Ok((status, None));
    }
    let mut socket = WebSocket::after_handshake(stream, Role::Client);
    let reader = tokio::spawn(async move {
        while let Ok(frame) = socket.read_frame().await {
            let event = match frame.opcode {
                OpCode::Text => serde_json::from_slice(&frame.payload).unwrap_or(Value::Null),
                OpCode::Close => return,
                _ => continue,
            };
            if listener.send((name.clone(), event)).is_err() {
                return;
            }
        }
    });
    Ok((status, Some(Socket(reader.abort_handle()))))
}

async fn handshake(server: &Server, app: &str) -> Result<(String, TcpStream)> {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).await?;
    let (port, authorization) = (server.port, authorization(server));
    let query = app.replace('?', "&");
    let request = format!(
        "GET /ari/events?app={query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {authorization}\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    // Byte by byte, so that no frame behind the answer is swallowed.
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let status = head.lines().next().unwrap_or_default();
    let status = status.strip_prefix("HTTP/1.1 ").unwrap_or(status);
    Ok((status.to_owned(), stream))
}
