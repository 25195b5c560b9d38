//! Models, their properties, and events.

use serde_json::{Value, json};

use super::{check, values};
use crate::irregularities::models;

/// A model with one property `p`.
fn property(property: Value) -> Value {
    models(&[("A", json!({"p": property}))])
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
