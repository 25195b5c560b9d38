//! JSON that reads from top to bottom: members stay in the order in which they were added.

use serde::Serialize;
use serde_json::Value;

use crate::swagger::Ordered;

/// A JSON value with ordered objects in it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Json {
    Plain(Value),
    List(Vec<Json>),
    Object(Object),
}

impl<T: Into<Value>> From<T> for Json {
    fn from(value: T) -> Self {
        Self::Plain(value.into())
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl FromIterator<Object> for Json {
    fn from_iter<I: IntoIterator<Item = Object>>(items: I) -> Self {
        Self::List(items.into_iter().map(Self::Object).collect())
    }
}

/// A JSON object.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Object(Ordered<Json>);

impl Object {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// An object with these members.
    pub(super) fn of<T: Into<Json>>(members: impl IntoIterator<Item = (String, T)>) -> Self {
        let members = members.into_iter().map(|(name, value)| (name, value.into()));
        Self(Ordered(members.collect()))
    }

    /// Adds a member.
    pub(super) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.0.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a member if it has a value.
    pub(super) fn with_some(self, name: &str, value: Option<impl Into<Json>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a list of names if it has any.
    pub(super) fn with_names(self, name: &str, values: Vec<String>) -> Self {
        if values.is_empty() {
            self
        } else {
            self.with(name, values)
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn extend(mut self, other: Self) -> Self {
        self.0.0.extend(other.0.0);
        self
    }
}
