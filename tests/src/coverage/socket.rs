//! Bare `WebSocket`s, with no code of the client's: events, requests as frames, and Asterisk's own calls to us.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fastwebsockets::{Frame, OpCode, Role, WebSocket, WebSocketError, WebSocketRead, WebSocketWrite};
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::watch::Watch;
use crate::asterisk::Asterisk;

const PATIENCE: Duration = Duration::from_secs(10);
/// What RFC 6455 appends to the key of a handshake.
const MAGIC: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// An open WebSocket whose text frames go to a [`Watch`]. It is closed when this value is dropped.
pub(super) struct Socket {
    writer: WebSocketWrite<WriteHalf<TcpStream>>,
    reader: JoinHandle<()>,
}

impl Socket {
    /// Registers applications: `query` is such as `app=one,two&subscribeAll=true`.
    pub(super) async fn open(asterisk: &Asterisk, query: &str, watch: &Arc<Watch>) -> Result<Self> {
        Ok(Self::over(asterisk.socket(query).await?, watch))
    }

    /// Sends a text frame.
    pub(super) async fn send(&mut self, text: &str) -> Result<()> {
        let frame = Frame::text(text.as_bytes().to_vec().into());
        Ok(timeout(PATIENCE, self.writer.write_frame(frame)).await??)
    }

    fn over(socket: WebSocket<TcpStream>, watch: &Arc<Watch>) -> Self {
        let (reader, writer) = socket.split(tokio::io::split);
        let reader = tokio::spawn(read(reader, Arc::clone(watch)));
        Self { writer, reader }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(mut reader: WebSocketRead<ReadHalf<TcpStream>>, watch: Arc<Watch>) {
    // Asterisk is not pinged and does not ping here, so that nothing is owed.
    let mut owes = |_| async { Ok::<_, WebSocketError>(()) };
    while let Ok(frame) = reader.read_frame(&mut owes).await {
        match frame.opcode {
            OpCode::Text => watch.add(Bytes::copy_from_slice(&frame.payload)),
            OpCode::Close => return,
            _ => {}
        }
    }
}

/// A WebSocket server on 127.0.0.1 that Asterisk calls. It ends when this value is dropped.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) port: u16,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(watch: &Arc<Watch>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(accept(listener, Arc::clone(watch)));
        Ok(Self { port, task })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, watch: Arc<Watch>) {
    while let Ok((stream, _)) = listener.accept().await {
        let watch = Arc::clone(&watch);
        tokio::spawn(async move {
            // A call that is no handshake brings no events, which is what is then missed.
            if let Ok(Ok(socket)) = timeout(PATIENCE, answer(stream)).await {
                let (reader, _writer) = socket.split(tokio::io::split);
                read(reader, watch).await;
            }
        });
    }
}

/// The server's side of the handshake.
async fn answer(mut stream: TcpStream) -> Result<WebSocket<TcpStream>> {
    let mut head = Vec::new();
    // Byte by byte, so that no frame behind the request is swallowed.
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let accept = STANDARD.encode(Sha1::digest(format!("{}{MAGIC}", key(&head)?)));
    let reply = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Protocol: ari\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(reply.as_bytes()).await?;
    Ok(WebSocket::after_handshake(stream, Role::Server))
}

fn key(head: &str) -> Result<&str> {
    for line in head.lines() {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            return Ok(value.trim());
        }
    }
    bail!(
        "no WebSocket handshake: {}",
        head.lines().next().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_and_its_absence_told() {
        let head = "GET /x HTTP/1.1\r\nHost: h\r\nsec-websocket-key:  abc= \r\n\r\n";
        assert_eq!(key(head).unwrap(), "abc=");
        let error = key("GET /x HTTP/1.1\r\n\r\n").unwrap_err().to_string();
        assert_eq!(error, "no WebSocket handshake: GET /x HTTP/1.1");
    }
}
