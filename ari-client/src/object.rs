//! Reads objects, and nothing in their place.
//!
//! What serde derives for a struct also reads an array, by position; Asterisk means none of its arrays so.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads an object.
///
/// # Errors
/// The deserializer's, where the value is no object or does not fit.
pub fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_map(Members(PhantomData))
}

/// Reads an object or null.
///
/// # Errors
/// As [`object`].
pub fn object_opt<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|object| object.0))
}

/// Reads a list of objects; null becomes an empty one.
///
/// # Errors
/// As [`object`].
pub fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    objects_opt(deserializer).map(Option::unwrap_or_default)
}

/// Reads a list of objects or null.
///
/// # Errors
/// As [`object`].
pub fn objects_opt<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Option::<Vec<Object<T>>>::deserialize(deserializer)?;
    Ok(list.map(|list| list.into_iter().map(|object| object.0).collect()))
}

/// A `T` that is read from an object.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use crate::ErrorKind;
    use crate::generated::models::{DeviceState, LiveRecording, ReferredBy, RequiredDestination};
    use crate::generated::{EventKind, bridges, device_states, events::RecordingStarted};
    use crate::request::{Operation as _, RawResponse};

    #[test]
    fn an_array_in_the_place_of_an_object_is_refused() {
        let error = |recording: &str| {
            let event = format!(r#"{{"type":"RecordingStarted","recording":{recording}}}"#);
            serde_json::from_str::<RecordingStarted>(&event)
                .unwrap_err()
                .to_string()
        };
        assert!(error(r#"["a"]"#).starts_with("invalid type: sequence, expected an object at line 1"));
        assert!(error("{}").starts_with("missing field `name` at line 1"));
        assert!(serde_json::from_str::<ReferredBy>(r#"{"bridge":["a"]}"#).is_err());
        assert!(
            serde_json::from_str::<ReferredBy>(r#"{"bridge":null}"#).is_err(),
            "a channel is missing"
        );
        let params = r#"{"additional_protocol_params":[["a","b"]]}"#;
        assert!(serde_json::from_str::<RequiredDestination>(params).is_err());
    }

    #[test]
    fn an_array_in_the_place_of_a_reply_is_refused() {
        let reply = |body: &'static str| RawResponse::new(200, body);
        assert!(<bridges::Get>::decode(reply(r#"{"id":"a"}"#)).is_ok());
        let error = <bridges::Get>::decode(reply(r#"["a"]"#)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecodable);
        let by_position = r#"["Stasis:a","BUSY"]"#;
        assert!(
            serde_json::from_str::<DeviceState>(by_position).is_ok(),
            "serde's way"
        );
        assert!(<device_states::Get>::decode(reply(by_position)).is_err());
        assert_eq!(<device_states::List>::decode(reply("[]")).unwrap(), []);
        assert!(<device_states::List>::decode(reply(r#"[{"name":"a","state":"BUSY"}]"#)).is_ok());
        assert!(<device_states::List>::decode(reply(r#"[["Stasis:a","BUSY"]]"#)).is_err());
        assert!(<device_states::List>::decode(reply("null")).is_err());
    }

    #[test]
    fn objects_are_read_as_ever() {
        let recording: LiveRecording = serde_json::from_str(r#"{"name":"a"}"#).unwrap();
        let event = EventKind::decode("RecordingStarted", br#"{"recording":{"name":"a"}}"#);
        assert_eq!(event.recording(), Some(&recording));
        let destination: RequiredDestination =
            serde_json::from_str(r#"{"additional_protocol_params":[{"parameter_name":"a"}]}"#).unwrap();
        assert_eq!(
            destination.additional_protocol_params.map(|params| params.len()),
            Some(1)
        );
    }
}
