//! How Asterisk reads a request, as its web server is known to do it: written without a look at either client.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::capture::{Captured, unescape};
use super::driver::{Kind, Operation, Param, Place};
use super::given::Given;

/// Asterisk cuts the request line at this length.
pub(crate) const LONGEST_LINE: usize = 4_096;

/// Asterisk cuts a list in a query at this number of items.
const MOST_ITEMS: usize = 127;

/// What Asterisk takes `captured` for: the arguments of `operation`.
///
/// The path has one value for each name. Query values are texts, and lists are split at commas. A key of the body
/// wins over the query, and has to be of the type that is wanted.
pub(crate) fn read(operation: &Operation, captured: &Captured) -> Given {
    let (line, name) = (captured.line, operation.name);
    assert!(line < LONGEST_LINE, "{name}: the request line has {line} bytes");
    let query: BTreeMap<_, _> = captured
        .query
        .iter()
        .map(|(name, value)| (unescape(name), unescape(value)))
        .collect();
    assert_eq!(
        query.len(),
        captured.query.len(),
        "{}: a name occurs twice",
        operation.name
    );
    check_names(operation, captured, &query);
    let mut read = path(operation, captured);
    for param in operation
        .params
        .iter()
        .filter(|param| !operation.routes_by(param.name))
    {
        let key = captured.body.as_ref().and_then(|body| body.get(param.name));
        let value = match (param.place, key, query.get(param.name)) {
            (Place::Whole, ..) => captured.body.clone(),
            (Place::Query | Place::Body, Some(value), _) => Some(typed(param, value)),
            (Place::Query, None, Some(text)) => Some(parsed(param, text)),
            _ => None,
        };
        if let Some(value) = value {
            read = read.with(param.name, value);
        }
    }
    read
}

/// Checks that nothing is on the wire but parameters that are not in the path, each at one place.
fn check_names(operation: &Operation, captured: &Captured, query: &BTreeMap<String, String>) {
    let whole = operation.params.iter().any(|param| param.place == Place::Whole);
    let keys: Vec<_> = match &captured.body {
        Some(Value::Object(body)) if !whole => body.keys().collect(),
        Some(other) if !whole => panic!("{}: the body is no object: {other}", operation.name),
        _ => Vec::new(),
    };
    for (name, place) in query
        .keys()
        .map(|name| (name, Place::Query))
        .chain(keys.into_iter().map(|name| (name, Place::Body)))
    {
        let known = operation
            .params
            .iter()
            .find(|param| param.name == name && !operation.routes_by(name));
        let Some(known) = known else {
            panic!("{}: no parameter, or one of the path: `{name}`", operation.name)
        };
        let fits = match place {
            Place::Body => !query.contains_key(name),
            _ => known.place == Place::Query,
        };
        assert!(fits, "{}: `{name}` is not where it belongs", operation.name);
    }
}

/// What the path names.
fn path(operation: &Operation, captured: &Captured) -> Given {
    let names: Vec<_> = operation.route().trim_start_matches('/').split('/').collect();
    let segments = captured.segments();
    assert_eq!(
        names.len(),
        segments.len(),
        "{}: {}",
        operation.name,
        captured.path
    );
    let mut given = Given::default();
    for (name, segment) in names.iter().zip(segments) {
        match name.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => given = given.with(name, segment),
            None => assert_eq!(*name, segment, "{}", operation.name),
        }
    }
    given
}

/// A key of the body. Asterisk takes one of another type for missing, and says nothing.
fn typed(param: &Param, value: &Value) -> Value {
    let fits = match param.kind {
        Kind::Text | Kind::Choice(_) => value.is_string(),
        Kind::Integer => value.is_i64(),
        Kind::Flag => value.is_boolean(),
        Kind::Texts | Kind::Choices(_) => value
            .as_array()
            .is_some_and(|items| items.iter().all(Value::is_string)),
        Kind::Pairs => value.is_array(),
        Kind::Strings | Kind::Variables | Kind::Values | Kind::Whole => value.is_object(),
    };
    assert!(fits, "`{}` is of another type: {value}", param.name);
    value.clone()
}

/// A value of the query.
fn parsed(param: &Param, text: &str) -> Value {
    match param.kind {
        Kind::Integer => text.parse::<i64>().unwrap().into(),
        Kind::Flag => (text == "true").into(),
        Kind::Texts | Kind::Choices(_) => {
            let items: Vec<_> = text.split(',').collect();
            assert!(
                items.len() <= MOST_ITEMS,
                "`{}` has {} items",
                param.name,
                items.len()
            );
            json!(items)
        }
        _ => text.into(),
    }
}
