//! Encodes the arguments of a generated operation the way Asterisk reads them.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::id::{ObjectKind, new_id};
use crate::request::{Method, RawRequest};

/// Asterisk refuses a request line over 4,096 bytes; escaping may triple a value.
const LONGEST_QUERY: usize = 1_200;

/// Asterisk refuses a list of more items in a query.
const MOST_ITEMS: usize = 127;

/// The value of a channel or bridge variable, in an operation that sets some.
///
/// Made from text; [`reported`](VariableValue::reported) makes Asterisk tell the variable in every event of its
/// channel or bridge (since 20.20 and 22.10; older servers take plain text only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableValue {
    value: String,
    report_events: bool,
}

impl VariableValue {
    /// The value, told in events.
    #[must_use]
    pub fn reported(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            report_events: true,
        }
    }
}

impl<T: Into<String>> From<T> for VariableValue {
    fn from(value: T) -> Self {
        Self {
            value: value.into(),
            report_events: false,
        }
    }
}

impl<'de> Deserialize<'de> for VariableValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Object {
                value: String,
                #[serde(default)]
                report_events: bool,
            },
        }
        let (value, report_events) = match Form::deserialize(deserializer)? {
            Form::Text(value) => (value, false),
            Form::Object { value, report_events } => (value, report_events),
        };
        Ok(Self { value, report_events })
    }
}

impl Serialize for VariableValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        if !self.report_events {
            return serializer.serialize_str(&self.value);
        }
        let mut object = serializer.serialize_struct("VariableValue", 2)?;
        object.serialize_field("value", &self.value)?;
        object.serialize_field("report_events", &true)?;
        object.end()
    }
}

/// Collects an operation's arguments and places each where Asterisk reads it without loss.
///
/// Scalars travel in the query. A list whose items hold commas (Asterisk would split them), and everything
/// once the query grows long, travels as a top-level key of the JSON body, which Asterisk reads as well.
#[derive(Debug)]
pub struct Encoder {
    request: RawRequest,
    params: Vec<(&'static str, Value)>,
    fields: Map<String, Value>,
    whole_body: Option<Value>,
    problem: Option<String>,
}

impl Encoder {
    /// Starts the request of `operation`.
    #[must_use]
    pub fn new(operation: &'static str, method: Method) -> Self {
        Self {
            request: RawRequest::new(operation, method, [] as [&str; 0]),
            params: Vec::new(),
            fields: Map::new(),
            whole_body: None,
            problem: None,
        }
    }

    /// Appends a fixed path segment.
    #[must_use]
    pub fn literal(mut self, segment: &'static str) -> Self {
        self.request.path.push(Cow::Borrowed(segment));
        self
    }

    /// Appends a path parameter. An empty one is refused: Asterisk would run another operation.
    #[must_use]
    pub fn segment(mut self, name: &'static str, value: String) -> Self {
        if value.is_empty() {
            self.refuse(format!("`{name}` is empty"));
        }
        self.request.path.push(Cow::Owned(value));
        self
    }

    /// Appends the id, as a path parameter, of an object that the request creates: a new one where none is given.
    #[must_use]
    pub fn created_segment(
        mut self,
        name: &'static str,
        kind: ObjectKind,
        id: impl Into<Option<String>>,
    ) -> Self {
        let id = id.into().unwrap_or_else(|| new_id(kind));
        self.request.creates.push((kind, id.clone()));
        self.segment(name, id)
    }

    /// Adds the id, as a query parameter, of an object that the request creates: a new one where none is given.
    #[must_use]
    pub fn created(mut self, name: &'static str, kind: ObjectKind, id: impl Into<Option<String>>) -> Self {
        let id = id.into().unwrap_or_else(|| new_id(kind));
        if id.is_empty() {
            self.refuse(format!("`{name}` is empty"));
        }
        self.request.creates.push((kind, id.clone()));
        self.query(name, id)
    }

    /// Adds the id, as a query parameter, of an object that the request creates only where the id is given.
    #[must_use]
    pub fn created_opt(self, name: &'static str, kind: ObjectKind, id: Option<String>) -> Self {
        match id {
            Some(id) => self.created(name, kind, id),
            None => self,
        }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Serialize) -> Self {
        if let Some(value) = self.value(name, value) {
            self.params.push((name, value));
        }
        self
    }

