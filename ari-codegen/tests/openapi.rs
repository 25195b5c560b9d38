//! The OpenAPI document: current, whole, and accepted by a validator that is not ours.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers outside the test functions fail by panicking, too"
)]

use std::path::{Path, PathBuf};

use ari_codegen::{Spec, Words};
use roas::v3_0::spec::Spec as Validated;
use roas::validation::{Options, Validate};
use serde_json::{Value, json};

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")
}

fn spec() -> Spec {
    let words = Words::read(&specs().join("docs")).unwrap();
    Spec::read(&specs().join("asterisk-22"))
        .unwrap()
        .with_words(words)
}

fn document() -> Value {
    serde_json::from_str(&ari_codegen::openapi(&spec()).unwrap()).unwrap()
}

/// What the validator `roas` says against `document`. The schemas of events are not used by any operation.
fn validate(document: &Value) -> Result<(), String> {
    let parsed: Validated = serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
    let valid = parsed.validate(Options::IgnoreUnusedSchemas.into(), None);
    valid.map_err(|error| error.to_string())?;
    // It reads over keys that it does not know; another reader of such documents tells them by what it loses.
    let read: openapiv3::OpenAPI =
        serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
    let lost = lost("", document, &serde_json::to_value(read).unwrap());
    lost.first()
        .map_or(Ok(()), |place| Err(format!("{place}: unknown key")))
}

/// The places in `written` that `read` has no value for.
fn lost(at: &str, written: &Value, read: &Value) -> Vec<String> {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => written
            .iter()
            .flat_map(|(key, value)| match read.get(key) {
                Some(read) => lost(&format!("{at}/{key}"), value, read),
                None if *value == json!(false) || *value == json!([]) => Vec::new(),
                None => vec![format!("{at}/{key}")],
            })
            .collect(),
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => {
            let items = written.iter().zip(read).enumerate();
            items
                .flat_map(|(index, (written, read))| lost(&format!("{at}/{index}"), written, read))
                .collect()
        }
        _ if written == read => Vec::new(),
        _ => vec![at.to_owned()],
    }
}

#[test]
fn the_committed_document_is_current() {
    let committed = std::fs::read_to_string(specs().join("openapi.json")).unwrap();
    assert!(
        committed == ari_codegen::openapi(&spec()).unwrap(),
        "specs/openapi.json is stale; run: cargo codegen openapi"
    );
}

#[test]
fn an_independent_validator_accepts_it() {
    validate(&document()).unwrap();
}

#[test]
fn the_validator_refuses_a_broken_one() {
    const PLAY: &str = "/paths/~1channels~1{channelId}~1play/post";
    for (pointer, value, told) in [
        ("/info/version", Value::Null, "version"),
        ("/openapi", json!("4.0.0"), "4.0.0"),
        ("/servers/0/variables/host", Value::Null, "host"),
        ("/components/schemas/Channel/type", json!("strng"), "strng"),
        (
            "/components/schemas/Channel/requird",
            json!(["id"]),
            "Channel/requird",
        ),
        (
            &format!("{PLAY}/responses/2XX/content/application~1json/schema/$ref"),
            json!("#/components/schemas/Chanel"),
            "Chanel",
        ),
        (
            &format!("{PLAY}/operationId"),
            json!("channels_get"),
            "already in use",
        ),
        (&format!("{PLAY}/responses"), Value::Null, "responses"),
        (
            &format!("{PLAY}/responses/20X"),
            json!({"description": "no status"}),
            "20X",
        ),
        (
            &format!("{PLAY}/parameters/0"),
            Value::Null,
            "no matching `in: path`",
        ),
        (
            &format!("{PLAY}/parameters/0/required"),
            json!(false),
            "must be required",
        ),
        (&format!("{PLAY}/parameters/1/in"), json!("querry"), "querry"),
        (&format!("{PLAY}/operationID"), json!("twice"), "operationID"),
    ] {
        let told_instead = validate(&changed(pointer, value)).expect_err(pointer);
        assert!(told_instead.contains(told), "{pointer}: {told_instead}");
    }
}

/// The document with `value` at `pointer`, or without what is there.
fn changed(pointer: &str, value: Value) -> Value {
    let mut document = document();
    let (holder, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(holder).unwrap() {
        Value::Object(members) if value.is_null() => drop(members.remove(key).unwrap()),
        Value::Object(members) => drop(members.insert(key.to_owned(), value)),
        Value::Array(items) => drop(items.remove(key.parse::<usize>().unwrap())),
        other => panic!("{pointer}: {other}"),
    }
    document
}

/// The operations, each with its place.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{method} {path}"), operation));
        }
    }
    operations
}

#[test]
fn every_operation_is_there_with_a_name_of_its_own_and_its_errors() {
    let document = document();
    let operations = operations(&document);
    assert_eq!(operations.len(), spec().counts().operations - 1);
    for (place, operation) in &operations {
        let id = operation["operationId"].as_str().unwrap();
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(id.starts_with(&format!("{tag}_")), "{place}: {id}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.contains_key("2XX") && responses.contains_key("default"),
            "{place}"
        );
    }
}

