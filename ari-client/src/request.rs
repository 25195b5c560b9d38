//! Requests as data: what an operation asks for, before any transport sends it.

mod facts;

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::id::ObjectKind;

/// An HTTP method that ARI uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request in plain values; a transport escapes and sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawRequest {
    /// The operation's name, such as `channels.originate`; it appears in errors and logs.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below `/ari`, one unescaped segment each; none is empty.
    pub path: Vec<Cow<'static, str>>,
    /// The query, unescaped names and values.
    pub query: Vec<(Cow<'static, str>, String)>,
    /// The body, a JSON text.
    pub body: Option<String>,
    /// The objects that the request makes, by the ids it gives them.
    pub creates: Vec<(ObjectKind, String)>,
}

impl RawRequest {
    /// A request without query or body. `path` is below `/ari`, such as `["channels", id, "answer"]`.
    pub fn new<S>(operation: &'static str, method: Method, path: impl IntoIterator<Item = S>) -> Self
    where
        S: Into<Cow<'static, str>>,
    {
        Self {
            operation,
            method,
            path: path.into_iter().map(Into::into).collect(),
            query: Vec::new(),
            body: None,
            creates: Vec::new(),
        }
    }

    /// The object that the request is about, for error messages: the endpoint that is dialled, or what the path names.
    pub(crate) fn subject(&self) -> Option<String> {
        let endpoint = self.given("endpoint").map(Cow::into_owned);
        let named = || {
            self.path
                .get(1..)
                .filter(|rest| !rest.is_empty())
                .map(|rest| rest.join("/"))
        };
        endpoint.or_else(named)
    }

    /// Refuses what Asterisk would take for another request: it stops at an empty segment, and at a NUL.
    pub(crate) fn check(&self) -> Result<()> {
        let problem = if self.path.iter().any(|segment| segment.is_empty()) {
            "a segment of the path is empty"
        } else if self.texts().any(|text| text.contains('\0')) {
            "the path or the query holds a NUL character"
        } else {
            return Ok(());
        };
        Err(Error::invalid(problem).with_operation(self.operation))
    }

    /// All of the path and the query.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let query = self.query.iter();
        let query = query.flat_map(|(name, value)| [&**name, value.as_str()]);
        self.path.iter().map(|segment| &**segment).chain(query)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with_query(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets the body, a JSON text.
    #[must_use]
    pub fn with_body(mut self, json: impl Into<String>) -> Self {
        self.body = Some(json.into());
        self
    }
}

/// Asterisk's answer to a request, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came; empty where there was none.
    pub body: Bytes,
}

impl RawResponse {
    /// An answer with this status and body.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
        }
    }

    /// The answer itself if its status is a success, else the error that it tells of.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`] for 401 and 403, [`ErrorKind::NotAri`] for a 404 that is not JSON,
    /// [`ErrorKind::NotOffered`] for an operation that this Asterisk does not have, [`ErrorKind::Refused`] for the rest,
    /// with Asterisk's message.
    pub fn success(self, operation: &'static str) -> Result<Self> {
        match self.status {
            200..=299 => Ok(self),
            status => {
                let (kind, context) = refusal(status, &self.body);
                Err(Error::new(kind, context)
                    .with_operation(operation)
                    .with_reply(status, self.body))
            }
        }
    }

    /// Decodes the JSON body.
    ///
    /// # Errors
    /// [`ErrorKind::Undecodable`], with the bytes kept in [`Error::body`].
    pub fn json<T: DeserializeOwned>(self, operation: &'static str) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let context = format!(
                "the reply is not what the operation returns: {}",
                excerpt(&self.body)
            );
            Error::new(ErrorKind::Undecodable, context)
                .with_operation(operation)
                .with_source(error)
                .with_reply(self.status, self.body)
        })
    }
}

/// Asterisk reports errors as `{"message": ..}`, `{"error": ..}`, or (its web server, before ARI) an HTML page.
fn refusal(status: u16, body: &[u8]) -> (ErrorKind, String) {
    #[derive(serde::Deserialize)]
    struct Message {
        #[serde(alias = "error")]
        message: String,
    }
    let told = serde_json::from_slice::<Message>(body).map(|reply| reply.message);
    match (status, told) {
        (401, _) => (
            ErrorKind::Unauthorized,
            "user name or password not accepted".into(),
        ),
        (403, told) => {
            let told = told.unwrap_or_else(|_| excerpt(body));
            (
                ErrorKind::Unauthorized,
                format!("the user may not do this: {told}"),
            )
        }
        (404, Err(_)) => (
            ErrorKind::NotAri,
            "no ARI at this address (wrong URL prefix, or ARI is not enabled)".into(),
        ),
        (status, Ok(told)) if is_unknown_route(status, &told) => (
            ErrorKind::NotOffered,
            format!("this Asterisk does not offer the operation: {told}"),
        ),
        (_, Ok(told)) => (ErrorKind::Refused, told),
        (_, Err(_)) => (ErrorKind::Refused, format!("no reason given: {}", excerpt(body))),
    }
}

