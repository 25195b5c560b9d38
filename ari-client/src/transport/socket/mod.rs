//! The event socket, on fastwebsockets.

mod accept;
mod dial;
mod keepalive;
mod message;
mod reader;
mod sips;
mod writer;

use std::fmt;
use std::io::Cursor;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fastwebsockets::{Frame, OpCode, Role, WebSocketError, WebSocketRead, WebSocketWrite};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, Chain};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Line;
use super::stream::{ReadHalf, Stream, WriteHalf};
use crate::error::{Error, ErrorKind, Result};

pub(crate) use accept::{Credentials, Gate};
pub(crate) use dial::Dialer;
use message::Fragments;
use sips::Sips;

/// How long the peer may take to answer our close frame.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);

/// The status of a close frame for a peer that breaks a rule of ours (RFC 6455, section 7.4.1).
const POLICY: u16 = 1008;

/// How many frames the protocol may owe the peer.
const OWED: usize = 16;

/// A control frame holds 125 bytes (RFC 6455, section 5.5), two of which are the status of a close frame.
const LONGEST_REASON: usize = 123;

/// What RFC 6455 appends to the key before hashing it.
const ACCEPT_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// An open event socket.
pub(crate) struct Session {
    reader: WebSocketRead<Sips<Chain<Cursor<Bytes>, ReadHalf>>>,
    fragments: Fragments,
    writer: WebSocketWrite<WriteHalf>,
    /// The first message, where it was read ahead.
    first: Option<Vec<u8>>,
    /// Its place among the connections that a server takes.
    place: Option<OwnedSemaphorePermit>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// Why a session ended.
#[derive(Debug)]
pub(crate) enum End {
    /// We closed it.
    Stopped,
    /// Asterisk closed it, with or without a close frame.
    Closed,
    /// Nothing came for so long, not even an answer to a ping.
    Silent(Duration),
    /// It is open, and no events came over it for so long, although there were some. Said by who reads them.
    Deaf(Duration),
    /// Reading or writing failed.
    Broken(WebSocketError),
}

impl End {
    /// How long nothing had been heard when the session ended.
    pub(crate) fn silence(&self) -> Duration {
        match self {
            Self::Silent(length) | Self::Deaf(length) => *length,
            Self::Stopped | Self::Closed | Self::Broken(_) => Duration::ZERO,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("closed by us"),
            Self::Closed => f.write_str("closed by Asterisk"),
            Self::Silent(length) => write!(f, "no sign of life for {length:?}"),
            Self::Deaf(_) => f.write_str("Asterisk sends no events over it"),
            Self::Broken(error) => write!(f, "{error}"),
        }
    }
}

impl Session {
    /// Over a connection that was upgraded to a WebSocket; `largest` is the longest message that is accepted.
    fn new(upgraded: hyper::upgrade::Upgraded, role: Role, largest: usize) -> Result<Self> {
        // hyper was given a `Stream`; getting it back spares each read a lock and a virtual call.
        let parts = upgraded.downcast::<TokioIo<Stream>>().map_err(|_| {
            Error::new(
                ErrorKind::NotSent,
                "the upgraded connection is not the one that was opened",
            )
        })?;
        let (read, write) = parts.io.into_inner().split();
        // What was read beyond the handshake comes first.
        let read = Sips(Cursor::new(parts.read_buf).chain(read));
        let client = matches!(role, Role::Client);
        let (mut reader, mut writer) = fastwebsockets::after_handshake_split(read, write, role);
        reader.set_max_message_size(largest);
        writer.set_auto_apply_mask(client);
        Ok(Self {
            reader,
            fragments: Fragments::new(largest),
            writer,
            first: None,
            place: None,
        })
    }

    /// Gives the session a place, which it holds until it ends.
    pub(crate) fn hold(&mut self, place: OwnedSemaphorePermit) {
        self.place = Some(place);
    }

    /// Reads the first message ahead, so that who is there is known before anybody else reads. If this does not come to
    /// its end, the session is of no use any more.
    ///
    /// # Errors
    /// Where the socket ends before it.
    pub(crate) async fn first(&mut self) -> Result<&[u8], WebSocketError> {
        loop {
            let (owed, mut to_write) = mpsc::channel(OWED);
            let mut owe = |frame: Frame<'static>| {
                // Who pings more often than that before its first event is not answered each time.
                let _ = owed.try_send(frame);
                std::future::ready(Ok::<(), WebSocketError>(()))
            };
            let frame = self.reader.read_frame(&mut owe).await?;
            while let Ok(frame) = to_write.try_recv() {
                self.writer.write_frame(frame).await?;
                self.writer.flush().await?;
            }
            let text = match frame.opcode {
                OpCode::Text if frame.fin => Some(frame.payload.to_vec()),
                OpCode::Text | OpCode::Continuation => self.fragments.add(&frame)?,
                OpCode::Close => return Err(WebSocketError::ConnectionClosed),
                OpCode::Binary | OpCode::Ping | OpCode::Pong => None,
            };
            if let Some(text) = text {
                return Ok(self.first.insert(text));
            }
        }
    }

    /// Closes a session that nobody wants, and says why.
    pub(crate) async fn refuse(mut self, why: &str) {
        let mut length = why.len().min(LONGEST_REASON);
        while !why.is_char_boundary(length) {
            length -= 1;
        }
        let why = &why[..length];
        let close = async {
            self.writer
                .write_frame(Frame::close(POLICY, why.as_bytes()))
                .await?;
            self.writer.flush().await
        };
        // Whoever does not take it is gone.
        let _ = timeout(CLOSE_DEADLINE, close).await;
    }

    /// Gives each event to `sink`, and each reply to `line`, whose requests it writes, until the socket ends or `stop` is
    /// cancelled.
    ///
    /// `sink` must not wait: Asterisk cuts a socket that is not read for 100 ms. It returns whether the reader should
    /// pause a little.
    pub(crate) async fn run(
        self,
        stop: &CancellationToken,
        line: &Line,
        mut sink: impl FnMut(&[u8]) -> bool,
    ) -> End {
        let _place = self.place;
        if let Some(first) = self.first {
            sink(&first);
        }
        let (owed, to_write) = mpsc::channel(OWED);
        let alive = AtomicBool::new(true);
        // Both are polled to their end and never dropped half-way: `read_frame` may not be cancelled.
        let reading = reader::read(self.reader, self.fragments, owed, &alive, line, sink);
        let writing = writer::write(self.writer, to_write, &alive, line, stop);
        tokio::pin!(reading, writing);
        tokio::select! {
            end = &mut reading => {
                if matches!(end, End::Closed) {
                    // What is owed is our answer to the close frame, without which Asterisk takes the socket for broken.
                    let _ = timeout(CLOSE_DEADLINE, writing).await;
                }
                end
            }
            end = &mut writing => match end {
                End::Stopped => {
                    // Asterisk answers our close frame with its own; then the reader ends.
                    let _ = timeout(CLOSE_DEADLINE, reading).await;
                    End::Stopped
                }
                end => end,
            },
        }
    }
}

/// What a server answers to `key` (RFC 6455, section 4.2.2).
pub(crate) fn accept_key(key: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(ACCEPT_GUID);
    STANDARD.encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_accept_key_is_that_of_the_rfc() {
        assert_eq!(
            super::accept_key("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }
}
