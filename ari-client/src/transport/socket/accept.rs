//! Takes in event sockets: the server's half of the handshake, where Asterisk dials us.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fastwebsockets::Role;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    ALLOW, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE, WWW_AUTHENTICATE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Session, accept_key};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Stream;
#[cfg(feature = "tls")]
use crate::transport::tls;

/// How many bytes the head of a request may have.
const HEAD: usize = 16 * 1024;

const PROTOCOL: &str = "ari";

/// Who may come in, and how.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Nobody needs one where there are none.
    pub(crate) credentials: Vec<Credentials>,
    /// How long a handshake may take.
    pub(crate) deadline: Duration,
    /// The longest message that is accepted.
    pub(crate) largest: usize,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<tls::Acceptor>,
}

/// The user name and password that an Asterisk shows.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    /// Of what the header carries: comparing digests takes as long whatever is shown.
    digest: [u8; 20],
}

/// Who was let in, or the status that was answered.
type Outcome = std::result::Result<(String, OnUpgrade), StatusCode>;

/// A handshake that was answered with a refusal.
type Refusal = Box<Response<Full<Bytes>>>;

impl Gate {
    /// Shakes hands on a new connection. Returns the user name that was shown and the open socket.
    ///
    /// # Errors
    /// `Refused` where the peer was turned away, with the status that it got; `NotSent` where there was no handshake.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Result<(String, Session)> {
        timeout(self.deadline, self.handshake(stream))
            .await
            .unwrap_or_else(|_| {
                let context = format!("no WebSocket handshake within {:?}", self.deadline);
                Err(Error::new(ErrorKind::NotSent, context))
            })
    }

    async fn handshake(&self, stream: TcpStream) -> Result<(String, Session)> {
        let broken =
            |source: io::Error| Error::new(ErrorKind::NotSent, "no TLS handshake").with_source(source);
        let stream = self.secure(stream).await.map_err(broken)?;
        let seen = Mutex::new(None);
        let service = service_fn(|request| {
            let (reply, outcome) = self.answer(request);
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            std::future::ready(Ok::<_, Infallible>(reply))
        });
        let served = http1::Builder::new()
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await;
        let broken = |source: hyper::Error| {
            Error::new(ErrorKind::NotSent, "no WebSocket handshake").with_source(source)
        };
        match seen.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(Ok((username, upgrade))) => {
                let upgraded = upgrade.await.map_err(broken)?;
                Ok((username, Session::new(upgraded, Role::Server, self.largest)?))
            }
            Some(Err(status)) => {
                let hint = match status {
                    StatusCode::UNAUTHORIZED => {
                        ": another user name or password (websocket_client.conf) than here"
                    }
                    _ => "",
                };
                let context = format!("turned away with status {}{hint}", status.as_u16());
                Err(Error::new(ErrorKind::Refused, context))
            }
            None => {
                served.map_err(broken)?;
                Err(Error::new(
                    ErrorKind::NotSent,
                    "it closed the connection before it asked anything",
                ))
            }
        }
    }

    #[cfg(feature = "tls")]
    async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        match &self.tls {
            Some(tls) => tls.secure(stream).await,
            None => Ok(Stream::Tcp(stream)),
        }
    }

    #[cfg(not(feature = "tls"))]
    #[allow(clippy::unused_async, reason = "as with the feature")]
    async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        Ok(Stream::Tcp(stream))
    }

    /// The reply to a request, and what it means.
    fn answer(&self, mut request: Request<Incoming>) -> (Response<Full<Bytes>>, Outcome) {
        match self.examine(request.method(), request.headers()) {
            Ok((username, key)) => {
                let upgrade = hyper::upgrade::on(&mut request);
                (switch(&key), Ok((username, upgrade)))
            }
            Err(refusal) => {
                let status = refusal.status();
                (*refusal, Err(status))
            }
        }
    }

    /// Checks a request. Returns the user name, and the value of `Sec-WebSocket-Accept`.
    fn examine(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> std::result::Result<(String, String), Refusal> {
        let username = self.username(headers)?;
        if method != Method::GET {
            let why = "an Asterisk opens a WebSocket here, with GET";
            return Err(refuse(StatusCode::METHOD_NOT_ALLOWED, &ALLOW, "GET", why));
        }
        if !lists(headers, &UPGRADE, "websocket") || !lists(headers, &CONNECTION, "upgrade") {
            let why = "an Asterisk opens a WebSocket here (type=outbound_websocket in ari.conf)";
            return Err(refuse(StatusCode::UPGRADE_REQUIRED, &UPGRADE, "websocket", why));
        }
        if headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_none_or(|version| version != "13")
        {
            let why = "only version 13 of the WebSocket protocol is spoken here";
            return Err(refuse(
                StatusCode::UPGRADE_REQUIRED,
                &SEC_WEBSOCKET_VERSION,
                "13",
                why,
            ));
        }
        if !lists(headers, &SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
            let why = "the sub-protocol `ari` is not offered (protocols=ari in websocket_client.conf)";
            return Err(refuse(
                StatusCode::BAD_REQUEST,
                &SEC_WEBSOCKET_PROTOCOL,
                PROTOCOL,
                why,
            ));
        }
        match headers.get(SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok()) {
            Some(key) if !key.is_empty() => Ok((username, accept_key(key))),
            _ => {
                let why = "the header Sec-WebSocket-Key is missing";
                Err(refuse(StatusCode::BAD_REQUEST, &UPGRADE, "websocket", why))
            }
        }
    }

    /// The user name that is shown, if the password is right.
    fn username(&self, headers: &HeaderMap) -> std::result::Result<String, Refusal> {
        if self.credentials.is_empty() {
            return Ok(String::new());
        }
        let shown = headers.get(AUTHORIZATION).map_or(&[][..], HeaderValue::as_bytes);
        let shown = shown.split_at_checked("Basic ".len());
        let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"Basic "));
        let decoded = shown.and_then(|(_, secret)| STANDARD.decode(secret.trim_ascii()).ok());
        let digest: [u8; 20] = Sha1::digest(decoded.unwrap_or_default()).into();
        // All are compared, so that the time does not tell which was near.
        let mut known = None;
        for credentials in &self.credentials {
            if same(&credentials.digest, &digest) {
                known = Some(&credentials.username);
            }
        }
        known.cloned().ok_or_else(|| {
            let why = "user name or password not accepted";
            let realm = r#"Basic realm="ari", charset="UTF-8""#;
            refuse(StatusCode::UNAUTHORIZED, &WWW_AUTHENTICATE, realm, why)
        })
    }
}

