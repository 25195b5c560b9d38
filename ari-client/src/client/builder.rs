//! Settings of a client, and their check.

use std::fmt;
use std::num::NonZeroU16;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;

use super::Ari;
use super::environment::{flag, optional, variable};
use super::peers::Base;
use crate::config::{Limits, Server};
use crate::error::{Error, Result};

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

/// What carries requests to Asterisk; see [`AriBuilder::rest_over`].
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

    /// Sets how long a connection may take to come up. 5 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect = timeout;
        self
    }

    /// Sets how long a request may take, repeats included. 10 s by default. Those that wait for a channel have
    /// a [deadline of their own](Self::waiting_timeout), and [`Ari::within`] gives one to single requests.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.limits.request = timeout;
        self
    }

    /// Sets how long a request may take that Asterisk answers only when the channel has ended what occupies it: to add a
    /// channel to a bridge during a playback takes as long as the playback. 30 s by default.
    ///
    /// These are ARI's `answer`, `setChannelVar`, `setChannelVars`, `addChannel`, `removeChannel` and `setVideoSource`.
    /// What loads modules and what brings files has the same deadline.
    pub fn waiting_timeout(mut self, timeout: Duration) -> Self {
        self.limits.waiting = timeout;
        self
    }

    /// Sets how many requests may be under way at once; more wait their turn. 80 by default: Asterisk closes
    /// connections above its `sessionlimit`, 100 by default, without a word.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections.max(1);
        self
    }

    /// Sets the longest event or reply that is accepted, in bytes. 16 MiB by default.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.limits.message = bytes;
        self
    }

    /// Sets how many bytes of unread events all calls and subscriptions of this client hold together. 256 MiB by default.
    /// Above that each may hold 8 KiB: who does not read loses chatter, and then the call.
    pub fn max_unread(mut self, bytes: usize) -> Self {
        self.limits.mailboxes = bytes;
        self
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
        let refuse = |why: &str| Error::invalid(format!("ARI URL `{}`: {why}", shown(&self.url)));
        let uri: Uri = self
            .url
            .parse()
            .map_err(|error: hyper::http::uri::InvalidUri| refuse("not a URL").with_source(error))?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(refuse("it must begin with http:// or https://")),
        };
        if !secure && self.authorities.is_some() {
            return Err(refuse(
                "certificate authorities (ARI_CA_FILE) are of use for https only",
            ));
        }
        if uri.query().is_some() {
            return Err(refuse("it must not have a query"));
        }
        let authority = uri.authority().ok_or_else(|| refuse("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse(
                "credentials belong in ARI_USERNAME and ARI_PASSWORD, not in the URL",
            ));
        }
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some(colon_port) if !colon_port.is_empty() => colon_port
                .trim_start_matches(':')
                .parse::<NonZeroU16>()
                .map_err(|_| refuse("its port is not a number from 1 to 65535"))?
                .get(),
            _ if secure => 443,
            _ => 80,
        };
        if !secure && !self.allow_cleartext && !is_loopback(authority.host()) {
            return Err(refuse(
                "http would send the password as clear text to another machine; allow it with `allow_cleartext` or ARI_ALLOW_CLEARTEXT=1",
            ));
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
            authority: format!("{}:{port}", authority.host()),
            base_path: base_path(uri.path()),
            authorization: format!("Basic {secret}"),
            username: self.username.clone(),
            tls: secure.then(|| self.tls(authority.host())).transpose()?,
        })
    }

    #[cfg(feature = "tls")]
    fn tls(&self, host: &str) -> Result<crate::config::Tls> {
        crate::config::Tls::new(host, self.authorities.as_deref())
    }

    #[cfg(not(feature = "tls"))]
    fn tls(&self, _host: &str) -> Result<crate::config::Tls> {
        let context = format!(
            "ARI URL `{}`: for https, enable the feature `tls` of ari-client",
            shown(&self.url)
        );
        Err(Error::invalid(context))
    }
}

