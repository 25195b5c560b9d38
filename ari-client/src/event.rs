//! Events: their bytes, their kind, and how they are decoded.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::generated::{EventKind, EventType};

/// An event as it arrived: decoded, with its bytes at hand.
///
/// An event of a type that this version does not know is [`EventKind::Unknown`]; one of a known type that does not
/// decode is [`EventKind::Malformed`]. Both keep their bytes: nothing that arrived ever vanishes.
#[derive(Clone)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    raw: Bytes,
}

impl Event {
    /// Decodes a frame. This cannot fail: see [`EventKind::Unknown`] and [`EventKind::Malformed`].
    #[must_use]
    pub fn decode(raw: Bytes) -> Self {
        let kind = EventKind::from_frame(&raw);
        Self { kind, raw }
    }

    /// Decodes a frame of which the type was seen already.
    pub(crate) fn of_type(event_type: EventType, raw: Bytes) -> Self {
        if event_type == EventType::Unknown {
            // Its name tells an event of an unknown type from what is no event.
            return Self::decode(raw);
        }
        let kind = EventKind::decode(event_type.name(), &raw);
        Self { kind, raw }
    }

    /// The type of the event; [`EventType::Unknown`] also for one without a known type.
    #[must_use]
    pub fn event_type(&self) -> EventType {
        self.kind.event_type()
    }

    /// The frame as it came, a JSON text.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Decodes the frame into a type of your own, such as one that knows fields which these bindings do not.
    ///
    /// # Errors
    /// What `serde_json` says of the mismatch.
    pub fn parse<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.raw)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A frame of a known event type that did not decode, or that is no event at all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// The event type that the frame names; empty where it names none.
    pub type_name: String,
    /// What is wrong with it, and where.
    pub reason: String,
}

impl Malformed {
    pub(crate) fn new(type_name: &str, reason: String) -> Self {
        Self {
            type_name: type_name.to_owned(),
            reason,
        }
    }
}

/// The type of the event that a frame holds.
///
/// # Errors
/// Where the frame is no JSON object with a type.
pub fn type_name(raw: &[u8]) -> serde_json::Result<std::borrow::Cow<'_, str>> {
    /// What Asterisk sends first in most events.
    const PREFIX: &[u8] = br#"{"type":""#;
    #[derive(Deserialize)]
    struct Peek<'a> {
        #[serde(borrow, rename = "type")]
        type_name: std::borrow::Cow<'a, str>,
    }
    // A type name is plain letters, so the next quote ends it. Anything odd takes the long way, on which the whole frame
    // is read: so does a type that nobody will decode it as.
    if let Some(rest) = raw.strip_prefix(PREFIX)
        && let Some(end) = rest.iter().position(|byte| !byte.is_ascii_alphanumeric())
        && rest[end] == b'"'
        && let Ok(name) = std::str::from_utf8(&rest[..end])
        && EventType::from_name(name) != EventType::Unknown
    {
        return Ok(name.into());
    }
    // For want of an object, a struct would be read from an array.
    if !raw.trim_ascii_start().starts_with(b"{") {
        return Err(serde::de::Error::custom("no JSON object"));
    }
    serde_json::from_slice::<Peek<'_>>(raw).map(|peek| peek.type_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &'static str) -> Event {
        Event::decode(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn an_unknown_type_is_kept() {
        let event = decode(r#"{"type":"ChannelTeleported","where":"Mars"}"#);
        assert_eq!(event.event_type(), EventType::Unknown);
        assert_eq!(event.parse::<serde_json::Value>().unwrap()["where"], "Mars");
    }

    #[test]
    fn a_known_type_that_does_not_decode_is_malformed_and_kept() {
        let event = decode(r#"{"type":"StasisStart","application":"a","args":7}"#);
        let EventKind::Malformed(malformed) = &event.kind else {
            panic!("{event:?}")
        };
        assert_eq!(malformed.type_name, "StasisStart");
        assert_eq!(event.event_type(), EventType::StasisStart);
        assert!(event.raw().ends_with(b"7}"));
    }

    #[test]
    fn what_is_not_an_event_is_malformed() {
        for text in [
            "",
            "hello",
            "[]",
            "{}",
            r#"{"error":"InvalidMessage"}"#,
            r#"{"type":7}"#,
            r#"{"type":"ChannelTeleported""#,
            r#"["ChannelTeleported"]"#,
        ] {
            assert!(matches!(decode(text).kind, EventKind::Malformed(_)), "{text}");
        }
    }

    #[test]
    fn the_type_may_come_last() {
        let text = r#"{"variable":"X","value":"1","application":"a","timestamp":"t","type":"ChannelVarset"}"#;
        assert!(matches!(decode(text).kind, EventKind::ChannelVarset(_)));
    }
}
