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
pub(super) use line::Work;

/// The open sockets of a client, or of one of its applications.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    open: watch::Sender<Vec<Arc<Line>>>,
    /// Those of the whole client, where these are one application's.
    all: Option<Arc<Lines>>,
}

/// A line that is open as long as this value lives.
#[derive(Debug)]
pub(crate) struct OpenLine {
    lines: Arc<Lines>,
    line: Arc<Line>,
}

impl Lines {
    /// Lines of one application, which are preferred to `all` of its client. They belong to these, too.
    pub(crate) fn beside(all: &Arc<Self>) -> Self {
        Self {
            open: watch::Sender::default(),
            all: Some(Arc::clone(all)),
        }
    }

    /// A socket is open.
    pub(crate) fn open(self: &Arc<Self>) -> OpenLine {
        let line = Arc::new(Line::new());
        self.each(|lines| lines.push(Arc::clone(&line)));
        OpenLine {
            lines: Arc::clone(self),
            line,
        }
    }

    /// Whether any socket is open.
    pub(crate) fn is_open(&self) -> bool {
        !self.open.borrow().is_empty()
    }

    fn each(&self, change: impl Fn(&mut Vec<Arc<Line>>)) {
        self.open.send_modify(&change);
        if let Some(all) = &self.all {
            all.open.send_modify(change);
        }
    }

    /// The line with the fewest requests, of those that are `usable`.
    fn pick(&self, usable: impl Fn(&Line) -> bool + Copy) -> Option<Arc<Line>> {
        let own = least_loaded(self.open.borrow().iter().filter(|line| usable(line)));
        own.or_else(|| self.all.as_ref()?.pick(usable))
    }

    async fn exchange(&self, request: &RawRequest, patience: Duration) -> Result<RawResponse> {
        let end = Instant::now() + patience;
        let none = || Error::new(ErrorKind::NotSent, "no event socket is open to send it on");
        let mut open = self.all.as_deref().unwrap_or(self).open.subscribe();
        loop {
            if let Some(line) = self.pick(|_| true) {
                return line.exchange(request, end).await;
            }
            match timeout_at(end, open.changed()).await {
                Ok(Ok(())) => {}
                _ => return Err(none()),
            }
        }
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
            .each(|open| open.retain(|line| !Arc::ptr_eq(line, &self.line)));
        self.line.close();
    }
}
