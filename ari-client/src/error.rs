//! What can go wrong, and what is known about it.

use std::error::Error as StdError;
use std::fmt::{self, Write};

use bytes::Bytes;

/// A library result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this library.
///
/// [`kind`](Error::kind) says what is known about the outcome, [`operation`](Error::operation) which ARI
/// operation failed, and [`source`](StdError::source) what caused it. `Display` is one line without the source.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    context: String,
    operation: Option<&'static str>,
    subject: Option<String>,
    status: Option<u16>,
    body: Option<Bytes>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What is known about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration or an argument cannot be used; nothing was sent.
    Invalid,
    /// The request never left: no connection to Asterisk could be had.
    NotSent,
    /// The request left and no answer came back: Asterisk may or may not have acted on it.
    OutcomeUnknown,
    /// No answer came within the deadline: Asterisk may or may not have acted on the request.
    TimedOut,
    /// Asterisk answered with an error status.
    Refused,
    /// Asterisk has no such operation: it is older than the operation, or a module is not loaded there.
    NotOffered,
    /// Asterisk answered with something that is not what the operation returns; the bytes are kept.
    Undecodable,
    /// User name or password were not accepted (status 401 or 403).
    Unauthorized,
    /// The server is not an ARI server, or ARI is not enabled there.
    NotAri,
    /// The event connection broke.
    Disconnected,
    /// The call is over: the channel was hung up or left the Stasis application.
    CallEnded,
    /// A playback, recording or dialled channel failed, as Asterisk told by an event.
    Failed,
    /// A room has as many members as it may have.
    RoomFull,
    /// The request never left: it would wait for a channel that a playback or a recording occupies, and nothing but the
    /// event socket carries requests, which it would hold up. Stop the playback, or wait for its end.
    WouldBlock,
    /// Another client registered the same application: this one gets no more events for it.
    Replaced,
}

impl Error {
    /// Makes an error of `kind`; `context` is one line that names the thing concerned.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            context: context.into(),
            operation: None,
            subject: None,
            status: None,
            body: None,
            source: None,
        }))
    }

    /// An unusable argument or setting.
    pub(crate) fn invalid(context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, context)
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Whether the error's own words hold these: those of Asterisk where it answered.
    pub(crate) fn told(&self, words: &str) -> bool {
        self.0.context.contains(words)
    }

    /// Says since which versions the operation is there, where that is why it failed.
    pub(crate) fn with_since(mut self, versions: &[&str]) -> Self {
        if self.is_not_offered() && !versions.is_empty() {
            let versions = versions.join(", ");
            self.0.context += &format!("; it is there since Asterisk {versions}, where its module is loaded");
        }
        self
    }

    /// Names the object that the request was about.
    pub(crate) fn with_subject(mut self, subject: Option<String>) -> Self {
        self.0.subject = subject;
        self
    }

    /// Names the server, where the error is about who it is or who we are there.
    pub(crate) fn with_server(mut self, server: impl fmt::Display) -> Self {
        if matches!(self.0.kind, ErrorKind::Unauthorized | ErrorKind::NotAri) {
            self.0.context = format!("{server}: {}", self.0.context);
        }
        self
    }

    pub(crate) fn with_reply(mut self, status: u16, body: Bytes) -> Self {
        self.0.status = Some(status);
        self.0.body = Some(body);
        self
    }

    /// What is known about the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The ARI operation that failed, such as `channels.answer`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status that Asterisk answered with.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The body of Asterisk's answer, as it came.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// Whether the object concerned is gone or no longer in the application: a 404, or one of the statuses that
    /// Asterisk uses for a channel that is gone (400 from bridge operations) or has left Stasis (409 from channel
    /// operations, 422 from bridge operations), or a call that ended.
    ///
    /// Such an error is the ordinary end of a race with a hangup.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        if self.0.kind == ErrorKind::CallEnded {
            return true;
        }
        if matches!(self.0.kind, ErrorKind::NotAri | ErrorKind::NotOffered) {
            return false;
        }
        match self.0.status {
            Some(404) => true,
            // How bridge operations tell of a channel that is gone.
            Some(400) => self.told("Channel not found"),
            Some(409 | 422) => self.told("not in Stasis"),
            _ => false,
        }
    }

    /// Whether this Asterisk has no such operation: it is older than the operation, or a module is not loaded there.
    ///
    /// The error says since which versions the operation is there. Other objects, and another attempt, change nothing.
    #[must_use]
    pub fn is_not_offered(&self) -> bool {
        self.0.kind == ErrorKind::NotOffered
    }

    /// Whether the request certainly had no effect: it never left, or it was refused.
    pub(crate) fn is_without_effect(&self) -> bool {
        !matches!(
            self.0.kind,
            ErrorKind::OutcomeUnknown | ErrorKind::TimedOut | ErrorKind::Undecodable
        )
    }

    /// Whether Asterisk, as far as is known, has not judged the request: it did not get it, was not there, did not know
    /// us, or its word was lost. It may do so another time.
    pub(crate) fn is_unheard(&self) -> bool {
        match self.0.kind {
            ErrorKind::NotSent
            | ErrorKind::OutcomeUnknown
            | ErrorKind::TimedOut
            | ErrorKind::Unauthorized
            | ErrorKind::NotAri
            | ErrorKind::Disconnected => true,
            // Not booted yet; the others are words of something between us and Asterisk.
            ErrorKind::Refused => matches!(self.0.status, Some(502..=504)),
            _ => false,
        }
    }

    /// Whether sending the same request again is safe and may help: it never left, or Asterisk said that it is not
    /// ready yet (503).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.kind == ErrorKind::NotSent || self.0.status == Some(503)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}")?;
            if let Some(subject) = &self.0.subject {
                write!(f, " {}", Line(subject))?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}", Line(&self.0.context))?;
        match self.0.status {
            Some(status) => write!(f, " (status {status})"),
            None => Ok(()),
        }
    }
}

