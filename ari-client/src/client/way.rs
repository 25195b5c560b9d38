//! The way that requests take.

use std::sync::Arc;

use super::RestOver;
use super::home::Home;
use crate::transport::{Auto, Lines, Transport};

/// The way that the requests of a handle take: by HTTP, by event sockets, or by what serves better.
pub(super) struct Way {
    pub(super) transport: Arc<dyn Transport>,
    /// The event sockets.
    pub(super) lines: Arc<Lines>,
}

impl Way {
    /// A way over `lines`, unless `rest` prefers the HTTP server that is known.
    pub(super) fn new(home: Option<&Home>, rest: RestOver, lines: Lines) -> Arc<Self> {
        let lines = Arc::new(lines);
        let transport: Arc<dyn Transport> = match (rest, home) {
            (RestOver::Http, Some(home)) => Arc::clone(&home.http) as _,
            (RestOver::Auto, Some(home)) => Arc::new(Auto::new(Arc::clone(&home.http), Arc::clone(&lines))),
            (RestOver::WebSocket, _) | (_, None) => Arc::clone(&lines) as _,
        };
        Arc::new(Self { transport, lines })
    }
}
