//! Who may come in, and how a connection becomes an event socket.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest, Sha1};

use super::connection::Seen;
use super::{Server, Settings, socket};
use crate::testing::api::Reply;

/// What RFC 6455 appends to the client's key.
const ACCEPT_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The longest application name that Asterisk accepts.
const NAME_LIMIT: usize = 73;

/// Whether a request carries the right user name and password, in a header or else as `api_key`.
pub(super) fn is_authorized(settings: &Settings, seen: &Seen) -> bool {
    let basic = seen
        .header("authorization")
        .and_then(|value| value.strip_prefix("Basic "));
    let decoded = basic.and_then(|text| BASE64.decode(text.trim()).ok());
    let given = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let given = given
        .or_else(|| seen.param("api_key").map(str::to_owned))
        .unwrap_or_default();
    given.split_once(':') == Some((settings.username.as_str(), settings.password.as_str()))
}

/// Registers the applications and switches protocols.
pub(super) fn open_socket(server: &Arc<Server>, seen: &mut Seen) -> Reply {
    let is_websocket = seen
        .header("upgrade")
        .is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    let Some(key) = seen.header("sec-websocket-key").filter(|_| is_websocket) else {
        return Reply::html(426, "Upgrade Required", "");
    };
    let accept = accept(key);
    let Some(apps) = seen
        .param("app")
        .filter(|apps| !apps.is_empty())
        .map(str::to_owned)
    else {
        return Reply::html(400, "Bad Request", "HTTP request is missing param: [app]");
    };
    let apps: Vec<&str> = apps.split(',').map(str::trim).collect();
    if apps.iter().any(|app| app.is_empty() || app.len() > NAME_LIMIT) {
        return Reply::html(500, "Internal Server Error", "Stasis app registration failed");
    }
    let offered = seen.header("sec-websocket-protocol");
    let speaks_ari = offered.is_none_or(|offer| offer.split(',').any(|protocol| protocol.trim() == "ari"));
    let version = matches!(seen.header("sec-websocket-version"), Some("7" | "8" | "13"));
    if !speaks_ari || !version {
        return Reply::html(400, "Bad Request", "").header("Sec-WebSocket-Version", "7, 8, 13");
    }
    let mut reply = Reply {
        status: 101,
        headers: Vec::new(),
        body: String::new(),
    }
    .header("Upgrade", "websocket")
    .header("Connection", "Upgrade")
    .header("Sec-WebSocket-Accept", accept);
    if offered.is_some() {
        reply = reply.header("Sec-WebSocket-Protocol", "ari");
    }
    let subscribe_all = matches!(
        seen.param("subscribeAll"),
        Some("yes" | "true" | "y" | "t" | "1" | "on")
    );
    // Registered before the answer leaves: what happens in between waits for the socket.
    let opened = server.add_socket(&apps, subscribe_all);
    let upgrade = hyper::upgrade::on(&mut seen.http);
    tokio::spawn(socket::serve(Arc::clone(server), upgrade, opened));
    reply
}

fn accept(key: &str) -> String {
    BASE64.encode(Sha1::digest(format!("{key}{ACCEPT_SUFFIX}")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_accept_key_is_that_of_the_rfc() {
        assert_eq!(
            super::accept("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }
}
