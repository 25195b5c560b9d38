//! A specification may be anything: bindings that are Rust, or one line that tells where it is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers outside the test functions unwrap, too"
)]

mod growth;
#[path = "../../../ari-client/tests/robust/json.rs"]
mod json;
#[path = "../../../ari-client/tests/robust/pace.rs"]
mod pace;
mod property;

use std::collections::BTreeSet;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

use json::{any_json, mutated};
use property::holds;

/// Files that are small enough to be generated from often, and that hold every kind of thing.
const FILES: [&str; 5] = ["sounds", "playbacks", "deviceStates", "mailboxes", "applications"];

/// Events that hold every kind of part.
const EVENTS: [&str; 4] = [
    "StasisStart",
    "PlaybackStarted",
    "ChannelTransfer",
    "ContactStatusChange",
];

fn read(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/asterisk-22");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn listing() -> Value {
    let listed = json!([{"path": "/api-docs/x.{format}"}]);
    json!({"apiVersion": "1", "swaggerVersion": "1.1", "apis": listed})
}

/// The declaration of some events, with all the models that they need.
fn events() -> Value {
    let files = ["events", "channels", "bridges", "playbacks", "endpoints"].map(read);
    let known: Map<String, Value> = files
        .iter()
        .flat_map(|file| file["models"].as_object().unwrap().clone())
        .collect();
    let mut events = files[0].clone();
    let mut models = Map::new();
    let mut open: Vec<&str> = [&EVENTS[..], &["Message", "Event"]].concat();
    while let Some(name) = open.pop() {
        let (name, model) = known.get_key_value(name).unwrap();
        if models.insert(name.clone(), model.clone()).is_none() {
            let types = model["properties"].as_object().unwrap().values();
            let types = types.filter_map(|property| property["type"].as_str());
            let items = types.map(|ty| ty.trim_start_matches("List[").trim_end_matches(']'));
            open.extend(items.filter(|ty| known.contains_key(*ty)));
        }
    }
    models["Message"]["subTypes"] = json!(["Event"]);
    models["Event"]["subTypes"] = json!(EVENTS);
    events["models"] = Value::Object(models);
    events
}

fn any_declaration() -> impl Strategy<Value = Value> {
    let declarations = FILES.into_iter().map(read).chain([events()]);
    Union::new(declarations.map(Just))
}

fn with(declaration: &str) {
    holds(&[
        ("resources.json", &listing().to_string()),
        ("x.json", declaration),
    ]);
}

#[test]
fn the_declarations_are_good_ones() {
    for declaration in FILES.into_iter().map(read).chain([events()]) {
        let texts = [
            ("resources.json", listing().to_string()),
            ("x.json", declaration.to_string()),
        ];
        let spec = ari_codegen::Spec::from_texts("asterisk-0.0.0", texts).unwrap();
        ari_codegen::generate(&spec).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_text(listing in "\\PC*", declaration in vec(any::<char>(), 0..100)) {
        holds(&[("resources.json", &listing)]);
        with(&String::from_iter(declaration));
    }

    #[test]
    fn any_json_of_any_shape(listing in any_json(), declaration in any_json()) {
        holds(&[("resources.json", &listing.to_string())]);
        with(&declaration.to_string());
    }

    #[test]
    fn any_listing_with_something_odd(listing in mutated(&listing())) {
        holds(&[("resources.json", &listing), ("x.json", &read("sounds").to_string())]);
    }

    #[test]
    fn any_declaration_with_something_odd(declaration in any_declaration().prop_flat_map(|whole| mutated(&whole))) {
        with(&declaration);
    }

    #[test]
    fn any_names(names in vec(any_name(), 6)) {
        let [resource, nickname, param, value, model, property] = &names[..] else { panic!("six names") };
        let values = json!({"valueType": "LIST", "values": [value]});
        let params = json!([
            {"name": param, "paramType": "query", "dataType": "string", "allowableValues": values},
            {"name": model, "paramType": "body", "dataType": "containers"},
        ]);
        let operation = json!({"httpMethod": "GET", "nickname": nickname, "responseClass": "void", "parameters": params});
        let properties = json!({property: {"type": "string", "allowableValues": values}});
        let declaration = json!({
            "apiVersion": "2", "swaggerVersion": "1.1", "resourcePath": resource,
            "apis": [{"path": format!("/{resource}"), "operations": [operation]}],
            "models": {model: {"id": model, "properties": properties}},
        });
        let listing = json!({"apiVersion": "1", "swaggerVersion": "1.1", "asteriskVersion": value,
            "apis": [{"path": format!("/api-docs/{resource}.json")}]});
        let file = format!("{}.json", resource.rsplit('/').next().unwrap_or_default());
        holds(&[("resources.json", &listing.to_string()), (&file, &declaration.to_string())]);
    }
}

/// Names that are no identifiers, that are taken, and that are neither.
fn any_name() -> impl Strategy<Value = String> {
    let taken = BTreeSet::from([
        "self",
        "Self",
        "type",
        "s",
        "5",
        "String",
        "Option",
        "Vec",
        "new",
        "client",
        "other",
        "events",
        "models",
        "enums",
        "mod",
        "EventKind",
        "a\nb",
        "a\r",
        "*/",
        "application",
        "into",
        "await",
        "",
    ]);
    let taken: Vec<_> = taken.into_iter().map(str::to_owned).collect();
    prop_oneof![prop::sample::select(taken), "[a-zA-Z_]{1,8}", any::<String>()]
}
