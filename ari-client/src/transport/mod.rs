//! How requests reach Asterisk, and how events come back.

mod escape;
mod http;
mod ws;

use std::future::Future;
use std::pin::Pin;

use crate::error::Result;
use crate::request::{RawRequest, RawResponse};

pub(crate) use escape::target;
pub(crate) use http::Http;
pub(crate) use ws::{Dialer, End, Session};

/// A reply on its way.
pub type Reply<'t> = Pin<Box<dyn Future<Output = Result<RawResponse>> + Send + 't>>;

/// Carries requests to Asterisk.
///
/// Any status is an answer; an error says that there was none, and whether the request left.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request and waits for its answer, but not without end. Dropping the future gives the request up.
    fn execute(&self, request: RawRequest) -> Reply<'_>;
}
