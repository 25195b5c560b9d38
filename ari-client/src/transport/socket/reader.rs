//! Reads a socket to its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastwebsockets::{Frame, OpCode, WebSocketError, WebSocketRead};
use tokio::io::AsyncRead;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::message::Fragments;
use super::{End, Line};

/// How long the reader waits for those who read too slowly, and how rarely: Asterisk cuts a socket whose buffer is full
/// for 100 ms.
const PAUSE: Duration = Duration::from_millis(20);
const BETWEEN_PAUSES: Duration = Duration::from_millis(100);

/// Reads until the socket ends. Frames that the protocol owes the peer go to `owed`.
pub(super) async fn read<R: AsyncRead + Unpin>(
    mut reader: WebSocketRead<R>,
    mut fragments: Fragments,
    owed: mpsc::Sender<Frame<'static>>,
    alive: &AtomicBool,
    line: &Line,
    mut sink: impl FnMut(&[u8]) -> bool,
) -> End {
    let mut take = |text: &[u8]| !line.answer(text) && sink(text);
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
                    OpCode::Text if frame.fin => take(&frame.payload),
                    OpCode::Text | OpCode::Continuation => match fragments.add(&frame) {
                        Ok(text) => text.is_some_and(|text| take(&text)),
                        Err(error) => return End::Broken(error),
                    },
                    OpCode::Close => return End::Closed,
                    OpCode::Binary | OpCode::Ping | OpCode::Pong => false,
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