impl RestOver {
    fn from_name(name: &str) -> Result<Self> {
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

/// A URL for people, without what may be secret: credentials and the query.
fn shown(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let (place, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
    let place = match place.rsplit_once('@') {
        // Which of it is a password cannot be known.
        _ if query.contains('@') => "…",
        Some((_, host)) => host,
        None => place,
    };
    format!("{scheme}{place}")
}

/// ARI's path: the URL may name the server, a prefix (`prefix` in `http.conf`), or the whole path.
fn base_path(path: &str) -> String {
    let prefix = path.trim_end_matches('/');
    let prefix = prefix.strip_suffix("/ari").unwrap_or(prefix);
    format!("{prefix}/ari")
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Result<Server> {
        AriBuilder::new(url.into()).credentials("ari", "s3cret").server()
    }

    #[test]
    fn the_url_may_name_server_prefix_or_path() {
        for (url, path) in [
            ("http://127.0.0.1:8088", "/ari"),
            ("http://127.0.0.1:8088/", "/ari"),
            ("http://localhost:8088/ari/", "/ari"),
            ("http://[::1]:8088/pbx", "/pbx/ari"),
        ] {
            assert_eq!(server(url).unwrap().base_path, path, "{url}");
        }
    }

    #[test]
    fn unusable_urls_are_named() {
        for (url, why) in [
            ("", "not a URL"),
            ("127.0.0.1:8088", "must begin with http://"),
            ("ws://127.0.0.1:8088", "must begin with http://"),
            #[cfg(not(feature = "tls"))]
            ("https://127.0.0.1:8088", "feature `tls`"),
            ("http://127.0.0.1:99999", "port"),
            ("http://127.0.0.1:80x", "port"),
            ("http://127.0.0.1:0", "port"),
            ("http://127.0.0.1:", "port"),
            ("http://[::1]:65536", "port"),
            ("http://pbx.example.org:8088", "clear text"),
        ] {
            let error = server(url).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(url), "{url}: {error}");
        }
    }

    #[test]
    fn secrets_in_unusable_urls_are_not_printed() {
        for (url, shown, why) in [
            (
                "http://u:s3cret@pbx:8088/x",
                "`http://pbx:8088/x`",
                "not in the URL",
            ),
            ("http://pbx:8088/?api_key=u:s3cret", "`http://pbx:8088/`", "query"),
            ("http://u:s3/cret@pbx", "`http://pbx`", "port"),
            ("http://u:s3@cret@pbx", "`http://pbx`", "not"),
            ("http://u:s3?cret@pbx", "`http://…`", "query"),
            ("http://pbx?api_key=u:s3cre@t", "`http://…`", "query"),
            ("http://u:s3 cret@pbx", "`http://pbx`", "not a URL"),
            ("u:s3cret@pbx", "`pbx`", "http://"),
        ] {
            let builder = AriBuilder::new(url.into()).credentials("ari", "pass");
            let error = builder.server().unwrap_err().to_string();
            assert!(error.contains(shown) && error.contains(why), "{url}: {error}");
            let printed = format!("{error} {builder:?}");
            assert!(!printed.contains("s3") && !printed.contains("cret"), "{printed}");
        }
    }

    #[test]
    fn certificate_authorities_that_nobody_would_ask_are_refused() {
        let builder = AriBuilder::new("http://127.0.0.1:8088".into()).credentials("ari", "s3cret");
        let error = builder.certificate_authorities("PEM").build().unwrap_err();
        assert!(error.to_string().contains("for https only"), "{error}");
    }

    #[cfg(feature = "tls")]
    #[test]
    fn https_has_its_own_port_and_may_go_anywhere() {
        let authority = rcgen::generate_simple_self_signed(["pbx.example.org".to_owned()]).unwrap();
        let builder = AriBuilder::new("https://pbx.example.org".into()).credentials("ari", "s3cret");
        let server = builder
            .clone()
            .certificate_authorities(authority.cert.pem())
            .server()
            .unwrap();
        assert_eq!(server.authority, "pbx.example.org:443");
        assert_eq!(server.to_string(), "https://pbx.example.org:443/ari");
        let error = builder.certificate_authorities("none").server().unwrap_err();
        assert!(error.to_string().contains("no certificate"), "{error}");
    }

    #[test]
    fn the_password_is_not_printed() {
        let builder = AriBuilder::new("http://127.0.0.1:8088".into()).credentials("ari", "s3cret");
        let printed = format!("{builder:?} {:?}", builder.server().unwrap());
        assert!(
            !printed.contains("s3cret") && !printed.contains("Basic"),
            "{printed}"
        );
    }

    #[test]
    fn empty_credentials_are_refused() {
        let error = AriBuilder::new("http://127.0.0.1:8088".into())
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("must not be empty"), "{error}");
    }
}
