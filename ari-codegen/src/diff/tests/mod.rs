//! Each kind of difference, seen from both sides.
#![allow(
    clippy::needless_pass_by_value,
    reason = "fragments are made where they are used"
)]

mod models;
mod operations;
mod parameters;

use serde_json::{Value, json};

use super::{Diff, diff};
use crate::irregularities::{operations, param, spec};

/// The differences from `old` to `new`, each as one line.
fn told(old: &Value, new: &Value) -> Vec<String> {
    let changes = between(old, new).changes;
    let lines = changes.iter().map(|change| {
        let (effect, topic, verb) = (change.effect, change.topic, change.verb);
        format!("{effect:?} {topic:?} {verb:?} {}: {}", change.item, change.detail)
    });
    lines.collect()
}

fn between(old: &Value, new: &Value) -> Diff {
    let spec = |declaration: &Value| spec(&[("x.json", declaration.clone())]);
    diff(&spec(old), &spec(new)).unwrap()
}

/// Checks what is told from `one` to `other`, and back.
fn check(one: &Value, other: &Value, there: &[&str], back: &[&str]) {
    assert_eq!(told(one, other), there);
    assert_eq!(told(other, one), back);
    assert_eq!(told(one, one), [""; 0]);
}

/// An operation with these parameters.
fn with(params: &[Value]) -> Value {
    operations(&[("/x", json!({"parameters": params}))])
}

/// An operation with one parameter `p` in the query.
fn query(rest: Value) -> Value {
    with(&[param("p", "query", rest)])
}

fn values(values: &[&str]) -> Value {
    json!({"allowableValues": {"valueType": "LIST", "values": values}})
}

#[test]
fn the_report_tells_breaks_first_and_ends_with_numbers() {
    let old = operations(&[("/x", json!({"parameters": [param("p", "query", json!({}))]}))]);
    let new = operations(&[
        ("/x", json!({"errorResponses": [{"code": 404, "reason": ""}]})),
        ("/y", json!({"nickname": "b"})),
    ]);
    assert_eq!(
        between(&old, &new).to_string(),
        "From Asterisk 0.0.0 to 0.0.0\n\
         \n\
         Breaks on the wire: 1\n\
         \x20 parameters removed: 1\n\
         \x20   x.go p: optional, String\n\
         \n\
         Breaks in the Rust API: none\n\
         \n\
         Additions: 1\n\
         \x20 operations added: 1\n\
         \x20   x.b: POST /y\n\
         \n\
         Told otherwise, and breaking nothing: 1\n\
         \x20 error statuses added: 1\n\
         \x20   x.go: 404\n\
         \n\
         operations 1 added 0 removed, parameters 0 added 1 removed, events 0 added 0 removed; \
         breaks: 1 on the wire, 0 in the Rust API\n"
    );
}
