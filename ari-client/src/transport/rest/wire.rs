//! The frames of REST over WebSocket: `RESTRequest` and `RESTResponse`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::request::{RawRequest, RawResponse};
use crate::transport::escape;

/// Asterisk closes a socket that brings a longer frame than 65,535 bytes, its header of up to 14 bytes included.
const LONGEST: usize = 65_535 - 14;

const REPLY: &str = "RESTResponse";

#[derive(Serialize)]
struct RestRequest<'r> {
    r#type: &'static str,
    request_id: &'r str,
    method: &'static str,
    /// Relative to `/ari/`: with a slash in front, Asterisk would see an empty first segment.
    uri: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_body: Option<&'r str>,
}

#[derive(Deserialize)]
struct RestResponse<'f> {
    #[serde(borrow)]
    r#type: Cow<'f, str>,
    #[serde(borrow, default)]
    request_id: Cow<'f, str>,
    status_code: u16,
    #[serde(default)]
    message_body: Option<String>,
}

/// Writes the request as a frame's text.
pub(super) fn encode(id: u64, request: &RawRequest) -> Result<String> {
    let target = escape::target("", request);
    let frame = RestRequest {
        r#type: "RESTRequest",
        request_id: &id.to_string(),
        method: request.method.as_str(),
        uri: target.trim_start_matches('/'),
        content_type: request.body.as_ref().map(|_| "application/json"),
        message_body: request.body.as_deref(),
    };
    let text = serde_json::to_string(&frame)
        .map_err(|error| Error::invalid("the request is no valid JSON").with_source(error))?;
    if text.len() > LONGEST {
        let context = format!(
            "{} bytes, and Asterisk takes {LONGEST} at most over the WebSocket",
            text.len()
        );
        return Err(Error::invalid(context));
    }
    Ok(text)
}

/// Reads a frame's text, if it is a reply: the id of its request, where it says one, and the answer.
pub(super) fn decode(frame: &[u8]) -> Option<(Option<u64>, RawResponse)> {
    // Nearly all frames are events, which are only looked through.
    memchr::memmem::find(frame, REPLY.as_bytes())?;
    let reply: RestResponse<'_> = serde_json::from_slice(frame).ok()?;
    if reply.r#type != REPLY {
        return None;
    }
    let body = reply.message_body.unwrap_or_default();
    Some((
        reply.request_id.parse().ok(),
        RawResponse::new(reply.status_code, body),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Method;

    #[test]
    fn a_request_is_written_as_asterisk_reads_it() {
        let request = RawRequest::new("channels.play", Method::Post, ["channels", "a/b", "play"])
            .with_query("media", "sound:a b")
            .with_body(r#"{"x":"\""}"#);
        assert_eq!(
            encode(7, &request).unwrap(),
            r#"{"type":"RESTRequest","request_id":"7","method":"POST","uri":"channels/a%2Fb/play?media=sound%3Aa%20b","content_type":"application/json","message_body":"{\"x\":\"\\\"\"}"}"#
        );
    }

    #[test]
    fn a_request_that_asterisk_would_cut_the_socket_for_is_refused() {
        let long = RawRequest::new("x", Method::Post, ["channels"]).with_body("x".repeat(LONGEST));
        assert!(
            encode(0, &long)
                .unwrap_err()
                .to_string()
                .contains("65521 at most")
        );
    }

    #[test]
    fn only_replies_are_taken_for_replies() {
        let frame =
            br#"{"type":"RESTResponse","request_id":"7","status_code":204,"reason_phrase":"No Content"}"#;
        let (id, reply) = decode(frame).unwrap();
        assert_eq!((id, reply.status, reply.body.len()), (Some(7), 204, 0));
        assert!(
            decode(br#"{"type":"ChannelUserevent","eventname":"RESTResponse","status_code":200}"#).is_none()
        );
        let refusal = br#"{"type":"RESTResponse","request_id":"","status_code":400}"#;
        assert_eq!(decode(refusal).unwrap().0, None);
    }
}
