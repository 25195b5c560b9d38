//! What no Asterisk has said yet, and what would end in bindings that do not compile.

use serde_json::{Value, json};

use super::{code, declaration, error, generate, models, operations, param, read, spec};

/// The error of a specification in which the one operation has this path and these parameters.
fn with_params(path: &str, params: &[Value]) -> String {
    error(&[("x.json", operations(&[(path, json!({"parameters": params}))]))])
}

fn events(names: &[&str], more: &[(&str, Value)]) -> Value {
    let mut all = json!({
        "Message": {"id": "Message", "discriminator": "type", "subTypes": ["Event"]},
        "Event": {"id": "Event", "subTypes": names},
    });
    for name in names {
        all[name] = json!({"id": name});
    }
    for (name, properties) in more {
        all[name] = json!({"id": name, "properties": properties});
    }
    declaration(json!([]), all)
}

#[test]
fn a_resource_needs_a_name_of_its_own() {
    let sounds = || operations(&[("/x", json!({}))]);
    assert_eq!(
        error(&[("5.json", sounds())]),
        "resources.json: apis[0].path: the name `5` holds no words"
    );
    assert_eq!(
        error(&[("a_b.json", sounds()), ("aB.json", sounds())]),
        "resources.json: apis[1].path: `aB` becomes `a_b`, as `a_b` does"
    );
    assert_eq!(
        error(&[("models.json", sounds())]),
        "mod.rs: `models` would be defined twice"
    );
}

#[test]
fn a_path_names_a_parameter_once() {
    assert_eq!(
        with_params("/x/{a}/{a}", &[param("a", "path", json!({}))]),
        "x.json: apis[0].operations[0]: the path `/x/{a}/{a}` holds `a` twice"
    );
}

#[test]
fn names_that_generated_code_uses_get_an_underscore_or_are_refused() {
    let nickname = operations(&[("/x", json!({"nickname": "option"}))]);
    assert!(code(&generate(&[("x.json", nickname)]), "x.rs").contains("pub struct Option_<"));
    let model = models(&[("String", json!({}))]);
    assert!(code(&generate(&[("x.json", model)]), "models.rs").contains("pub struct String_ "));
    let event = code(&generate(&[("x.json", events(&["Unknown"], &[]))]), "events.rs");
    assert!(event.contains("Unknown_(Box<Unknown_>)"), "{event}");
    let one = operations(&[(
        "/x",
        json!({"parameters": [param("s", "body", json!({"dataType": "containers"}))]}),
    )]);
    let variables = error(&[("x.json", one)]);
    assert_eq!(variables, "x.rs: go: `s` would be defined twice");
    let key = events(
        &["Rang"],
        &[
            ("Rang", json!({"application": {"type": "Channel"}})),
            ("Channel", json!({})),
        ],
    );
    assert_eq!(
        error(&[("x.json", key)]),
        "peek.rs: `application` would be defined twice"
    );
}

#[test]
fn events_are_told_apart_and_are_parts_of_nothing() {
    let mut unrooted = events(&["Rang"], &[]);
    unrooted["models"]["Message"] = json!({"id": "Message", "subTypes": ["Event"]});
    assert_eq!(
        error(&[("x.json", unrooted)]),
        "x.json: models.Event.subTypes: no model has a discriminator"
    );
    let part = events(&["Rang"], &[("M", json!({"last": {"type": "Rang"}}))]);
    assert_eq!(
        error(&[("x.json", part)]),
        "x.json: models.M.properties.last.type: the event `Rang` is no part of anything"
    );
}

#[test]
fn routing_reads_a_property_by_its_name_on_the_wire() {
    let rang = events(
        &["Rang"],
        &[
            ("Rang", json!({"otherChannel": {"type": "Channel"}})),
            ("Channel", json!({"id": {"type": "string", "required": true}})),
        ],
    );
    let files = crate::generate(&spec(&[("x.json", rang)])).unwrap();
    assert!(
        files
            .get("peek.rs")
            .unwrap()
            .contains("rename = \"otherChannel\"")
    );
}

#[test]
fn texts_of_several_lines_end_no_comment() {
    let values = json!({"allowableValues": {"valueType": "LIST", "values": ["a\nb", "c\r*/"]}});
    let parameters = json!([param("which\rway", "query", values)]);
    let mut odd = operations(&[("/x\n", json!({"parameters": parameters, "since": ["1\n2"]}))]);
    odd["models"] = json!({"M": {"id": "M", "description": "One.\n\rTwo. */"}});
    for (file, text) in crate::generate(&spec(&[("x.json", odd)])).unwrap().iter() {
        assert!(!text.contains('\r'), "{file}");
        let comment_ends =
            |line: &str| line.trim_start().starts_with("b`") || line.trim_start().starts_with("*/");
        assert!(!text.lines().any(comment_ends), "{file}: {text}");
    }
}

#[test]
fn an_error_and_a_warning_are_one_line() {
    let wrong = operations(&[("/x", json!({"responseClass": "a\nb", "odd\nkey": 1}))]);
    let spec = spec(&[("x.json", wrong)]);
    assert_eq!(spec.unknown_keys(), [r"x.json: apis[0].operations[0].odd\nkey"]);
    let error = crate::generate(&spec).unwrap_err().to_string();
    assert_eq!(
        error,
        r"x.json: apis[0].operations[0].responseClass: unknown type `a\nb`"
    );
    let twice = read(&[("x.json", json!({"apis": [{"path": 7}]}))])
        .unwrap_err()
        .to_string();
    assert!(
        twice.starts_with("x.json: apis[0].path: invalid type: integer `7`"),
        "{twice}"
    );
}
