//! What carries requests.

use crate::error::{Error, Result};

/// What carries requests to Asterisk; see [`AriBuilder::rest_over`](crate::AriBuilder::rest_over).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RestOver {
    /// HTTP: many requests at once, none in the way of another.
    #[default]
    Http,
    /// The event WebSocket (Asterisk 20.14, 21.9, 22.4 and later): one request after the other, and none while no
    /// application runs, so that [`Application::on_start`](crate::Application::on_start) can ask nothing. One that waits
    /// for a busy channel holds up all behind it: those that this client knows to be busy are waited for here, and not
    /// those on which a program plays that was there before. A request may have 65,521 bytes as JSON, and a file is not
    /// brought (status 406).
    WebSocket,
    /// The event WebSocket while it is open, and HTTP for requests that may take long or have long bodies.
    Auto,
}

impl RestOver {
    /// Reads `ARI_REST`.
    pub(super) fn from_name(name: &str) -> Result<Self> {
        match name {
            "http" => Ok(Self::Http),
            "websocket" => Ok(Self::WebSocket),
            "auto" => Ok(Self::Auto),
            other => Err(Error::invalid(format!(
                "ARI_REST `{other}`: it must be http, websocket or auto"
            ))),
        }
    }
}
