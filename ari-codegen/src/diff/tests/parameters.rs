//! Parameters: their types, values, limits and defaults; and error statuses.

use serde_json::json;

use super::{check, query, values, with};
use crate::irregularities::{operations, param};

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
