//! Reads a socket in small pieces.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// The most that is read at once: some sixty events.
const SIP: usize = 32 * 1024;

/// A reader that takes no more than a sip, however much room there is.
///
/// fastwebsockets reads until its buffer is full, and makes it twice as long where more is to come: a flood that is read
/// late would have it grow as long as the flood. Read in sips it stays below four of them, and two frames.
pub(super) struct Sips<R>(pub(super) R);

impl<R: AsyncRead + Unpin> AsyncRead for Sips<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let reader = Pin::new(&mut self.0);
        if buf.remaining() <= SIP {
            return reader.poll_read(cx, buf);
        }
        let mut sip = ReadBuf::new(buf.initialize_unfilled_to(SIP));
        ready!(reader.poll_read(cx, &mut sip))?;
        let read = sip.filled().len();
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use fastwebsockets::{Frame, Role, WebSocketRead};

    use super::*;

    /// A server that sends texts of all lengths without end, as fast as they are read.
    #[derive(Default)]
    struct Flood {
        sent: usize,
        rest: Vec<u8>,
    }

    /// How long the text with this number is.
    fn length(number: usize) -> usize {
        126 + number * 7_919 % 1_500
    }

    impl AsyncRead for Flood {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            while self.rest.len() < buf.remaining() {
                let length = length(self.sent);
                self.rest.extend([0x81, 126]);
                self.rest.extend(u16::try_from(length).unwrap().to_be_bytes());
                self.rest.extend(vec![b'x'; length]);
                self.sent += 1;
            }
            let rest = self.rest.split_off(buf.remaining());
            buf.put_slice(&self.rest);
            self.rest = rest;
            Poll::Ready(Ok(()))
        }
    }

    /// Notes how much room there was at most.
    struct Room<R> {
        reader: R,
        most: usize,
    }

    impl<R: AsyncRead + Unpin> AsyncRead for &mut Room<R> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.most = self.most.max(buf.remaining());
            Pin::new(&mut self.reader).poll_read(cx, buf)
        }
    }

    #[tokio::test]
    async fn a_flood_does_not_make_the_buffer_grow() {
        let mut room = Room {
            reader: Sips(Flood::default()),
            most: 0,
        };
        let (mut reader, _) =
            fastwebsockets::after_handshake_split(&mut room, tokio::io::sink(), Role::Client);
        for number in 0..50_000 {
            let mut owes = |_: Frame<'static>| std::future::ready(Ok::<(), Infallible>(()));
            let frame = WebSocketRead::read_frame(&mut reader, &mut owes).await.unwrap();
            assert_eq!(frame.payload.len(), length(number));
        }
        drop(reader);
        assert!(room.most <= 4 * SIP, "{} bytes", room.most);
    }
}
