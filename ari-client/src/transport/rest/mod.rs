//! REST over the event sockets: Asterisk answers requests on the socket on which they came.
//!
//! It carries them out one by one, so that one that waits for a channel holds up all behind it, and an answer is lost
//! where the application's event filter stops it. [`Auto`] avoids both by HTTP.

mod auto;
mod line;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::{Reply, Transport};
use crate::error::{Error, ErrorKind, Result};
use crate::request::{RawRequest, RawResponse};

pub(crate) use auto::Auto;
pub(crate) use line::Line;

/// The open sockets of a client.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    open: watch::Sender<Vec<Arc<Line>>>,
}

/// A line that is open as long as this value lives.
#[derive(Debug)]
pub(crate) struct OpenLine {
    lines: Arc<Lines>,
    line: Arc<Line>,
}

impl Lines {
    /// A socket is open.
    pub(crate) fn open(self: &Arc<Self>) -> OpenLine {
        let line = Arc::new(Line::new());
        self.open.send_modify(|open| open.push(Arc::clone(&line)));
        OpenLine {
            lines: Arc::clone(self),
            line,
        }
    }

    async fn exchange(&self, request: &RawRequest, patience: Duration) -> Result<RawResponse> {
        let end = Instant::now() + patience;
        let mut open = self.open.subscribe();
        let none = || Error::new(ErrorKind::NotSent, "no event socket is open to send it on");
        let any = open.wait_for(|lines| !lines.is_empty());
        let line = match timeout_at(end, any).await {
            Ok(Ok(lines)) => least_loaded(lines.iter()),
            _ => None,
        };
        line.ok_or_else(none)?.exchange(request, end).await
    }
}

fn least_loaded<'l>(lines: impl Iterator<Item = &'l Arc<Line>>) -> Option<Arc<Line>> {
    lines.min_by_key(|line| line.load()).cloned()
}

impl Transport for Lines {
    fn execute<'t>(&'t self, request: &'t RawRequest, patience: Duration) -> Reply<'t> {
        Box::pin(async move {
            let result = self.exchange(request, patience).await;
            result.map_err(|error| error.with_operation(request.operation))
        })
    }
}

impl std::ops::Deref for OpenLine {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.line
    }
}

impl Drop for OpenLine {
    fn drop(&mut self) {
        self.lines
            .open
            .send_modify(|open| open.retain(|line| !Arc::ptr_eq(line, &self.line)));
        self.line.close();
    }
}