/// Text of another's, which may hold anything, on one line.
struct Line<'t>(&'t str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if letter.is_control() {
                write!(f, "{}", letter.escape_default())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status)
            .field("context", &self.0.context)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// Why an application gave up on a call, or a program on its work: any error at all.
///
/// `?` turns every error type into it: to return a library result as the last word, write `Ok(call.hang_up().await?)`.
/// It prints as one line with all its causes, also when `main` returns it.
pub struct Failure(Box<dyn StdError + Send + Sync>);

impl Failure {
    /// The error inside, if it is an error of this library, or came of one.
    #[must_use]
    pub fn ari(&self) -> Option<&Error> {
        let first: &(dyn StdError + 'static) = &*self.0;
        std::iter::successors(Some(first), |&error| error.source()).find_map(|error| error.downcast_ref())
    }

    /// Says what failed.
    pub(crate) fn about(self, what: String) -> Self {
        Self(Box::new(About { what, source: self.0 }))
    }
}

/// A failure with what failed.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct About {
    what: String,
    source: Box<dyn StdError + Send + Sync>,
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails() -> std::result::Result<(), Failure> {
        let cause = std::io::Error::other("connection reset");
        Err(Error::new(ErrorKind::NotSent, "no connection to 127.0.0.1:8088").with_source(cause))?;
        Ok(())
    }

    #[test]
    fn a_failure_prints_as_one_line_with_its_causes() {
        let failure = fails().unwrap_err();
        assert_eq!(
            format!("{failure:?}"),
            "no connection to 127.0.0.1:8088: connection reset"
        );
        assert_eq!(failure.ari().unwrap().kind(), ErrorKind::NotSent);
    }

    #[test]
    fn an_error_is_one_line_whatever_asterisk_and_the_caller_say() {
        let error = Error::new(ErrorKind::Refused, "Channel\nnot\u{1b}found")
            .with_operation("channels.get")
            .with_subject(Some("a\rb é".to_owned()));
        assert_eq!(error.to_string(), r"channels.get a\rb é: Channel\nnot\u{1b}found");
    }

    #[test]
    fn a_channel_that_left_stasis_is_gone_and_a_name_clash_is_not() {
        let refused = |status, text: &str| {
            Error::new(ErrorKind::Refused, text).with_reply(status, Bytes::from_static(b"{}"))
        };
        assert!(refused(404, "Channel not found").is_gone());
        assert!(refused(409, "Channel not in Stasis application").is_gone());
        assert!(refused(400, "Channel not found").is_gone());
        assert!(!refused(409, "Bridge with the same ID exists").is_gone());
    }
}
