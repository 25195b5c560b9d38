//! Opens event sockets: the client's half of the handshake.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fastwebsockets::Role;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::header::{
    AUTHORIZATION, CONNECTION, HOST, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE, USER_AGENT,
};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::{Session, accept_key};
use crate::config::{Limits, Server};
use crate::error::{Error, ErrorKind, Result};
use crate::request::{Method, RawRequest, RawResponse};
use crate::transport::{Connector, escape, http};

const OPERATION: &str = "events.eventWebsocket";

/// Opens event sockets for one application.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    pub(crate) server: Server,
    pub(crate) connector: Connector,
    pub(crate) limits: Limits,
    pub(crate) authorization: HeaderValue,
    pub(crate) application: String,
    pub(crate) subscribe_all: bool,
}

impl Dialer {
    /// Connects and shakes hands. When this returns, Asterisk has registered the application.
    ///
    /// # Errors
    /// `NotSent` where there is no connection, `Unauthorized`, `NotAri`, or `Refused` with Asterisk's answer.
    pub(crate) async fn dial(&self) -> Result<Session> {
        match timeout(self.limits.connect, self.handshake()).await {
            Ok(result) => result.map_err(|error| error.with_operation(OPERATION)),
            Err(_) => {
                let context = format!(
                    "{} did not answer within {:?}",
                    self.server.authority, self.limits.connect
                );
                Err(Error::new(ErrorKind::NotSent, context).with_operation(OPERATION))
            }
        }
    }

    async fn handshake(&self) -> Result<Session> {
        let authority = &self.server.authority;
        let stream = self.connector.connect().await.map_err(|source| {
            Error::new(ErrorKind::NotSent, format!("no connection to {authority}")).with_source(source)
        })?;

        let broken = |source: hyper::Error| {
            let context = format!("{authority} did not complete the WebSocket handshake");
            Error::new(ErrorKind::NotSent, context).with_source(source)
        };
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // Ends when the upgrade hands over the socket, or with the socket.
        tokio::spawn(connection.with_upgrades());
        let key = STANDARD.encode(fastrand::u128(..).to_ne_bytes());
        let mut response = sender.send_request(self.request(&key)?).await.map_err(broken)?;
        if response.status() != hyper::StatusCode::SWITCHING_PROTOCOLS {
            return Err(self.refusal(response).await);
        }
        let accept = response
            .headers()
            .get(SEC_WEBSOCKET_ACCEPT)
            .map(HeaderValue::as_bytes);
        if accept != Some(accept_key(&key).as_bytes()) {
            let context =
                format!("{authority} answered the WebSocket handshake with a wrong Sec-WebSocket-Accept");
            return Err(Error::new(ErrorKind::NotAri, context));
        }
        let upgraded = hyper::upgrade::on(&mut response).await.map_err(broken)?;
        Session::new(upgraded, Role::Client, self.limits.message)
    }

    fn request(&self, key: &str) -> Result<hyper::Request<Empty<Bytes>>> {
        let mut target =
            RawRequest::new(OPERATION, Method::Get, ["events"]).with_query("app", &self.application);
        if self.subscribe_all {
            target = target.with_query("subscribeAll", "true");
        }
        hyper::Request::builder()
            .uri(escape::target(&self.server.base_path, &target))
            .header(HOST, &self.server.authority)
            .header(USER_AGENT, http::AGENT)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key)
            .header(SEC_WEBSOCKET_PROTOCOL, "ari")
            .body(Empty::new())
            .map_err(|error| Error::invalid("the application's name makes no valid URL").with_source(error))
    }

    async fn refusal(&self, response: hyper::Response<hyper::body::Incoming>) -> Error {
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), self.limits.message)
            .collect()
            .await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        match RawResponse::new(status, body).success(OPERATION) {
            Err(error) => error,
            Ok(reply) => {
                let context = format!("it answered status {status} where ARI opens a WebSocket");
                Error::new(ErrorKind::NotAri, context).with_reply(status, reply.body)
            }
        }
        .with_server(&self.server)
    }
}
