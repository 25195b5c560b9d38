//! The floor: an event socket read by bare fastwebsockets.

use fastwebsockets::{OpCode, Role, WebSocket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::alone::Alone;

/// An open event socket.
pub(crate) struct Bare {
    alone: Alone,
    socket: WebSocket<TcpStream>,
}

impl Bare {
    /// Opens the event socket of the server at `url`.
    pub(crate) fn open(url: &str) -> Self {
        let alone = Alone::new();
        let socket = alone.within(open(url));
        Self { alone, socket }
    }

    /// Reads so many events, and gives each with its number to `look`.
    pub(crate) fn read(&mut self, events: usize, mut look: impl FnMut(usize, &[u8])) {
        self.alone.within(async {
            for number in 0..events {
                let frame = self.socket.read_frame().await.unwrap();
                assert_eq!(frame.opcode, OpCode::Text);
                look(number, &frame.payload);
            }
        });
    }
}

async fn open(url: &str) -> WebSocket<TcpStream> {
    let authority = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!(
        "GET /ari/events?app=EVERYTHING HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // The server writes no frame until it is told to, so that the answer's end is the end of what there is.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    WebSocket::after_handshake(stream, Role::Client)
}
