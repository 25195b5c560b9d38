//! Operations and their replies.

use serde_json::{Value, json};

use super::{check, told, with};
use crate::irregularities::{declaration, models, operations, param};

/// An operation whose reply is of the class `class`, of a specification with two models.
fn reply(class: &str) -> Value {
    let api = json!([{"path": "/x", "operations": [
        {"httpMethod": "GET", "nickname": "go", "responseClass": class, "errorResponses": []}]}]);
    declaration(
        api,
        models(&[("A", json!({})), ("B", json!({}))])["models"].clone(),
    )
}

#[test]
fn operations_come_and_go() {
    let one = operations(&[("/x", json!({}))]);
    let two = operations(&[
        ("/x", json!({})),
        (
            "/x/{id}",
            json!({
        "nickname": "stop", "httpMethod": "DELETE", "parameters": [param("id", "path", json!({"required": true}))]}),
        ),
    ]);
    check(
        &one,
        &two,
        &["Adds Operation Added x.stop: DELETE /x/{id}"],
        &["BreaksWire Operation Removed x.stop: DELETE /x/{id}"],
    );
}

#[test]
fn an_operation_that_is_called_otherwise_is_still_accepted() {
    let called = |name: &str| operations(&[("/x", json!({"nickname": name}))]);
    check(
        &called("go"),
        &called("run"),
        &["BreaksRust Operation Changed x.go: is called x.run now"],
        &["BreaksRust Operation Changed x.run: is called x.go now"],
    );
}

#[test]
fn a_route_is_method_and_path_whatever_its_parts_are_called() {
    let at = |path: &str, method: &str, id: &str| {
        operations(&[(
            path,
            json!({
            "httpMethod": method, "parameters": [param(id, "path", json!({"required": true}))]}),
        )])
    };
    check(
        &at("/x/{id}", "POST", "id"),
        &at("/x/{id}", "PUT", "id"),
        &["BreaksWire Operation Changed x.go: was POST /x/{id}, is PUT /x/{id}"],
        &["BreaksWire Operation Changed x.go: was PUT /x/{id}, is POST /x/{id}"],
    );
    assert_eq!(
        told(&at("/x/{id}", "POST", "id"), &at("/x/{xId}", "POST", "xId")),
        [""; 0]
    );
    let moved = told(&at("/x/{id}", "POST", "id"), &at("/x/{id}/go", "POST", "id"));
    assert_eq!(
        moved,
        ["BreaksWire Operation Changed x.go: was POST /x/{id}, is POST /x/{id}/go"]
    );
}

#[test]
fn a_constructor_whose_arguments_change_places_is_told() {
    let two = |first: &str, second: &str| {
        let required = |name| param(name, "query", json!({"required": true}));
        with(&[required(first), required(second)])
    };
    check(
        &two("a", "b"),
        &two("b", "a"),
        &["BreaksRust Operation Changed x.go: the constructor takes b, a in place of a, b"],
        &["BreaksRust Operation Changed x.go: the constructor takes a, b in place of b, a"],
    );
}

#[test]
fn replies_are_others() {
    check(
        &reply("void"),
        &reply("A"),
        &["BreaksRust Reply Changed x.go: was nothing, is A"],
        &["BreaksWire Reply Changed x.go: was A, is nothing"],
    );
    check(
        &reply("A"),
        &reply("List[A]"),
        &["BreaksWire Reply Changed x.go: was A, is Vec<A>"],
        &["BreaksWire Reply Changed x.go: was Vec<A>, is A"],
    );
    check(
        &reply("binary"),
        &reply("B"),
        &["BreaksWire Reply Changed x.go: was bytes, is B"],
        &["BreaksWire Reply Changed x.go: was B, is bytes"],
    );
}
