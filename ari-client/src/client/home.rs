//! Asterisk's HTTP server: where requests go by HTTP, and event sockets are opened.

use std::sync::Arc;

use hyper::header::HeaderValue;

use crate::config::{Limits, Server};
use crate::error::{Error, Result};
use crate::transport::{Connector, Dialer, Http};

/// Asterisk's HTTP server, and the means to reach it.
pub(super) struct Home {
    pub(super) server: Server,
    limits: Limits,
    authorization: HeaderValue,
    connector: Connector,
    pub(super) http: Arc<Http>,
}

impl Home {
    pub(super) fn new(server: Server, limits: &Limits) -> Result<Self> {
        let mut authorization = HeaderValue::try_from(&server.authorization)
            .map_err(|_| Error::invalid("the ARI credentials make no valid header"))?;
        authorization.set_sensitive(true);
        let connector = Connector::new(&server, limits.connect);
        let http = Http::new(
            server.clone(),
            connector.clone(),
            limits.clone(),
            authorization.clone(),
        );
        Ok(Self {
            server,
            limits: limits.clone(),
            authorization,
            connector,
            http: Arc::new(http),
        })
    }

    pub(super) fn dialer(&self, application: String, subscribe_all: bool) -> Dialer {
        Dialer {
            server: self.server.clone(),
            connector: self.connector.clone(),
            limits: self.limits.clone(),
            authorization: self.authorization.clone(),
            application,
            subscribe_all,
        }
    }
}
