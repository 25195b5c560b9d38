//! Where a URL says that Asterisk's HTTP server is.

use std::net::IpAddr;
use std::num::NonZeroU16;

use hyper::Uri;
use hyper::http::uri::InvalidUri;

use crate::error::{Error, Result};

/// The address of an HTTP server.
pub(super) struct Address {
    /// Whether it is `https`.
    pub(super) secure: bool,
    /// A name or an IP address; one of version 6 stands in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The path of ARI.
    pub(super) base_path: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self> {
        let refuse = |why: &str| refused(url, why);
        let uri: Uri = url
            .parse()
            .map_err(|error: InvalidUri| refuse("not a URL").with_source(error))?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(refuse("it must begin with http:// or https://")),
        };
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
        Ok(Self {
            secure,
            host: authority.host().to_owned(),
            port,
            base_path: base_path(uri.path()),
        })
    }

    /// Whether it is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = |address: IpAddr| address.is_loopback();
        bare.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(is_loopback)
    }
}

/// The error of a URL that cannot be used.
pub(super) fn refused(url: &str, why: &str) -> Error {
    Error::invalid(format!("ARI URL `{}`: {why}", shown(url)))
}

/// A URL for people, without what may be secret: credentials and the query.
pub(super) fn shown(url: &str) -> String {
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