#[test]
fn everything_has_words() {
    let document = document();
    let has_words = |item: &Value, key: &str| item[key].as_str().is_some_and(|words| !words.is_empty());
    for (place, operation) in operations(&document) {
        assert!(has_words(operation, "summary"), "{place}");
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(has_words(parameter, "description"), "{place}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(
                status == "default" || has_words(response, "description"),
                "{place}: {status}"
            );
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(has_words(schema, "description"), "{name}");
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            let tells_the_type = schema["enum"] == json!([name]);
            assert!(
                tells_the_type || has_words(schema, "description"),
                "{name}.{property}"
            );
        }
    }
}

#[test]
fn lists_are_one_value_with_commas() {
    let document = document();
    let mut lists = 0;
    for (place, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().unwrap() {
            if parameter["schema"]["type"] == "array" {
                assert_eq!(
                    (&parameter["style"], &parameter["explode"]),
                    (&json!("form"), &json!(false)),
                    "{place}"
                );
                lists += 1;
            }
        }
    }
    // The thirteenth is that of the WebSocket.
    assert_eq!(lists, 12);
}

#[test]
fn bodies_are_described_by_what_is_in_them() {
    let document = document();
    let body = |path: &str, method: &str| {
        &document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    };
    let variables = |path: &str, method: &str| {
        body(path, method)["properties"]["variables"]["additionalProperties"].clone()
    };
    assert_eq!(
        variables("/channels", "post"),
        json!({"$ref": "#/components/schemas/VariableValue"})
    );
    assert_eq!(
        variables("/endpoints/sendMessage", "put"),
        json!({"type": "string"})
    );
    assert_eq!(variables("/events/user/{eventName}", "post"), json!(true));
    let dynamic = "/asterisk/config/dynamic/{configClass}/{objectType}/{id}";
    assert_eq!(
        body(dynamic, "put")["properties"]["fields"]["items"]["$ref"],
        "#/components/schemas/ConfigTuple"
    );
    let filter = body("/applications/{applicationName}/eventFilter", "put");
    assert_eq!(filter["additionalProperties"], json!(true));
    assert_eq!(
        body("/bridges/{bridgeId}/variables", "post")["required"],
        json!(["variables"])
    );
    let bodies = operations(&document)
        .iter()
        .filter(|(_, operation)| operation["requestBody"].is_object())
        .count();
    assert_eq!(bodies, 15);
}

#[test]
fn enumerations_are_open_and_events_are_told_apart() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let state = &schemas["ChannelState"]["anyOf"];
    assert!(state[0]["enum"].as_array().unwrap().contains(&json!("Rsrvd")));
    assert_eq!(state[1], json!({"type": "string"}));
    let any = &schemas["AnyEvent"];
    assert_eq!(any["oneOf"].as_array().unwrap().len(), 45);
    assert_eq!(any["discriminator"]["propertyName"], "type");
    assert_eq!(
        schemas["StasisStart"]["properties"]["type"]["enum"],
        json!(["StasisStart"])
    );
    assert_eq!(schemas["StasisStart"]["required"], json!(["type", "channel"]));
}

#[test]
fn words_of_a_specification_come_along() {
    const SOUNDS: &str = r#"{"apiVersion":"2","swaggerVersion":"1.1","resourcePath":"/api-docs/sounds.{format}",
        "apis":[{"path":"/sounds/{soundId}","operations":[{"httpMethod":"GET","nickname":"get","summary":"One sound.","notes":"More words.","since":["12.0.0"],"responseClass":"Sound",
        "parameters":[{"name":"soundId","paramType":"path","required":true,"dataType":"string","description":"Its id."}]}]}],
        "models":{"Sound":{"id":"Sound","description":"A sound.","properties":{"id":{"type":"string","required":true,"description":"The id."},"made":{"type":"Date","description":"When."}}}}}"#;
    let listing =
        r#"{"apiVersion":"1","swaggerVersion":"1.1","apis":[{"path":"/api-docs/sounds.{format}"}]}"#;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi-words");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("resources.json"), listing).unwrap();
    std::fs::write(folder.join("sounds.json"), SOUNDS).unwrap();
    let text = ari_codegen::openapi(&Spec::read(&folder).unwrap()).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    validate(&document).unwrap();
    let operation = &document["paths"]["/sounds/{soundId}"]["get"];
    assert_eq!(operation["summary"], "One sound.");
    assert_eq!(operation["description"], "More words.\n\nSince Asterisk 12.0.0.");
    assert_eq!(operation["parameters"][0]["description"], "Its id.");
    let sound = &document["components"]["schemas"]["Sound"];
    assert_eq!(sound["description"], "A sound.");
    assert_eq!(sound["properties"]["id"]["description"], "The id.");
    assert_eq!(
        sound["properties"]["made"],
        json!({"allOf": [{"$ref": "#/components/schemas/Timestamp"}], "description": "When."})
    );
}
