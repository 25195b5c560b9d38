//! REST over HTTP, on hyper's pooled client.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::connector::{Bounded, Connector};
use super::{Reply, Transport, escape, log};
use crate::config::{Limits, Server};
use crate::error::{Error, ErrorKind, Result};
use crate::request::{Method, RawRequest, RawResponse};

/// Asterisk closes a connection that was idle for 15 s; a request must not meet one that is just closing.
const IDLE: Duration = Duration::from_secs(10);

pub(super) const AGENT: &str = concat!("ari-client/", env!("CARGO_PKG_VERSION"));

/// Sends each request over a pooled connection.
#[derive(Debug)]
pub(crate) struct Http {
    server: Server,
    limits: Limits,
    authorization: HeaderValue,
    client: Client<Bounded, Full<Bytes>>,
    slots: Semaphore,
}

impl Http {
    pub(crate) fn new(
        server: Server,
        connector: Connector,
        limits: Limits,
        authorization: HeaderValue,
    ) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(Bounded::new(connector, limits.connections));
        let slots = Semaphore::new(limits.connections);
        Self {
            server,
            limits,
            authorization,
            client,
            slots,
        }
    }

    async fn exchange(&self, request: &RawRequest, patience: Duration) -> Result<RawResponse> {
        let end = Instant::now() + patience;
        let result = match timeout_at(end, self.slots.acquire()).await {
            Ok(Ok(_slot)) => match timeout_at(end, self.answer(request)).await {
                Ok(answer) => answer,
                Err(_) => {
                    let context = format!("no answer within {patience:?}");
                    Err(Error::new(ErrorKind::TimedOut, context))
                }
            },
            Ok(Err(_)) => Err(Error::new(ErrorKind::NotSent, "the client is closed")),
            Err(_) => {
                let context = format!(
                    "{} other requests are waiting for their answers",
                    self.limits.connections
                );
                Err(Error::new(ErrorKind::NotSent, context))
            }
        };
        let result = result.map_err(|error| error.with_operation(request.operation));
        log("http", request, &result);
        result
    }

    async fn answer(&self, request: &RawRequest) -> Result<RawResponse> {
        let reply = self
            .client
            .request(self.encode(request)?)
            .await
            .map_err(|error| {
                let authority = &self.server.authority;
                if error.is_connect() {
                    Error::new(ErrorKind::NotSent, format!("no connection to {authority}")).with_source(error)
                } else {
                    let context = format!("{authority} closed the connection before it answered");
                    Error::new(ErrorKind::OutcomeUnknown, context).with_source(error)
                }
            })?;
        let status = reply.status().as_u16();
        let body = Limited::new(reply.into_body(), self.limits.message)
            .collect()
            .await
            .map_err(|error| self.unread(status, error))?;
        Ok(RawResponse::new(status, body.to_bytes()))
    }

    fn unread(&self, status: u16, error: Box<dyn std::error::Error + Send + Sync>) -> Error {
        if error.is::<LengthLimitError>() {
            // Asked again, it would be no shorter.
            let context = format!(
                "the reply (status {status}) is longer than {} bytes",
                self.limits.message
            );
            return Error::new(ErrorKind::Undecodable, context);
        }
        let context = format!("the reply (status {status}) broke off");
        Error::new(ErrorKind::OutcomeUnknown, context).with_source(error)
    }

    fn encode(&self, request: &RawRequest) -> Result<hyper::Request<Full<Bytes>>> {
        let target = escape::target(&self.server.base_path, request);
        let uri = hyper::Uri::builder()
            .scheme(self.server.scheme())
            .authority(self.server.authority.as_str())
            .path_and_query(target)
            .build()
            .map_err(|error| Error::invalid("the request is no valid URL").with_source(error))?;
        let mut http = hyper::Request::builder()
            .method(method(request.method))
            .uri(uri)
            .header(HOST, &self.server.authority)
            .header(USER_AGENT, AGENT)
            .header(AUTHORIZATION, self.authorization.clone());
        if request.body.is_some() {
            http = http.header(CONTENT_TYPE, "application/json");
        }
        let body = request.body.as_deref().unwrap_or_default();
        let body = Bytes::copy_from_slice(body.as_bytes());
        http.body(Full::new(body))
            .map_err(|error| Error::invalid("the request is no valid HTTP").with_source(error))
    }
}

impl Transport for Http {
    fn execute<'t>(&'t self, request: &'t RawRequest, patience: Duration) -> Reply<'t> {
        Box::pin(self.exchange(request, patience))
    }
}

fn method(method: Method) -> hyper::Method {
    match method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Delete => hyper::Method::DELETE,
    }
}
