//! The address of a server, and the credentials for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::http::Uri;

use super::environment::{flag, optional};
use crate::cli::Result;

/// The base of the addresses of a server's REST interface.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// With `/ari`, without a slash behind it.
    base: String,
    host: String,
}

impl Address {
    /// Checks `text`, such as `http://127.0.0.1:8088`; a prefix is allowed, `/ari` is not needed.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let Ok(uri) = text.parse::<Uri>() else {
            return Err(format!("{}: not a URL", without_secrets(text)).into());
        };
        let refuse = |why: &str| Err(format!("{}: {why}", without_secrets(text)).into());
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return refuse("TLS is not supported here: use http, or a folder with the files");
            }
            _ => return refuse("it must begin with http://"),
        }
        let Some(authority) = uri.authority() else {
            return refuse("it names no host");
        };
        if authority.as_str().contains('@') {
            return refuse("credentials belong in ARI_USERNAME and ARI_PASSWORD, not in the URL");
        }
        if uri.query().is_some() {
            return refuse("it must not have a query");
        }
        let path = uri.path().trim_end_matches('/');
        let prefix = path.strip_suffix("/ari").unwrap_or(path);
        Ok(Self {
            base: format!("http://{authority}{prefix}/ari"),
            host: authority.host().to_owned(),
        })
    }

    /// The address of `path` below the base.
    pub(super) fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// The header made of `ARI_USERNAME` and `ARI_PASSWORD`, where they are set.
    pub(super) fn authorization(&self) -> Result<Option<String>> {
        let cleartext = flag("ARI_ALLOW_CLEARTEXT")?;
        let (Some(user), Some(password)) = (optional("ARI_USERNAME"), optional("ARI_PASSWORD")) else {
            return Ok(None);
        };
        if !cleartext && !self.is_loopback() {
            let why = "http would send the password as clear text to another machine; allow it with ARI_ALLOW_CLEARTEXT=1";
            return Err(format!("{}: {why}", self.base).into());
        }
        Ok(Some(format!(
            "Basic {}",
            STANDARD.encode(format!("{user}:{password}"))
        )))
    }

    fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = |address: std::net::IpAddr| address.is_loopback();
        self.host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_loopback)
    }
}

/// `text` as it may be printed: without what stands before a host or in a query.
fn without_secrets(text: &str) -> String {
    let text = text.split('?').next().unwrap_or(text);
    match text.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{host}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_kept_and_ari_is_not_needed() {
        for (text, base) in [
            ("http://127.0.0.1:8088", "http://127.0.0.1:8088/ari"),
            ("http://127.0.0.1:8088/", "http://127.0.0.1:8088/ari"),
            ("http://127.0.0.1:8088/ari/", "http://127.0.0.1:8088/ari"),
            ("http://pbx/asterisk/ari", "http://pbx/asterisk/ari"),
            ("http://[::1]:8088/pbx", "http://[::1]:8088/pbx/ari"),
            ("http://pbx/safari", "http://pbx/safari/ari"),
        ] {
            assert_eq!(Address::parse(text).unwrap().base, base, "{text}");
        }
    }

    #[test]
    fn a_password_goes_to_this_machine_unless_allowed() {
        for (text, is_loopback) in [
            ("http://127.0.0.1:8088", true),
            ("http://localhost", true),
            ("http://LocalHost", true),
            ("http://[::1]:8088", true),
            ("http://192.0.2.1", false),
            ("http://localhost.example.org", false),
        ] {
            assert_eq!(Address::parse(text).unwrap().is_loopback(), is_loopback, "{text}");
        }
    }

    #[test]
    fn an_unusable_address_is_named_without_its_secrets() {
        for (text, told) in [
            ("ftp://pbx", "ftp://pbx: it must begin with http://"),
            (
                "https://pbx",
                "https://pbx: TLS is not supported here: use http, or a folder with the files",
            ),
            (
                "http://u:s3cret@pbx:8088",
                "http://pbx:8088: credentials belong in ARI_USERNAME and ARI_PASSWORD, not in the URL",
            ),
            (
                "http://pbx/ari?api_key=u:s3cret",
                "http://pbx/ari: it must not have a query",
            ),
            ("http://u:s3 cret@", "http://: not a URL"),
            ("http:// pbx", "http:// pbx: not a URL"),
        ] {
            assert_eq!(Address::parse(text).unwrap_err().to_string(), told, "{text}");
        }
    }
}