    /// Adds a query parameter if it has a value.
    #[must_use]
    pub fn query_opt(self, name: &'static str, value: Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Adds a list parameter if it has items.
    #[must_use]
    pub fn query_list(self, name: &'static str, values: Vec<impl Serialize>) -> Self {
        if values.is_empty() {
            self
        } else {
            self.query(name, values)
        }
    }

    /// Adds a list parameter that needs an item.
    #[must_use]
    pub fn query_items(mut self, name: &'static str, values: Vec<impl Serialize>) -> Self {
        if values.is_empty() {
            self.refuse(format!("`{name}` has no items"));
        }
        self.query(name, values)
    }

    /// Adds a key to the JSON body if it has a value.
    #[must_use]
    pub fn body_field(mut self, name: &'static str, value: Option<impl Serialize>) -> Self {
        if let Some(value) = value.and_then(|value| self.value(name, value)) {
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds the keys of an object to the JSON body.
    #[must_use]
    pub(crate) fn body_object(mut self, object: Map<String, Value>) -> Self {
        self.fields.extend(object);
        self
    }

    /// Makes `value` the whole JSON body.
    #[must_use]
    pub fn whole_body(mut self, name: &'static str, value: Option<impl Serialize>) -> Self {
        self.whole_body = value.and_then(|value| self.value(name, value));
        self
    }

    /// The finished request.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where an argument cannot be sent.
    pub fn finish(mut self) -> Result<RawRequest> {
        if let Some(problem) = self.problem {
            return Err(Error::invalid(problem).with_operation(self.request.operation));
        }
        let length: usize = self
            .params
            .iter()
            .map(|(name, value)| name.len() + query_text(value).len() + 2)
            .sum();
        for (name, value) in self.params {
            // A body that is one value has no room for keys.
            let has_room = self.whole_body.is_none();
            if has_room && (length > LONGEST_QUERY || needs_array(&value)) {
                self.fields.insert(name.to_owned(), value);
            } else {
                self.request.query.push((Cow::Borrowed(name), query_text(&value)));
            }
        }
        self.request.body = match self.whole_body {
            Some(body) => Some(body.to_string()),
            None if self.fields.is_empty() => None,
            None => Some(Value::Object(self.fields).to_string()),
        };
        Ok(self.request)
    }

    fn value(&mut self, name: &'static str, value: impl Serialize) -> Option<Value> {
        match serde_json::to_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(format!("`{name}` is not JSON: {error}"));
                None
            }
        }
    }

    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }
}

/// In a query, Asterisk splits a list at every comma, and refuses one of more than 127 items.
fn needs_array(value: &Value) -> bool {
    let Value::Array(items) = value else { return false };
    items.len() > MOST_ITEMS
        || items
            .iter()
            .any(|item| item.as_str().is_some_and(|text| text.contains(',')))
}

fn query_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(query_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoder() -> Encoder {
        Encoder::new("channels.play", Method::Post).literal("channels")
    }

    #[test]
    fn an_empty_id_is_refused_by_name() {
        let error = encoder()
            .segment("channelId", String::new())
            .finish()
            .unwrap_err();
        assert_eq!(error.to_string(), "channels.play: `channelId` is empty");
    }

    #[test]
    fn scalars_and_plain_lists_go_into_the_query() {
        let request = encoder()
            .query_list("media", vec!["sound:a", "sound:b"])
            .query_opt("skipms", Some(3_000))
            .query_opt("lang", None::<String>)
            .finish()
            .unwrap();
        assert_eq!(
            request.query,
            [
                ("media".into(), "sound:a,sound:b".into()),
                ("skipms".into(), "3000".into())
            ]
        );
        assert_eq!(request.body, None);
    }

    #[test]
    fn a_list_with_a_comma_inside_goes_into_the_body_as_an_array() {
        let request = encoder()
            .query_list("media", vec!["sound:a,b"])
            .query("skipms", 1)
            .finish()
            .unwrap();
        assert_eq!(request.query, [("skipms".into(), "1".into())]);
        assert_eq!(request.body.as_deref(), Some(r#"{"media":["sound:a,b"]}"#));
    }

    #[test]
    fn long_values_go_into_the_body_with_their_types() {
        let request = encoder()
            .query("appArgs", "x".repeat(2_000))
            .query("timeout", 30)
            .finish()
            .unwrap();
        assert!(request.query.is_empty());
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        assert_eq!(body["timeout"], 30);
    }

    #[test]
    fn created_objects_get_an_id_and_are_told() {
        let request = encoder()
            .created("playbackId", ObjectKind::Playback, None)
            .finish()
            .unwrap();
        let [(ObjectKind::Playback, id)] = &request.creates[..] else {
            panic!("{request:?}")
        };
        assert_eq!(&request.query[0].1, id);
    }

    #[test]
    fn a_list_longer_than_a_query_may_hold_goes_into_the_body() {
        let ids = |count: usize| {
            encoder()
                .query_items("channel", vec!["a"; count])
                .finish()
                .unwrap()
        };
        assert_eq!(ids(127).body, None);
        assert!(ids(128).query.is_empty());
    }

    #[test]
    fn a_required_list_without_items_is_refused_by_name() {
        let error = encoder()
            .query_items("channel", Vec::<String>::new())
            .finish()
            .unwrap_err();
        assert_eq!(error.to_string(), "channels.play: `channel` has no items");
    }

    #[test]
    fn a_body_that_is_one_value_takes_no_keys() {
        let filter = serde_json::json!({"allowed": []});
        let request = encoder()
            .query("long", "x".repeat(2_000))
            .whole_body("filter", Some(filter))
            .finish()
            .unwrap();
        assert_eq!(request.query.len(), 1);
        assert_eq!(request.body.as_deref(), Some(r#"{"allowed":[]}"#));
    }

    #[test]
    fn an_object_made_only_where_its_id_is_given_is_told_then() {
        let request = encoder()
            .created_opt("otherChannelId", ObjectKind::Channel, None)
            .finish()
            .unwrap();
        assert!(request.creates.is_empty() && request.query.is_empty());
        let request = encoder()
            .created_opt("otherChannelId", ObjectKind::Channel, Some("b".into()))
            .finish()
            .unwrap();
        assert_eq!(request.creates, [(ObjectKind::Channel, "b".to_owned())]);
    }

    #[test]
    fn a_variable_is_plain_text_unless_it_is_to_be_reported() {
        let json = |value: VariableValue| serde_json::to_string(&value).unwrap();
        assert_eq!(json("1".into()), r#""1""#);
        assert_eq!(
            json(VariableValue::reported("1")),
            r#"{"value":"1","report_events":true}"#
        );
    }

    #[test]
    fn a_variable_is_read_as_it_is_written() {
        for value in [VariableValue::from("1"), VariableValue::reported("1")] {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<VariableValue>(&json).unwrap(), value);
        }
    }
}
