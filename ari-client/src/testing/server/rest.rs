//! Requests that come over an event socket.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Server, connection};
use crate::testing::api::{Body, Params, Reply, parse_query, unescape};
use crate::testing::faults::Fault;
use crate::testing::requests::Request;
use crate::testing::world::{ASTERISK_ID, json, timestamp};

#[derive(Default, Deserialize)]
#[serde(default)]
struct RestRequest {
    transaction_id: String,
    request_id: String,
    method: String,
    uri: String,
    query_strings: Vec<Pair>,
    message_body: String,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

/// Carries out the request in a text frame; the answer is a text frame, too.
///
/// Nothing comes back where a fault swallows the answer.
pub(super) async fn answer(server: &Arc<Server>, application: &str, frame: &[u8]) -> Option<String> {
    let Ok(request) = serde_json::from_slice::<RestRequest>(frame) else {
        let reply = Reply {
            status: 400,
            headers: Vec::new(),
            body: String::new(),
        };
        return Some(response(
            &RestRequest::default(),
            &reply,
            application,
            "Failed to parse request message JSON",
        ));
    };
    let (path, query) = request.uri.split_once('?').unwrap_or((&request.uri, ""));
    let path: Vec<String> = path.split('/').map(unescape).collect();
    let mut query = parse_query(query);
    query.extend(
        request
            .query_strings
            .iter()
            .map(|pair| (pair.name.clone(), pair.value.clone())),
    );
    let body = serde_json::from_str::<Value>(&request.message_body).ok();
    let logged_path = format!("/{}", path.join("/"));
    let delay = server.read(|shared| shared.faults.delay);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let reply = match server.with(|shared| shared.faults.take(&request.method, &logged_path)) {
        Some(Fault::Answer(reply)) => Some(reply),
        Some(Fault::Drop) => None,
        fault => {
            let fields = body
                .as_ref()
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_else(Map::new);
            let params = Params::new(query.clone(), Body(fields));
            let reply = connection::dispatch(server, &request.method, &path, &params).await;
            Some(reply).filter(|_| fault.is_none())
        }
    };
    let status = reply.as_ref().map(|reply| reply.status);
    let log = Request {
        method: request.method.clone(),
        path: logged_path,
        query,
        body,
        status,
        over_socket: true,
    };
    server.with(|shared| shared.requests.push(log));
    reply.map(|reply| response(&request, &reply, application, reason(reply.status)))
}

fn reason(status: u16) -> &'static str {
    hyper::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
}

fn response(request: &RestRequest, reply: &Reply, application: &str, reason: &str) -> String {
    let uri = request.uri.split('?').next().unwrap_or_default();
    let content = match reply.body.as_str() {
        "" => String::new(),
        body => format!(
            "\"content_type\":\"application/json\",\"message_body\":{},",
            json(body)
        ),
    };
    format!(
        "{{\"type\":\"RESTResponse\",\"transaction_id\":{},\"request_id\":{},\"status_code\":{},\
         \"reason_phrase\":{},\"uri\":{},{content}\"application\":{},\"timestamp\":\"{}\",\
         \"asterisk_id\":\"{ASTERISK_ID}\"}}",
        json(&request.transaction_id),
        json(&request.request_id),
        reply.status,
        json(reason),
        json(uri),
        json(application),
        timestamp(),
    )
}