/// How Asterisk's router, and nothing else there, tells of a path or a method that it does not know; and how an
/// operation tells of a module that it lacks.
fn is_unknown_route(status: u16, told: &str) -> bool {
    matches!(
        (status, told),
        (404, "Resource not found") | (405, "Invalid method") | (501, _)
    )
}

/// The beginning of a body, on one line.
pub(crate) fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 80;
    if body.is_empty() {
        return "empty body".into();
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * LONGEST)]);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}

/// One ARI operation with its arguments: encodes to a [`RawRequest`], decodes the answer.
pub trait Operation: Sized {
    /// What a successful answer holds.
    type Output;

    /// The operation's name: resource and nickname of ARI's specification, such as `channels.originate`.
    const NAME: &'static str;

    /// The versions of Asterisk that brought the operation, one for each branch, where that is known.
    const SINCE: &'static [&'static str] = &[];

    /// Encodes the operation. Objects that it creates get an id of the client's where none was given.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] where a value cannot be sent, such as an empty id.
    fn into_request(self) -> Result<RawRequest>;

    /// Decodes a successful answer.
    ///
    /// # Errors
    /// [`ErrorKind::Undecodable`].
    fn decode(response: RawResponse) -> Result<Self::Output>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &'static str) -> Error {
        RawResponse::new(status, body)
            .success("channels.get")
            .unwrap_err()
    }

    #[test]
    fn all_three_error_shapes_are_told_apart() {
        let refused = error(409, r#"{"message":"Channel not in Stasis application"}"#);
        assert_eq!(
            refused.to_string(),
            "channels.get: Channel not in Stasis application (status 409)"
        );
        assert_eq!(
            error(500, r#"{"error":"Allocation failed"}"#).kind(),
            ErrorKind::Refused
        );
        let html = error(404, "<html><head>\n<title>404 Not Found</title>");
        assert_eq!(html.kind(), ErrorKind::NotAri);
        assert_eq!(
            error(401, r#"{"message":"Authentication required"}"#).kind(),
            ErrorKind::Unauthorized
        );
    }

    #[test]
    fn an_operation_that_is_not_there_is_told_from_an_object_that_is_not_there() {
        for (status, body) in [
            (404, r#"{"message":"Resource not found"}"#),
            (405, r#"{"message":"Invalid method"}"#),
            (501, r#"{"message":"Not implemented"}"#),
        ] {
            let error = error(status, body);
            assert!(error.is_not_offered() && !error.is_gone(), "{error}");
        }
        for (status, body) in [
            (404, r#"{"message":"Channel not found"}"#),
            (404, "<html>"),
            (409, r#"{"message":"Resource not found"}"#),
        ] {
            assert!(!error(status, body).is_not_offered(), "{body}");
        }
    }

    #[test]
    fn a_raw_request_that_asterisk_would_take_for_another_is_refused() {
        let raw = |id: &'static str| RawRequest::new("channels.play", Method::Post, ["channels", id, "play"]);
        assert!(raw("a").with_query("media", "sound:a").check().is_ok());
        assert_eq!(
            raw("").check().unwrap_err().to_string(),
            "channels.play: a segment of the path is empty"
        );
        for nul in [
            raw("a\0"),
            raw("a").with_query("\0", ""),
            raw("a").with_query("media", "\0"),
        ] {
            assert_eq!(
                nul.check().unwrap_err().to_string(),
                "channels.play: the path or the query holds a NUL character"
            );
        }
    }

    #[test]
    fn an_operation_that_is_not_there_is_told_with_its_versions() {
        let missing = || error(404, r#"{"message":"Resource not found"}"#);
        assert_eq!(
            missing().with_since(&["20.13.0", "22.3.0"]).to_string(),
            "channels.get: this Asterisk does not offer the operation: Resource not found; it is there since Asterisk \
             20.13.0, 22.3.0, where its module is loaded (status 404)"
        );
        assert_eq!(
            missing().with_since(&[]).to_string(),
            "channels.get: this Asterisk does not offer the operation: Resource not found (status 404)"
        );
        let gone = error(404, r#"{"message":"Channel not found"}"#).with_since(&["13.0.0"]);
        assert_eq!(gone.to_string(), "channels.get: Channel not found (status 404)");
    }

    #[test]
    fn an_undecodable_reply_keeps_its_bytes() {
        let reply = RawResponse::new(200, "<html>hello</html>");
        let error = reply.json::<serde_json::Value>("asterisk.getInfo").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecodable);
        assert_eq!(error.body().unwrap().as_ref(), b"<html>hello</html>");
        assert!(error.to_string().contains("<html>hello"), "{error}");
    }
}
