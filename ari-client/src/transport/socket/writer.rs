//! Writes to a socket: what the protocol owes, requests, pings.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use fastwebsockets::{Frame, OpCode, Payload, WebSocketWrite};
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::keepalive::{Keepalive, Sign};
use super::{End, Line};

/// A write that takes longer says that the peer is gone.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);

/// Writes until the socket ends or `stop` is cancelled.
pub(super) async fn write<W: AsyncWrite + Unpin>(
    mut writer: WebSocketWrite<W>,
    mut owed: mpsc::Receiver<Frame<'static>>,
    alive: &AtomicBool,
    line: &Line,
    stop: &CancellationToken,
) -> End {
    let mut keepalive = Keepalive::new();
    loop {
        let (frame, end) = tokio::select! {
            () = stop.cancelled() => (Frame::close(1000, b""), Some(End::Stopped)),
            frame = owed.recv() => match frame {
                Some(frame) => (frame, None),
                None => return End::Closed,
            },
            request = line.next() => (Frame::text(Payload::Owned(request.into_bytes())), None),
            sign = keepalive.next(alive, line) => match sign {
                Sign::Ask => (Frame::new(true, OpCode::Ping, None, Payload::Borrowed(b"ari")), None),
                Sign::None(silence) => return End::Silent(silence),
            },
        };
        let written = async {
            writer.write_frame(frame).await?;
            // TLS may keep what the connection did not take at once.
            writer.flush().await
        };
        match timeout(WRITE_DEADLINE, written).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return end.unwrap_or(End::Broken(error)),
            Err(_) => return end.unwrap_or(End::Silent(WRITE_DEADLINE)),
        }
        if let Some(end) = end {
            return end;
        }
    }
}