impl Credentials {
    pub(crate) fn new(username: String, password: &str) -> Self {
        let digest = Sha1::digest(format!("{username}:{password}")).into();
        Self { username, digest }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Credentials").field(&self.username).finish()
    }
}

/// Compares in the same time whatever differs.
fn same(one: &[u8; 20], other: &[u8; 20]) -> bool {
    let differing = one.iter().zip(other).fold(0, |bits, (a, b)| bits | (a ^ b));
    std::hint::black_box(differing) == 0
}

/// Whether a header that is a list holds `wanted`.
fn lists(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut items = values.flat_map(|value| value.split(','));
    items.any(|item| item.trim().eq_ignore_ascii_case(wanted))
}

fn switch(accept: &str) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = reply.headers_mut();
    // Asterisk accepts no other word beside it.
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    reply
}

/// A refusal with one header and one line that says why.
fn refuse(status: StatusCode, name: &HeaderName, value: &'static str, why: &str) -> Refusal {
    let mut reply = Response::new(Full::from(format!("{why}\n")));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(name, HeaderValue::from_static(value));
    // One try for each connection.
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    Box::new(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        Gate {
            credentials: vec![
                Credentials::new("one".into(), "s3cret"),
                Credentials::new("two".into(), "pa:ss"),
            ],
            ..Gate::default()
        }
    }

    fn headers(changed: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let usual = [
            ("authorization", "Basic b25lOnMzY3JldA=="),
            ("upgrade", "websocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "other, ari"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        for (name, value) in usual.iter().chain(changed) {
            headers.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn an_asterisk_that_shows_its_password_is_let_in_by_its_name() {
        for (shown, name) in [("one:s3cret", "one"), ("two:pa:ss", "two")] {
            let shown = format!("basic {}", STANDARD.encode(shown));
            let (username, accept) = gate()
                .examine(&Method::GET, &headers(&[("authorization", &shown)]))
                .unwrap();
            assert_eq!(username, name);
            assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        }
    }

    #[test]
    fn whoever_is_not_such_an_asterisk_is_told_why() {
        let wrong = STANDARD.encode("one:pa:ss");
        for (header, value, status) in [
            ("authorization", "", 401),
            ("authorization", "Basic", 401),
            ("authorization", "Basic ?", 401),
            ("authorization", "Bearer b25lOnMzY3JldA==", 401),
            ("authorization", &*format!("Basic {wrong}"), 401),
            ("upgrade", "h2c", 426),
            ("connection", "close", 426),
            ("sec-websocket-version", "8", 426),
            ("sec-websocket-protocol", "sip", 400),
            ("sec-websocket-key", "", 400),
        ] {
            let refusal = gate()
                .examine(&Method::GET, &headers(&[(header, value)]))
                .unwrap_err();
            assert_eq!(refusal.status(), status, "{header}: {value}");
        }
        let refusal = gate().examine(&Method::POST, &headers(&[])).unwrap_err();
        assert_eq!(refusal.status(), 405);
        assert_eq!(refusal.headers()[ALLOW], "GET");
    }

    #[test]
    fn nobody_needs_a_password_where_there_is_none() {
        let gate = Gate::default();
        let (username, _) = gate
            .examine(&Method::GET, &headers(&[("authorization", "Basic ?")]))
            .unwrap();
        assert_eq!(username, "");
    }

    #[test]
    fn passwords_are_not_printed() {
        let printed = format!("{:?}", gate());
        assert!(
            printed.contains("one") && !printed.contains("s3cret"),
            "{printed}"
        );
    }
}
