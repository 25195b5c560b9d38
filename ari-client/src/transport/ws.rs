//! The event socket, on fastwebsockets.

use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fastwebsockets::{FragmentCollectorRead, Frame, OpCode, Payload, Role, WebSocketError, WebSocketWrite};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::header::{
    AUTHORIZATION, CONNECTION, HOST, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE, USER_AGENT,
};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, Chain};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{escape, http};
use crate::config::{Limits, Server};
use crate::error::{Error, ErrorKind, Result};
use crate::request::{Method, RawRequest, RawResponse};

const OPERATION: &str = "events.eventWebsocket";

/// A socket that was silent this long is asked for a sign of life, and given up after as long again.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A write that takes longer says that the peer is gone.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);

/// How long the peer may take to answer our close frame.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);

/// How long the reader waits for those who read too slowly, and how rarely: Asterisk cuts a socket whose buffer is full
/// for 100 ms.
const PAUSE: Duration = Duration::from_millis(20);
const BETWEEN_PAUSES: Duration = Duration::from_millis(100);

/// What RFC 6455 appends to the key before hashing it.
const ACCEPT_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

type Reader = FragmentCollectorRead<Chain<Cursor<Bytes>, OwnedReadHalf>>;
type Writer = WebSocketWrite<OwnedWriteHalf>;

/// Opens event sockets for one application.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    pub(crate) server: Server,
    pub(crate) limits: Limits,
    pub(crate) authorization: HeaderValue,
    pub(crate) application: String,
    pub(crate) subscribe_all: bool,
}

/// An open event socket.
pub(crate) struct Session {
    reader: Reader,
    writer: Writer,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
    /// Nothing came for too long, not even an answer to a ping.
    Silent,
    /// Reading or writing failed.
    Broken(WebSocketError),
}

impl End {
    /// How long nothing had been heard when the session ended.
    pub(crate) fn silence(&self) -> Duration {
        match self {
            Self::Silent => 2 * KEEPALIVE,
            Self::Stopped | Self::Closed | Self::Broken(_) => Duration::ZERO,
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped => f.write_str("closed by us"),
            Self::Closed => f.write_str("closed by Asterisk"),
            Self::Silent => f.write_str("no sign of life"),
            Self::Broken(error) => write!(f, "{error}"),
        }
    }
}

impl Dialer {
    /// Connects and shakes hands. When this returns, Asterisk has registered the application.
    ///
    /// # Errors
    /// `NotSent` where there is no connection, `Unauthorized`, `NotAri`, or `Refused` with Asterisk's answer.
    pub(crate) async fn dial(&self) -> Result<Session> {
        match timeout(self.limits.connect, self.handshake()).await {
            Ok(result) => result.map_err(|error| error.with_operation(OPERATION)),
            Err(_) => {
                let context = format!(
                    "{} did not answer within {:?}",
                    self.server.authority, self.limits.connect
                );
                Err(Error::new(ErrorKind::NotSent, context).with_operation(OPERATION))
            }
        }
    }

    async fn handshake(&self) -> Result<Session> {
        let authority = &self.server.authority;
        let refused = |source: std::io::Error| {
            Error::new(ErrorKind::NotSent, format!("no connection to {authority}")).with_source(source)
        };
        let stream = TcpStream::connect(authority.as_str()).await.map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;

        let broken = |source: hyper::Error| {
            let context = format!("{authority} did not complete the WebSocket handshake");
            Error::new(ErrorKind::NotSent, context).with_source(source)
        };
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // Ends when the upgrade hands over the socket, or with the socket.
        tokio::spawn(connection.with_upgrades());
        let key = STANDARD.encode(fastrand::u128(..).to_ne_bytes());
        let mut response = sender.send_request(self.request(&key)?).await.map_err(broken)?;
        if response.status() != hyper::StatusCode::SWITCHING_PROTOCOLS {
            return Err(self.refusal(response).await);
        }
        let accept = response
            .headers()
            .get(SEC_WEBSOCKET_ACCEPT)
            .map(HeaderValue::as_bytes);
        if accept != Some(accept_key(&key).as_bytes()) {
            let context =
                format!("{authority} answered the WebSocket handshake with a wrong Sec-WebSocket-Accept");
            return Err(Error::new(ErrorKind::NotAri, context));
        }
        let upgraded = hyper::upgrade::on(&mut response).await.map_err(broken)?;
        Session::new(upgraded, self.limits.message)
    }

