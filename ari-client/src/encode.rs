//! Encodes the arguments of a generated operation the way Asterisk reads them.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::id::{ObjectKind, new_id};
use crate::request::{Method, RawRequest};
use crate::transport::target;

/// What a path and its query may take, escaped. Asterisk refuses a request line of 4,096 bytes; the method, the
/// version of HTTP and the base path of the server, which no operation knows, have their room in the rest.
const LONGEST_TARGET: usize = 3_500;

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
/// Scalars travel in the query. A list whose items hold what Asterisk would split or drop, and everything
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
        if value.contains('\0') {
            self.refuse_nul(name);
        }
        self.request.path.push(Cow::Owned(value));
        let length = target_length(&self.request);
        if length > LONGEST_TARGET {
            self.refuse(format!(
                "`{name}` is too long: the path has {length} bytes, at most {LONGEST_TARGET} can be sent"
            ));
        }
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
        // A body that is one value has no room for keys.
        let has_room = self.whole_body.is_none();
        for (name, value) in &self.params {
            if !(has_room && needs_array(value)) {
                self.request.query.push((Cow::Borrowed(name), query_text(value)));
            }
        }
        let length = target_length(&self.request);
        let is_long = length > LONGEST_TARGET;
        if is_long && has_room {
            self.request.query.clear();
        } else if is_long {
            let problem = format!(
                "the query is too long: with the path it has {length} bytes, at most {LONGEST_TARGET} can be sent"
            );
            return Err(Error::invalid(problem).with_operation(self.request.operation));
        }
        let in_body = |value: &Value| has_room && (is_long || needs_array(value));
        let moved = self.params.into_iter().filter(|(_, value)| in_body(value));
        self.fields
            .extend(moved.map(|(name, value)| (name.to_owned(), value)));
        self.request.body = match self.whole_body {
            Some(body) => Some(body.to_string()),
            None if self.fields.is_empty() => None,
            None => Some(Value::Object(self.fields).to_string()),
        };
        Ok(self.request)
    }

    fn value(&mut self, name: &'static str, value: impl Serialize) -> Option<Value> {
        match serde_json::to_value(value) {
            Ok(value) if holds_nul(&value) => {
                self.refuse_nul(name);
                None
            }
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(format!("`{name}` is not JSON: {error}"));
                None
            }
        }
    }

    /// Asterisk takes a path or a query to end at a NUL, and takes no JSON with one in it.
    fn refuse_nul(&mut self, name: &'static str) {
        self.refuse(format!("`{name}` holds a NUL character"));
    }

    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| name.contains('\0') || holds_nul(member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The bytes of the path and the query on the wire, without the base path of the server.
fn target_length(request: &RawRequest) -> usize {
    target("", request).len()
}

/// In a query, Asterisk splits a list at every comma that is in no brackets and no quotes, takes quotes and
/// backslashes away, and refuses a list of more than 127 items.
fn needs_array(value: &Value) -> bool {
    let Value::Array(items) = value else { return false };
    items.len() > MOST_ITEMS
        || items.iter().any(|item| {
            item.as_str()
                .is_some_and(|text| text.contains([',', '"', '\\', '(', ')', '[', ']']))
        })
}

fn query_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(query_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
