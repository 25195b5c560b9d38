//! How requests reach Asterisk, and how events come back.

mod connector;
mod escape;
mod http;
mod listener;
mod rest;
mod socket;
mod stream;
#[cfg(feature = "tls")]
pub(crate) mod tls;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tracing::debug;

use crate::error::Result;
use crate::request::{RawRequest, RawResponse};

pub(crate) use connector::Connector;
pub(crate) use escape::target;
pub(crate) use http::Http;
pub(crate) use listener::{Arrival, Listener};
pub(crate) use rest::{Auto, Line, Lines, OpenLine};
pub(crate) use socket::{Credentials, Dialer, End, Gate, Session};
pub(crate) use stream::Stream;

/// A reply on its way.
pub type Reply<'t> = Pin<Box<dyn Future<Output = Result<RawResponse>> + Send + 't>>;

/// Carries requests to Asterisk.
///
/// Any status is an answer; an error says that there was none, and whether the request left.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request, once, and waits so long for its answer. Dropping the future gives the request up.
    fn execute<'t>(&'t self, request: &'t RawRequest, patience: Duration) -> Reply<'t>;
}

/// Logs what came of a request that was sent once; `transport` is what carried it.
fn log(transport: &'static str, request: &RawRequest, reply: &Result<RawResponse>) {
    let operation = request.operation;
    match reply {
        Ok(reply) => debug!(operation, transport, status = reply.status, "request"),
        Err(error) => debug!(operation, transport, %error, "request without an answer"),
    }
}
