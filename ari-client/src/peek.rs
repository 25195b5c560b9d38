//! The ids that an event is about, read without decoding the rest.
//!
//! The generated `Peek` struct is made of these parts: one for each type of object that routing knows.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::id::ObjectKind;

/// Receives each object that an event is about.
pub type KeySink<'s> = dyn FnMut(ObjectKind, &str) + 's;

/// A part of an event that names objects.
pub trait Keys {
    /// Tells each object that this part names to `sink`.
    fn keys(&self, sink: &mut KeySink<'_>);
}

impl<K: Keys> Keys for Option<K> {
    fn keys(&self, sink: &mut KeySink<'_>) {
        if let Some(part) = self {
            part.keys(sink);
        }
    }
}

/// A channel in an event.
#[derive(Debug, Deserialize)]
pub struct PeekChannel<'a> {
    /// The channel's id.
    #[serde(borrow, default, deserialize_with = "text_only")]
    pub id: Cow<'a, str>,
}

impl Keys for PeekChannel<'_> {
    fn keys(&self, sink: &mut KeySink<'_>) {
        tell(ObjectKind::Channel, &self.id, sink);
    }
}

/// A bridge in an event.
#[derive(Debug, Deserialize)]
pub struct PeekBridge<'a> {
    /// The bridge's id.
    #[serde(borrow, default, deserialize_with = "text_only")]
    pub id: Cow<'a, str>,
}

impl Keys for PeekBridge<'_> {
    fn keys(&self, sink: &mut KeySink<'_>) {
        tell(ObjectKind::Bridge, &self.id, sink);
    }
}

/// A playback in an event.
#[derive(Debug, Deserialize)]
pub struct PeekPlayback<'a> {
    /// The playback's id.
    #[serde(borrow, default, deserialize_with = "text_only")]
    pub id: Cow<'a, str>,
    /// Where it plays: `channel:ID` or `bridge:ID`.
    #[serde(borrow, default, deserialize_with = "text_only")]
    pub target_uri: Cow<'a, str>,
}

impl Keys for PeekPlayback<'_> {
    fn keys(&self, sink: &mut KeySink<'_>) {
        tell(ObjectKind::Playback, &self.id, sink);
        target_key(&self.target_uri, sink);
    }
}

/// A live recording in an event.
#[derive(Debug, Deserialize)]
pub struct PeekRecording<'a> {
    /// The recording's name.
    #[serde(borrow, default, deserialize_with = "text_only")]
    pub name: Cow<'a, str>,
    /// What it records: `channel:ID` or `bridge:ID`.
    #[serde(borrow, default, deserialize_with = "text_only")]
    pub target_uri: Cow<'a, str>,
}

impl Keys for PeekRecording<'_> {
    fn keys(&self, sink: &mut KeySink<'_>) {
        tell(ObjectKind::Recording, &self.name, sink);
        target_key(&self.target_uri, sink);
    }
}

/// What has no id here is another kind of object under the same name, such as the `peer` of `PeerStatusChange`.
fn tell(kind: ObjectKind, id: &str, sink: &mut KeySink<'_>) {
    if !id.is_empty() {
        sink(kind, id);
    }
}

fn target_key(uri: &str, sink: &mut KeySink<'_>) {
    if let Some(id) = uri.strip_prefix("channel:") {
        tell(ObjectKind::Channel, id, sink);
    } else if let Some(id) = uri.strip_prefix("bridge:") {
        tell(ObjectKind::Bridge, id, sink);
    }
}

/// Reads an object, and anything else as `None`: a property may be an object in one event and text in another.
///
/// # Errors
/// The deserializer's, where the value is no JSON.
pub fn object_only<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ObjectOnly(PhantomData))
}

/// Reads text, and anything else as empty: routing takes what it can read, and leaves the rest to the decoder.
///
/// # Errors
/// The deserializer's, where the value is no JSON.
pub fn text_only<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    deserializer.deserialize_any(TextOnly)
}

struct ObjectOnly<T>(PhantomData<T>);

struct TextOnly;

/// The visits to values of no use, which become the default of what is looked for.
macro_rules! pass_over {
    ($($visit:ident: $value:ty),*) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        $(fn $visit<E>(self, _: $value) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        })*
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectOnly<T> {
    type Value = Option<T>;

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    pass_over!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

impl<'de> Visitor<'de> for TextOnly {
    type Value = Cow<'de, str>;

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Value::default())
    }

    pass_over!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::Peek;

    fn keys(event: &str) -> Vec<(ObjectKind, String)> {
        let peek: Peek<'_> = serde_json::from_str(event).unwrap();
        let mut keys = Vec::new();
        peek.keys(&mut |kind, id| keys.push((kind, id.to_owned())));
        keys
    }

    #[test]
    fn an_event_names_every_object_in_it() {
        let dial = r#"{"type":"Dial","caller":{"id":"a"},"peer":{"id":"b"},"forward":"x"}"#;
        assert_eq!(
            keys(dial),
            [
                (ObjectKind::Channel, "a".to_owned()),
                (ObjectKind::Channel, "b".to_owned())
            ]
        );
        let playback = r#"{"playback":{"id":"p","target_uri":"bridge:r"},"type":"PlaybackStarted"}"#;
        assert_eq!(
            keys(playback),
            [
                (ObjectKind::Playback, "p".to_owned()),
                (ObjectKind::Bridge, "r".to_owned())
            ]
        );
    }

    #[test]
    fn objects_inside_a_part_of_an_event_are_named() {
        let transfer = r#"{"type":"ChannelTransfer","refer_to":{"requested_destination":{}},
            "referred_by":{"source_channel":{"id":"a"},"bridge":{"id":"b"}}}"#;
        assert_eq!(
            keys(transfer),
            [
                (ObjectKind::Bridge, "b".to_owned()),
                (ObjectKind::Channel, "a".to_owned())
            ]
        );
    }

    #[test]
    fn a_property_of_the_same_name_that_is_no_object_with_an_id_is_passed_over() {
        let broadcast = r#"{"type":"CallBroadcast","channel":{"id":"a"},"caller":"Alice","called":null}"#;
        assert_eq!(keys(broadcast), [(ObjectKind::Channel, "a".to_owned())]);
        let status = r#"{"type":"PeerStatusChange","peer":{"peer_status":"Reachable"}}"#;
        assert!(keys(status).is_empty());
        for value in ["null", "1", "-1", "1.5", "true", "[1,{}]", r#""x\n""#] {
            assert!(
                keys(&format!(r#"{{"type":"Odd","channel":{value}}}"#)).is_empty(),
                "{value}"
            );
        }
    }

    #[test]
    fn an_id_that_is_no_text_is_none() {
        for value in ["null", "1", "-1", "1.5", "true", "[1,{}]", r#"{"id":"x"}"#] {
            let odd =
                format!(r#"{{"application":{value},"channel":{{"id":{value}}},"bridge":{{"id":"b"}}}}"#);
            assert_eq!(keys(&odd), [(ObjectKind::Bridge, "b".to_owned())], "{value}");
        }
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let peek: Peek<'_> =
            serde_json::from_str(r#"{"type":"X","application":"a","channel":{"id":"c"}}"#).unwrap();
        assert!(matches!(peek.application, Cow::Borrowed("a")));
        assert!(matches!(peek.channel.unwrap().id, Cow::Borrowed("c")));
    }
}
