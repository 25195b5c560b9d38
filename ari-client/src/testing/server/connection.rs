//! One HTTP connection: requests in, answers out.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use tokio::net::TcpStream;

use super::{Server, handshake};
use crate::testing::api::{self, Body, Params, Reply, Stop, parse_query, unescape};
use crate::testing::faults::Fault;
use crate::testing::requests::Request;

/// Asterisk reads no larger bodies.
const BODY_LIMIT: usize = 40_960;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("connection closed on purpose")]
struct Dropped;

/// A request, taken apart.
pub(super) struct Seen {
    pub(super) method: String,
    /// Segments behind `/ari`, decoded; `None` for a path elsewhere.
    path: Option<Vec<String>>,
    pub(super) query: Vec<(String, String)>,
    body: Bytes,
    pub(super) http: hyper::Request<()>,
}

pub(super) async fn serve(server: Arc<Server>, stream: TcpStream) {
    let cut = server.connections();
    // Events and answers are small, and a test waits for each.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&server), request));
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // What ends it, the peer, a cut or a wanted drop, is nothing to report.
    let _ = cut.run_until_cancelled(connection).await;
}

async fn answer(
    server: Arc<Server>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Dropped> {
    let (mut seen, too_large) = read(request).await;
    let delay = server.read(|shared| shared.faults.delay);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let fault = server.with(|shared| shared.faults.take(&seen.method, &seen.logged_path()));
    let reply = match &fault {
        Some(Fault::Answer(reply)) => Some(reply.clone()),
        Some(Fault::Drop) => None,
        Some(Fault::DropAnswer) | None if too_large => Some(Reply::message(413, "Request entity too large")),
        Some(Fault::DropAnswer) | None => Some(carry_out(&server, &mut seen).await),
    };
    let reply = reply.filter(|_| !matches!(fault, Some(Fault::DropAnswer)));
    let status = reply.as_ref().map(|reply| reply.status);
    server.with(|shared| shared.requests.push(seen.logged(status)));
    reply.map(render).ok_or(Dropped)
}

async fn read(request: hyper::Request<Incoming>) -> (Seen, bool) {
    let (mut parts, body) = request.into_parts();
    let upgrade = parts.extensions.remove::<hyper::upgrade::OnUpgrade>();
    let collected = Limited::new(body, BODY_LIMIT).collect().await;
    let too_large = collected.is_err();
    let body = collected
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let path = parts.uri.path().strip_prefix("/ari").and_then(|rest| match rest {
        "" | "/" => Some(Vec::new()),
        rest => rest
            .strip_prefix('/')
            .map(|rest| rest.split('/').map(unescape).collect()),
    });
    let query = parse_query(parts.uri.query().unwrap_or_default());
    let method = parts.method.as_str().to_owned();
    let mut http = hyper::Request::from_parts(parts, ());
    if let Some(upgrade) = upgrade {
        http.extensions_mut().insert(upgrade);
    }
    (
        Seen {
            method,
            path,
            query,
            body,
            http,
        },
        too_large,
    )
}

impl Seen {
    fn logged_path(&self) -> String {
        match &self.path {
            Some(path) => format!("/{}", path.join("/")),
            None => self.http.uri().path().to_owned(),
        }
    }

    fn logged(&self, status: Option<u16>) -> Request {
        Request {
            method: self.method.clone(),
            path: self.logged_path(),
            query: self.query.clone(),
            body: serde_json::from_slice(&self.body).ok(),
            status,
            over_socket: false,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.http.headers().get(name)?.to_str().ok()
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The parameters, or the refusal of a body that cannot be read. A body of another type is ignored.
    fn params(&self) -> Result<Params, Reply> {
        let content_type = self.header("content-type").unwrap_or_default();
        let body = match content_type.split(';').next().unwrap_or_default().trim() {
            _ if self.body.is_empty() => Map::new(),
            "application/json" => match serde_json::from_slice(&self.body) {
                Ok(Value::Object(body)) => body,
                Ok(_) => Map::new(),
                Err(_) => return Err(Reply::message(400, "Error parsing request body")),
            },
            _ => Map::new(),
        };
        Ok(Params::new(self.query.clone(), Body(body)))
    }
}

async fn carry_out(server: &Arc<Server>, seen: &mut Seen) -> Reply {
    let Some(path) = seen.path.clone() else {
        return Reply::html(
            404,
            "Not Found",
            "The requested URL was not found on this server.",
        );
    };
    if !handshake::is_authorized(&server.settings, seen) {
        let realm = "Basic realm=\"Asterisk REST Interface\"";
        return Reply::message(401, "Authentication required").header("WWW-Authenticate", realm);
    }
    if seen.method == "GET" && path == ["events"] {
        return handshake::open_socket(server, seen);
    }
    match seen.params() {
        Ok(params) => dispatch(server, &seen.method, &path, &params).await,
        Err(refusal) => refusal,
    }
}

/// Carries out an operation, waiting while the channel concerned is busy.
pub(super) async fn dispatch(server: &Arc<Server>, method: &str, path: &[String], params: &Params) -> Reply {
    let mut changes = server.changes();
    loop {
        changes.mark_unchanged();
        match server.with(|shared| api::dispatch(&mut shared.world, method, path, params)) {
            Ok(reply) | Err(Stop::Refused(reply)) => return reply,
            Err(Stop::Busy) => {
                // The sender lives as long as the server.
                let _ = changes.changed().await;
            }
        }
    }
}

fn render(reply: Reply) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status).unwrap_or_default();
    let always = [
        ("Server", "Asterisk/22.10.1".to_owned()),
        ("Cache-Control", "no-cache, no-store".to_owned()),
    ];
    for (name, value) in reply.headers.into_iter().chain(always) {
        if let (Ok(name), Ok(value)) = (
            hyper::header::HeaderName::from_bytes(name.as_bytes()),
            hyper::header::HeaderValue::from_str(&value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
