//! Requests by socket where that serves, else by HTTP.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Line, Lines};
use crate::error::{ErrorKind, Result};
use crate::request::{RawRequest, RawResponse};
use crate::transport::{Http, Reply, Transport};

/// A longer body would hold up what is behind it.
const LARGE: usize = 8 * 1024;

/// Sends each request by an open socket, or by HTTP where it may take long, is large, or no socket that answers is
/// open.
#[derive(Debug)]
pub(crate) struct Auto {
    http: Arc<Http>,
    lines: Arc<Lines>,
}

impl Auto {
    pub(crate) fn new(http: Arc<Http>, lines: Arc<Lines>) -> Self {
        Self { http, lines }
    }

    fn line(&self, request: &RawRequest) -> Option<Arc<Line>> {
        let large = request.body.as_ref().is_some_and(|body| body.len() > LARGE);
        if large || request.takes_long() {
            return None;
        }
        self.lines.pick(|line| !line.is_deaf())
    }

    async fn exchange(&self, request: &RawRequest, patience: Duration) -> Result<RawResponse> {
        let end = Instant::now() + patience;
        if let Some(line) = self.line(request) {
            match line.exchange(request, end).await {
                // The socket closed meanwhile.
                Err(error) if error.kind() == ErrorKind::NotSent => {}
                result => return result.map_err(|error| error.with_operation(request.operation)),
            }
        }
        let patience = end.saturating_duration_since(Instant::now());
        self.http.execute(request, patience).await
    }
}

impl Transport for Auto {
    fn execute<'t>(&'t self, request: &'t RawRequest, patience: Duration) -> Reply<'t> {
        Box::pin(self.exchange(request, patience))
    }
}