    fn request(&self, key: &str) -> Result<hyper::Request<Empty<Bytes>>> {
        let mut target =
            RawRequest::new(OPERATION, Method::Get, ["events"]).with_query("app", &self.application);
        if self.subscribe_all {
            target = target.with_query("subscribeAll", "true");
        }
        hyper::Request::builder()
            .uri(escape::target(&self.server.base_path, &target))
            .header(HOST, &self.server.authority)
            .header(USER_AGENT, http::AGENT)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key)
            .header(SEC_WEBSOCKET_PROTOCOL, "ari")
            .body(Empty::new())
            .map_err(|error| Error::invalid("the application's name makes no valid URL").with_source(error))
    }

    async fn refusal(&self, response: hyper::Response<hyper::body::Incoming>) -> Error {
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), self.limits.message)
            .collect()
            .await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        match RawResponse::new(status, body).success(OPERATION) {
            Err(error) => error,
            Ok(reply) => {
                let context = format!("it answered status {status} where ARI opens a WebSocket");
                Error::new(ErrorKind::NotAri, context).with_reply(status, reply.body)
            }
        }
        .with_server(&self.server)
    }
}

impl Session {
    fn new(upgraded: hyper::upgrade::Upgraded, largest: usize) -> Result<Self> {
        // `handshake` gave hyper a TcpStream; getting it back spares each read a lock and a virtual call.
        let parts = upgraded
            .downcast::<TokioIo<TcpStream>>()
            .map_err(|_| Error::new(ErrorKind::NotSent, "the upgraded connection is not a TCP stream"))?;
        let (read, write) = parts.io.into_inner().into_split();
        // What was read beyond the handshake comes first.
        let read = Cursor::new(parts.read_buf).chain(read);
        let (mut reader, mut writer) = fastwebsockets::after_handshake_split(read, write, Role::Client);
        reader.set_max_message_size(largest);
        writer.set_auto_apply_mask(true);
        Ok(Self {
            reader: FragmentCollectorRead::new(reader),
            writer,
        })
    }

    /// Gives each text message to `sink` until the socket ends or `stop` is cancelled.
    ///
    /// `sink` must not wait: Asterisk cuts a socket that is not read for 100 ms. It returns whether the reader should
    /// pause a little.
    pub(crate) async fn run(self, stop: &CancellationToken, sink: impl FnMut(&[u8]) -> bool) -> End {
        let (owed, to_write) = mpsc::channel(16);
        let alive = AtomicBool::new(true);
        // Both are polled to their end and never dropped half-way: `read_frame` may not be cancelled.
        let reading = read(self.reader, owed, &alive, sink);
        let writing = write(self.writer, to_write, &alive, stop);
        tokio::pin!(reading);
        tokio::select! {
            end = &mut reading => end,
            end = writing => match end {
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

async fn read(
    mut reader: Reader,
    owed: mpsc::Sender<Frame<'static>>,
    alive: &AtomicBool,
    mut sink: impl FnMut(&[u8]) -> bool,
) -> End {
    let mut paused = Instant::now();
    // A full queue means that the socket takes no more; the writer's deadline ends the session then.
    let mut owe = |frame: Frame<'static>| {
        let sent = owed.try_send(frame);
        async move {
            let _ = sent;
            Ok::<(), WebSocketError>(())
        }
    };
    loop {
        match reader.read_frame(&mut owe).await {
            Ok(frame) => {
                alive.store(true, Ordering::Relaxed);
                let crowded = match frame.opcode {
                    OpCode::Text => sink(&frame.payload),
                    OpCode::Close => return End::Closed,
                    _ => false,
                };
                if crowded && paused.elapsed() > BETWEEN_PAUSES {
                    tokio::time::sleep(PAUSE).await;
                    paused = Instant::now();
                }
            }
            Err(WebSocketError::UnexpectedEOF | WebSocketError::ConnectionClosed) => return End::Closed,
            Err(error) => return End::Broken(error),
        }
    }
}

async fn write(
    mut writer: Writer,
    mut owed: mpsc::Receiver<Frame<'static>>,
    alive: &AtomicBool,
    stop: &CancellationToken,
) -> End {
    let mut tick = tokio::time::interval_at(Instant::now() + KEEPALIVE, KEEPALIVE);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut asked = false;
    loop {
        let (frame, end) = tokio::select! {
            () = stop.cancelled() => (Frame::close(1000, b""), Some(End::Stopped)),
            frame = owed.recv() => match frame {
                Some(frame) => (frame, None),
                None => return End::Closed,
            },
            _ = tick.tick() => {
                if alive.swap(false, Ordering::Relaxed) {
                    asked = false;
                    continue;
                }
                if asked {
                    return End::Silent;
                }
                asked = true;
                (Frame::new(true, OpCode::Ping, None, Payload::Borrowed(b"ari")), None)
            }
        };
        match timeout(WRITE_DEADLINE, writer.write_frame(frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return end.unwrap_or(End::Broken(error)),
            Err(_) => return end.unwrap_or(End::Silent),
        }
        if let Some(end) = end {
            return end;
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
