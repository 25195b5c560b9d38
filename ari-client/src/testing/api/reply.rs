//! Replies.

use serde_json::json;

/// A reply to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// JSON text, or HTML where Asterisk's web server answers instead of ARI.
    pub(crate) body: String,
}

/// Why an operation does not come to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is refused.
    Refused(Reply),
    /// The channel's thread is busy with a playback: to be tried again when something has changed.
    Busy,
}

impl From<Reply> for Stop {
    fn from(reply: Reply) -> Self {
        Self::Refused(reply)
    }
}

impl Reply {
    fn new(status: u16, content_type: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![("Content-type", content_type.to_owned())],
            body,
        }
    }

    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::json(200, body)
    }

    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body.into())
    }

    pub(crate) fn no_content() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// A JSON list of JSON texts.
    pub(crate) fn list(items: impl Iterator<Item = String>) -> Self {
        Self::ok(format!("[{}]", items.collect::<Vec<_>>().join(",")))
    }

    /// Asterisk's usual refusal.
    pub(crate) fn message(status: u16, text: impl Into<String>) -> Self {
        Self::json(status, json!({ "message": text.into() }).to_string())
    }

    /// What Asterisk says where an endpoint cannot be reached.
    pub(crate) fn allocation_failed() -> Self {
        Self::json(500, r#"{"error":"Allocation failed"}"#)
    }

    /// A page of the web server.
    pub(crate) fn html(status: u16, title: &str, text: &str) -> Self {
        let page = format!(
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n<html><head>\r\n<title>{status} {title}</title>\r\n\
             </head><body>\r\n<h1>{title}</h1>\r\n<p>{text}</p>\r\n</body></html>\r\n"
        );
        Self::new(status, "text/html", page)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
