//! Reads a socket to its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastwebsockets::{FragmentCollectorRead, Frame, OpCode, WebSocketError};
use tokio::io::AsyncRead;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{End, Line};

/// How long the reader waits for those who read too slowly, and how rarely: Asterisk cuts a socket whose buffer is full
/// for 100 ms.
const PAUSE: Duration = Duration::from_millis(20);
const BETWEEN_PAUSES: Duration = Duration::from_millis(100);

/// Reads until the socket ends. Frames that the protocol owes the peer go to `owed`.
pub(super) async fn read<R: AsyncRead + Unpin>(
    mut reader: FragmentCollectorRead<R>,
    owed: mpsc::Sender<Frame<'static>>,
    alive: &AtomicBool,
    line: &Line,
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
                    OpCode::Text => !line.answer(&frame.payload) && sink(&frame.payload),
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
