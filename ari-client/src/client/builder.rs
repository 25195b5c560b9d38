//! Settings of a client, and their check.

mod address;

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::environment::{flag, optional, variable};
use super::peers::Base;
use super::{Ari, RestOver};
use crate::config::{Limits, Server, limits};
use crate::error::{Error, Result};
use address::{Address, refused, shown};

/// Settings of an [`Ari`]; see [`Ari::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct AriBuilder {
    url: String,
    username: String,
    password: String,
    limits: Limits,
    allow_cleartext: bool,
    rest: RestOver,
    authorities: Option<Vec<u8>>,
}

impl fmt::Debug for AriBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AriBuilder")
            .field("url", &shown(&self.url))
            .field("username", &self.username)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl AriBuilder {
    pub(crate) fn new(url: String) -> Self {
        Self {
            url,
            username: String::new(),
            password: String::new(),
            limits: Limits::default(),
            allow_cleartext: false,
            rest: RestOver::Http,
            authorities: None,
        }
    }

    /// Reads `ARI_URL`, `ARI_USERNAME` and `ARI_PASSWORD`; and where they are set, `ARI_ALLOW_CLEARTEXT` (`1`, `true` or
    /// `yes`), `ARI_REST` (`http`, `websocket` or `auto`) and `ARI_CA_FILE` (the path of a PEM file for
    /// [`certificate_authorities`](Self::certificate_authorities)).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the variable that is missing or cannot be used.
    pub fn from_env() -> Result<Self> {
        let mut builder =
            Self::new(variable("ARI_URL")?).credentials(variable("ARI_USERNAME")?, variable("ARI_PASSWORD")?);
        builder.allow_cleartext = flag("ARI_ALLOW_CLEARTEXT")?;
        if let Some(name) = optional("ARI_REST")? {
            builder.rest = RestOver::from_name(&name)?;
        }
        if let Some(path) = optional("ARI_CA_FILE")? {
            let pem = std::fs::read(&path)
                .map_err(|error| Error::invalid(format!("ARI_CA_FILE `{path}`")).with_source(error))?;
            builder.authorities = Some(pem);
        }
        Ok(builder)
    }

    /// Sets the name and password of an ARI user (a `type=user` section of `ari.conf`).
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.username = username.into();
        self.password = password.into();
        self
    }

    limits! {
        /// Sets how long a connection may take to come up. 5 s by default.
        pub fn connect_timeout(timeout: Duration) { connect = timeout }

        /// Sets how long a request may take, repeats included. 10 s by default. Those that wait for a channel have
        /// a [deadline of their own](Self::waiting_timeout), and [`Ari::within`] gives one to single requests.
        pub fn request_timeout(timeout: Duration) { request = timeout }

        /// Sets how long a request may take that Asterisk answers only when the channel has ended what occupies it: to
        /// add a channel to a bridge during a playback takes as long as the playback. 30 s by default.
        ///
        /// These are ARI's `answer`, `setChannelVar`, `setChannelVars`, `addChannel`, `removeChannel` and
        /// `setVideoSource`. What loads modules and what brings files has the same deadline.
        pub fn waiting_timeout(timeout: Duration) { waiting = timeout }

        /// Sets how many requests may be under way at once; more wait their turn. 80 by default: Asterisk closes
        /// connections above its `sessionlimit`, 100 by default, without a word.
        pub fn max_connections(connections: usize) { connections = connections.max(1) }

        /// Sets the longest event or reply that is accepted, in bytes. 16 MiB by default.
        pub fn max_message_size(bytes: usize) { message = bytes }

        /// Sets how many bytes of unread events all calls and subscriptions of this client hold together. 256 MiB by
        /// default. Above that each may hold 8 KiB: who does not read loses chatter, and then the call.
        pub fn max_unread(bytes: usize) { mailboxes = bytes }
    }

    /// Sets what carries requests. [`RestOver::Http`] by default.
    ///
    /// Over the event socket a reply is an event, which an event filter would stop: unless it is `Http`, the filters that
    /// this client sets let `RESTResponse` pass.
    pub fn rest_over(mut self, rest: RestOver) -> Self {
        self.rest = rest;
        self
    }

    /// Trusts these certificate authorities (PEM, one or more), in place of those that the system trusts, to sign the
    /// certificate of an `https` server; with `http` they are refused. Needs the feature `tls`, as `https` does.
    pub fn certificate_authorities(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities = Some(pem.into());
        self
    }

    /// Allows `http` to a host that is not this machine: the password then crosses the network as clear text.
    pub fn allow_cleartext(mut self) -> Self {
        self.allow_cleartext = true;
        self
    }

    /// Checks the settings. Nothing is sent: the first request, or [`Ari::run`], connects.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming what cannot be used.
    pub fn build(self) -> Result<Ari> {
        let server = self.server()?;
        Ari::new(server, self.limits, self.rest)
    }

    /// Checks the settings, for clients that are made when their Asterisks dial in.
    pub(super) fn base(self) -> Result<Base> {
        Ok(Base {
            server: self.server()?,
            limits: self.limits,
            rest: self.rest,
        })
    }

    fn server(&self) -> Result<Server> {
        let address = Address::parse(&self.url)?;
        if !address.secure && self.authorities.is_some() {
            let why = "certificate authorities (ARI_CA_FILE) are of use for https only";
            return Err(refused(&self.url, why));
        }
        if !address.secure && !self.allow_cleartext && !address.is_loopback() {
            let why = "http would send the password as clear text to another machine; allow it with `allow_cleartext` \
                       or ARI_ALLOW_CLEARTEXT=1";
            return Err(refused(&self.url, why));
        }
        if self.username.is_empty() || self.password.is_empty() {
            return Err(Error::invalid(
                "the ARI user name and password must not be empty: Asterisk accepts neither",
            ));
        }
        if self.username.contains(':') {
            return Err(Error::invalid("an ARI user name cannot hold a colon"));
        }
        let secret = STANDARD.encode(format!("{}:{}", self.username, self.password));
        Ok(Server {
            tls: address.secure.then(|| self.tls(&address.host)).transpose()?,
            authority: format!("{}:{}", address.host, address.port),
            base_path: address.base_path,
            authorization: format!("Basic {secret}"),
            username: self.username.clone(),
        })
    }

    #[cfg(feature = "tls")]
    fn tls(&self, host: &str) -> Result<crate::config::Tls> {
        crate::config::Tls::new(host, self.authorities.as_deref())
    }

    #[cfg(not(feature = "tls"))]
    fn tls(&self, _host: &str) -> Result<crate::config::Tls> {
        let why = "for https, enable the feature `tls` of ari-client";
        Err(refused(&self.url, why))
    }
}

#[cfg(test)]
mod tests;
