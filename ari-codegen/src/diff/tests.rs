//! Each kind of difference, seen from both sides.
#![allow(
    clippy::needless_pass_by_value,
    reason = "fragments are made where they are used"
)]

use serde_json::{Value, json};

use super::{Diff, diff};
use crate::irregularities::{declaration, models, operations, param, spec};

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

/// An operation whose reply is of the class `class`, of a specification with two models.
fn reply(class: &str) -> Value {
    let api = json!([{"path": "/x", "operations": [
        {"httpMethod": "GET", "nickname": "go", "responseClass": class, "errorResponses": []}]}]);
    declaration(
        api,
        models(&[("A", json!({})), ("B", json!({}))])["models"].clone(),
    )
}

/// A model with one property `p`.
fn property(property: Value) -> Value {
    models(&[("A", json!({"p": property}))])
}

fn values(values: &[&str]) -> Value {
    json!({"allowableValues": {"valueType": "LIST", "values": values}})
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
fn parameters_come_and_go() {
    check(
        &with(&[]),
        &query(json!({})),
        &["Adds Parameter Added x.go p: optional, String"],
        &["BreaksWire Parameter Removed x.go p: optional, String"],
    );
    check(
        &with(&[]),
        &query(json!({"required": true, "dataType": "int"})),
        &["BreaksWire Parameter Added x.go p: required, i64"],
        &["BreaksWire Parameter Removed x.go p: required, i64"],
    );
}

#[test]
fn a_parameter_becomes_required_or_optional() {
    check(
        &query(json!({})),
        &query(json!({"required": true})),
        &[
            "BreaksWire Parameter Changed x.go p: is required now: an argument of the constructor in place of a setter",
        ],
        &[
            "BreaksRust Parameter Changed x.go p: is no longer required: a setter in place of an argument of the constructor",
        ],
    );
}

#[test]
fn a_parameter_takes_another_type() {
    check(
        &query(json!({})),
        &query(json!({"dataType": "int"})),
        &["BreaksWire Parameter Changed x.go p: was String, is i64"],
        &["BreaksWire Parameter Changed x.go p: was i64, is String"],
    );
    check(
        &query(json!({"dataType": "int"})),
        &query(json!({"dataType": "double"})),
        &["BreaksRust Parameter Changed x.go p: was i64, is f64"],
        &["BreaksWire Parameter Changed x.go p: was f64, is i64"],
    );
    check(
        &query(json!({})),
        &query(values(&["a"])),
        &["BreaksRust Parameter Changed x.go p: was String, is GoP"],
        &["BreaksRust Parameter Changed x.go p: was GoP, is String"],
    );
    check(
        &query(json!({})),
        &query(json!({"allowMultiple": true})),
        &["BreaksRust Parameter Changed x.go p: was String, is Vec<String>"],
        &["BreaksWire Parameter Changed x.go p: was Vec<String>, is String"],
    );
    check(
        &query(json!({})),
        &with(&[param("p", "body", json!({"dataType": "containers"}))]),
        &["BreaksWire Parameter Changed x.go p: was String, is anything in the body"],
        &["BreaksWire Parameter Changed x.go p: was anything in the body, is String"],
    );
}

#[test]
fn a_server_refuses_values_that_it_no_longer_lists() {
    check(
        &query(values(&["a", "b"])),
        &query(values(&["a", "b", "c"])),
        &["Adds Value Added GoP: c"],
        &["BreaksWire Value Removed GoP: c"],
    );
}

#[test]
fn a_reader_keeps_values_that_it_does_not_know() {
    let state = |list: &[&str]| {
        let mut state = values(list);
        state["type"] = json!("string");
        property(state)
    };
    check(
        &state(&["a"]),
        &state(&["a", "b"]),
        &["Adds Value Added AP: b"],
        &["BreaksRust Value Removed AP: b"],
    );
    check(
        &state(&["a"]),
        &property(json!({"type": "string"})),
        &["BreaksRust Property Changed A.p: was Option<AP>, is Option<String>"],
        &["BreaksRust Property Changed A.p: was Option<String>, is Option<AP>"],
    );
}

#[test]
fn an_enumeration_that_is_called_otherwise_breaks_rust_and_what_it_lost_breaks_the_wire() {
    // The enumeration is called after the operation.
    let called = |name: &str, list: &[&str]| {
        let params = [param("p", "query", values(list))];
        operations(&[("/x", json!({"nickname": name, "parameters": params}))])
    };
    check(
        &called("go", &["a", "b"]),
        &called("run", &["a"]),
        &[
            "BreaksWire Value Removed x.go p: b",
            "BreaksRust Operation Changed x.go: is called x.run now",
            "BreaksRust Parameter Changed x.go p: was GoP, is RunP",
        ],
        &[
            "BreaksRust Operation Changed x.run: is called x.go now",
            "BreaksRust Parameter Changed x.run p: was RunP, is GoP",
        ],
    );
}

#[test]
fn limits_are_drawn_tighter_or_wider() {
    let above =
        |min: i64| query(json!({"dataType": "int", "allowableValues": {"valueType": "RANGE", "min": min}}));
    let any = query(json!({"dataType": "int"}));
    check(
        &above(0),
        &above(1),
        &["BreaksWire Parameter Changed x.go p: was not below 0, is not below 1"],
        &["Adds Parameter Changed x.go p: was not below 1, is not below 0"],
    );
    check(
        &any,
        &query(json!({"dataType": "int", "allowableValues": {"valueType": "RANGE", "min": 0, "max": 9}})),
        &["BreaksWire Parameter Changed x.go p: was any number, is from 0 to 9"],
        &["Adds Parameter Changed x.go p: was from 0 to 9, is any number"],
    );
}

#[test]
fn defaults_and_statuses_break_nothing() {
    check(
        &query(json!({"defaultValue": 30})),
        &query(json!({"defaultValue": "no"})),
        &["Tells Default Changed x.go p: was 30, is \"no\""],
        &["Tells Default Changed x.go p: was \"no\", is 30"],
    );
    let refusing = |codes: &[u16]| {
        let codes: Vec<_> = codes
            .iter()
            .map(|code| json!({"code": code, "reason": "no"}))
            .collect();
        operations(&[("/x", json!({"errorResponses": codes}))])
    };
    check(
        &refusing(&[404]),
        &refusing(&[404, 409, 422]),
        &["Tells Status Added x.go: 409, 422"],
        &["Tells Status Removed x.go: 409, 422"],
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

#[test]
fn models_and_properties_come_and_go() {
    check(
        &models(&[("A", json!({}))]),
        &models(&[("A", json!({"p": {"type": "int"}})), ("B", json!({}))]),
        &["Adds Model Added B: ", "Adds Property Added A.p: Option<i64>"],
        &[
            "BreaksWire Property Removed A.p: was Option<i64>",
            "BreaksRust Model Removed B: ",
        ],
    );
}

#[test]
fn a_property_becomes_an_option_or_another_type() {
    check(
        &property(json!({"type": "string", "required": true})),
        &property(json!({"type": "string"})),
        &["BreaksRust Property Changed A.p: was String, is Option<String>"],
        &["BreaksRust Property Changed A.p: was Option<String>, is String"],
    );
    // A part that was always there has no empty value to stand in for it.
    check(
        &property(json!({"type": "A2", "required": true})).with_part(),
        &property(json!({"type": "A2"})).with_part(),
        &["BreaksWire Property Changed A.p: was A2, is Option<A2>"],
        &["BreaksRust Property Changed A.p: was Option<A2>, is A2"],
    );
    check(
        &property(json!({"type": "int"})),
        &property(json!({"type": "string"})),
        &["BreaksWire Property Changed A.p: was Option<i64>, is Option<String>"],
        &["BreaksWire Property Changed A.p: was Option<String>, is Option<i64>"],
    );
    check(
        &property(json!({"type": "Date"})),
        &property(json!({"type": "string"})),
        &["BreaksWire Property Changed A.p: was Option<rt::Timestamp>, is Option<String>"],
        &["BreaksRust Property Changed A.p: was Option<String>, is Option<rt::Timestamp>"],
    );
}

/// A declaration of models with one more.
trait WithPart {
    fn with_part(self) -> Value;
}

impl WithPart for Value {
    fn with_part(mut self) -> Value {
        self["models"]["A2"] = json!({"id": "A2", "properties": {}});
        self
    }
}

/// The models of a socket on which these events are sent.
fn events(names: &[&str]) -> Value {
    let mut all = models(&[
        ("Message", json!({"type": {"type": "string", "required": true}})),
        ("Event", json!({})),
    ]);
    for name in ["Message", "Event", "Ping"] {
        all["models"][name] = all["models"]
            .get(name)
            .cloned()
            .unwrap_or_else(|| json!({"id": name, "properties": {}}));
    }
    all["models"]["Message"]["discriminator"] = json!("type");
    all["models"]["Message"]["subTypes"] = json!(["Event"]);
    for name in names {
        all["models"][*name] = json!({"id": name, "properties": {}});
    }
    all["models"]["Event"]["subTypes"] = json!(names);
    all
}

#[test]
fn events_come_and_go() {
    check(
        &events(&["Start"]),
        &events(&["Start", "End"]),
        &["Adds Event Added End: "],
        &["BreaksWire Event Removed End: "],
    );
    check(
        &events(&["Start"]),
        &events(&["Start", "Ping"]),
        &["BreaksRust Model Changed Ping: is an event now"],
        &["BreaksWire Event Changed Ping: is no event any more"],
    );
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
