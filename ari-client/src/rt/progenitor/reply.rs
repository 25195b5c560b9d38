//! What comes back.

use std::fmt;
use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::Error as AriError;
use crate::request::excerpt;

/// An HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode(u16);

impl StatusCode {
    /// The number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        self.0
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An answer, not decoded yet.
#[derive(Debug)]
pub struct Response {
    status: StatusCode,
    body: Bytes,
    /// What our client makes of it, if it is a refusal.
    refusal: Option<Arc<AriError>>,
}

impl Response {
    pub(super) fn new(status: u16, body: Bytes) -> Self {
        Self {
            status: StatusCode(status),
            body,
            refusal: None,
        }
    }

    /// The response that `error` was made of, if it is ARI's own word; a page of the web server is not.
    pub(super) fn refusal(error: AriError) -> Result<Self, AriError> {
        match (error.status(), error.body()) {
            (Some(status), Some(body)) if serde_json::from_slice::<Map<String, Value>>(body).is_ok() => {
                let mut response = Self::new(status, body.clone());
                response.refusal = Some(Arc::new(error));
                Ok(response)
            }
            _ => Err(error),
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

/// The bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteStream(Bytes);

impl ByteStream {
    /// The bytes.
    #[must_use]
    pub fn into_inner(self) -> Bytes {
        self.0
    }
}

/// What an answer holds, and its status.
#[derive(Debug, Clone)]
pub struct ResponseValue<T> {
    inner: T,
    status: StatusCode,
    refusal: Option<Arc<AriError>>,
}

impl<T> ResponseValue<T> {
    /// What the answer holds.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl<T: DeserializeOwned> ResponseValue<T> {
    /// Decodes a JSON answer.
    pub fn from_response<E>(response: Response) -> Ready<Result<Self, Error<E>>> {
        let inner = serde_json::from_slice(&response.body);
        ready(match inner {
            Ok(inner) => Ok(Self {
                inner,
                status: response.status,
                refusal: response.refusal,
            }),
            Err(error) => Err(Error::InvalidResponsePayload(response.body, error)),
        })
    }
}

impl ResponseValue<()> {
    /// An answer without content.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "generated code gives it away")]
    pub fn empty(response: Response) -> Self {
        Self {
            inner: (),
            status: response.status,
            refusal: response.refusal,
        }
    }
}

impl ResponseValue<ByteStream> {
    /// An answer that is a file.
    #[must_use]
    pub fn stream(response: Response) -> Self {
        Self {
            inner: ByteStream(response.body),
            status: response.status,
            refusal: response.refusal,
        }
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

/// Why an operation did not succeed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error<E = ()> {
    /// An argument is missing or of the wrong type; nothing was sent.
    InvalidRequest(String),
    /// The request could not be sent, there was no answer, or it was not ARI's.
    CommunicationError(AriError),
    /// Asterisk refused.
    ErrorResponse(ResponseValue<E>),
    /// A success whose content does not decode.
    InvalidResponsePayload(Bytes, serde_json::Error),
    /// An answer that the OpenAPI document does not describe.
    UnexpectedResponse(Response),
}

impl<E> Error<E> {
    /// The status, where there was an answer that could be read.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::InvalidRequest(_) | Self::InvalidResponsePayload(..) => None,
            Self::CommunicationError(error) => error.status().map(StatusCode),
            Self::ErrorResponse(response) => Some(response.status),
            Self::UnexpectedResponse(response) => Some(response.status),
        }
    }

    /// The error that our client makes of the answer, or of the lack of one: it knows the operation, and what a refusal
    /// means, such as [`is_gone`](AriError::is_gone).
    pub fn ari(&self) -> Option<&AriError> {
        match self {
            Self::InvalidRequest(_) | Self::InvalidResponsePayload(..) => None,
            Self::CommunicationError(error) => Some(error),
            Self::ErrorResponse(response) => response.refusal.as_deref(),
            Self::UnexpectedResponse(response) => response.refusal.as_deref(),
        }
    }
}

impl<E> From<AriError> for Error<E> {
    fn from(error: AriError) -> Self {
        Self::CommunicationError(error)
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.ari() {
            return error.fmt(f);
        }
        match self {
            Self::InvalidRequest(problem) => f.write_str(problem),
            Self::CommunicationError(error) => error.fmt(f),
            Self::ErrorResponse(response) => write!(f, "refused (status {})", response.status),
            Self::InvalidResponsePayload(body, _) => {
                write!(
                    f,
                    "the reply is not what the operation returns: {}",
                    excerpt(body)
                )
            }
            Self::UnexpectedResponse(response) => write!(f, "unexpected status {}", response.status),
        }
    }
}

impl<E: fmt::Debug> std::error::Error for Error<E> {
    /// Where the text is that of our client's error, so is the source.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::InvalidResponsePayload(_, error) => Some(error),
            _ => self.ari().and_then(std::error::Error::source),
        }
    }
}
