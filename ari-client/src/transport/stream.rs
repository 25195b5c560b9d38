//! A connection, plain or encrypted.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

#[cfg(feature = "tls")]
use tokio_rustls::TlsStream;

/// A connection, plain or encrypted.
///
/// An enum and not a trait object: each event passes through it, and most deployments are plain.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

/// What is read from a [`Stream`].
#[derive(Debug)]
pub(crate) enum ReadHalf {
    Tcp(OwnedReadHalf),
    #[cfg(feature = "tls")]
    Tls(tokio::io::ReadHalf<Box<TlsStream<TcpStream>>>),
}

/// What is written to a [`Stream`].
#[derive(Debug)]
pub(crate) enum WriteHalf {
    Tcp(OwnedWriteHalf),
    #[cfg(feature = "tls")]
    Tls(tokio::io::WriteHalf<Box<TlsStream<TcpStream>>>),
}

impl Stream {
    /// Two halves, for two tasks.
    pub(crate) fn split(self) -> (ReadHalf, WriteHalf) {
        match self {
            Self::Tcp(stream) => {
                let (read, write) = stream.into_split();
                (ReadHalf::Tcp(read), WriteHalf::Tcp(write))
            }
            #[cfg(feature = "tls")]
            Self::Tls(stream) => {
                let (read, write) = tokio::io::split(stream);
                (ReadHalf::Tls(read), WriteHalf::Tls(write))
            }
        }
    }
}

/// A connection of hyper's pool, which holds one of a limited number of places.
#[derive(Debug)]
pub(super) struct Pooled {
    stream: Stream,
    _place: OwnedSemaphorePermit,
    /// Goes when the server is first heard.
    unheard: Option<oneshot::Sender<()>>,
}

impl Pooled {
    /// Who has the other end of `unheard` sees it close when the server is first heard.
    pub(super) fn new(stream: Stream, place: OwnedSemaphorePermit, unheard: oneshot::Sender<()>) -> Self {
        Self {
            stream,
            _place: place,
            unheard: Some(unheard),
        }
    }
}

impl AsyncRead for Pooled {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if read.is_ready() {
            this.unheard = None;
        }
        read
    }
}

/// Hands a call on to whichever stream it is.
macro_rules! each {
    ($this:expr, Pooled, $stream:ident => $call:expr) => {
        match $this {
            Pooled { stream: $stream, .. } => $call,
        }
    };
    ($this:expr, $kind:ident, $stream:ident => $call:expr) => {
        match $this {
            $kind::Tcp($stream) => $call,
            #[cfg(feature = "tls")]
            $kind::Tls($stream) => $call,
        }
    };
}

macro_rules! reads {
    ($kind:ident) => {
        impl AsyncRead for $kind {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                each!(self.get_mut(), $kind, stream => Pin::new(stream).poll_read(cx, buf))
            }
        }
    };
}

macro_rules! writes {
    ($kind:ident) => {
        impl AsyncWrite for $kind {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                each!(self.get_mut(), $kind, stream => Pin::new(stream).poll_write(cx, bytes))
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                pieces: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                each!(self.get_mut(), $kind, stream => Pin::new(stream).poll_write_vectored(cx, pieces))
            }

            fn is_write_vectored(&self) -> bool {
                each!(self, $kind, stream => stream.is_write_vectored())
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                each!(self.get_mut(), $kind, stream => Pin::new(stream).poll_flush(cx))
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                each!(self.get_mut(), $kind, stream => Pin::new(stream).poll_shutdown(cx))
            }
        }
    };
}

reads!(Stream);
writes!(Stream);
reads!(ReadHalf);
writes!(WriteHalf);
writes!(Pooled);

impl Connection for Pooled {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
