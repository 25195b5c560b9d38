//! What is odd about models and events.

use serde_json::{Value, json};

use super::{code, error, generate, interface, models, property};
use crate::ir::{Presence, Role, Type};

/// The tree of messages, with `more` models beside it.
fn events(more: &[(&str, Value)]) -> Value {
    let mut tree = models(&[
        (
            "Message",
            json!({"type": {"type": "string", "required": true}, "asterisk_id": {"type": "string"}}),
        ),
        (
            "MissingParams",
            json!({"params": {"type": "List[string]", "required": true}}),
        ),
        (
            "Event",
            json!({"application": {"type": "string", "required": true}, "timestamp": {"type": "Date", "required": true}}),
        ),
        ("ApplicationReplaced", json!({})),
        (
            "StasisStart",
            json!({"channel": {"type": "Channel", "required": true}}),
        ),
        (
            "CallBroadcast",
            json!({"channel": {"type": "Channel", "required": true}, "caller": {"type": "string"}}),
        ),
        ("Channel", json!({"id": {"type": "string", "required": true}})),
        ("Bridge", json!({"id": {"type": "string", "required": true}})),
        ("Playback", json!({"id": {"type": "string", "required": true}})),
        (
            "LiveRecording",
            json!({"name": {"type": "string", "required": true}}),
        ),
    ]);
    tree["models"]["Message"]["discriminator"] = json!("type");
    tree["models"]["Message"]["subTypes"] = json!(["MissingParams", "Event"]);
    tree["models"]["Event"]["subTypes"] = json!(["ApplicationReplaced", "StasisStart", "CallBroadcast"]);
    for (id, properties) in more {
        tree["models"][*id] = json!({"id": id, "properties": properties});
    }
    tree
}

#[test]
fn a_property_that_does_not_say_it_is_required_is_optional() {
    let interface = interface(&[("x.json", models(&[("M", json!({"cause": {"type": "int"}}))]))]);
    assert_eq!(
        property(&interface.models[0], "cause").presence,
        Presence::Optional
    );
}

#[test]
fn properties_that_the_specification_leaves_out_are_added() {
    let statistics = models(&[("RTPstat", json!({"rtt": {"type": "double"}}))]);
    let interface = interface(&[("channels.json", statistics)]);
    let added = property(&interface.models[0], "remote_maxmes");
    assert_eq!((&added.ty, added.presence), (&Type::Float, Presence::Optional));
}

#[test]
fn models_without_properties_are_structs_like_others() {
    let files = generate(&[("x.json", models(&[("Dialed", json!({}))]))]);
    assert!(code(&files, "models.rs").contains("pub struct Dialed {}"));
}

#[test]
fn unused_models_are_generated_and_models_refer_across_files() {
    let files = [
        (
            "x.json",
            models(&[("Unused", json!({"other": {"type": "List[Other]"}}))]),
        ),
        ("y.json", models(&[("Other", json!({}))])),
    ];
    assert!(code(&generate(&files), "models.rs").contains("pub other: Option<Vec<Other>>"));
}

#[test]
fn events_inherit_and_lose_only_what_tells_them_apart() {
    let interface = interface(&[("x.json", events(&[]))]);
    let names = |model: &str| {
        let model = interface.model(model).unwrap();
        model
            .properties
            .iter()
            .map(|property| property.wire.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("ApplicationReplaced"),
        ["asterisk_id", "application", "timestamp"]
    );
    assert_eq!(
        names("StasisStart"),
        ["asterisk_id", "application", "timestamp", "channel"]
    );
    assert_eq!(names("MissingParams"), ["asterisk_id", "type", "params"]);
    assert_eq!(interface.model("MissingParams").unwrap().role, Role::Plain);
    let events: Vec<_> = interface.events().map(|model| model.wire.as_str()).collect();
    assert_eq!(events.len(), 3, "{events:?}");
}

#[test]
fn a_model_that_is_no_event_keeps_its_property_type() {
    let more = [(
        "RESTRequest",
        json!({"type": {"type": "string", "required": true}}),
    )];
    let files = generate(&[("x.json", events(&more))]);
    let code = code(&files, "models.rs");
    assert!(
        code.contains(r#"pub struct RestRequest { #[serde(rename = "type")]"#),
        "{code}"
    );
    assert!(code.contains("pub type_: String"), "{code}");
}

#[test]
fn an_event_writes_its_wire_name_and_routing_knows_its_objects() {
    let files = generate(&[("x.json", events(&[]))]);
    assert!(code(&files, "events.rs").contains(r#"#[serde(tag = "type", rename = "StasisStart")]"#));
    let peek = code(&files, "peek.rs");
    assert!(
        peek.contains("pub channel: Option<rt::PeekChannel<'a>>"),
        "{peek}"
    );
    assert!(
        !peek.contains("caller"),
        "a text is no object to route by: {peek}"
    );
}

#[test]
fn a_cycle_of_sub_types_ends_with_an_error() {
    let mut tree = events(&[]);
    tree["models"]["Channel"]["subTypes"] = json!(["Message"]);
    tree["models"]["Message"]["subTypes"] = json!(["Event", "Channel"]);
    assert!(error(&[("x.json", tree)]).contains("inherits from"));
    let mut tree = events(&[]);
    tree["models"]["Event"]["subTypes"] = json!(["Vanished"]);
    assert_eq!(
        error(&[("x.json", tree)]),
        "x.json: models.Event.subTypes: unknown model `Vanished`"
    );
}

#[test]
fn the_misspelt_channel_state_is_put_right() {
    let state = json!({"state": {"type": "string", "required": true,
        "allowableValues": {"valueType": "LIST", "values": ["Down", "Rsrved", "Pre-ring"]}}});
    let code = code(
        &generate(&[("x.json", models(&[("Channel", state)]))]),
        "enums.rs",
    );
    assert!(
        code.contains(r#"Down = "Down", Rsrvd = "Rsrvd", PreRing = "Pre-ring", Mute = "Mute","#),
        "{code}"
    );
}

#[test]
fn int_is_as_wide_as_long() {
    let stat = json!({"local_ssrc": {"type": "int", "required": true}, "rtt": {"type": "double"}});
    let code = code(
        &generate(&[("x.json", models(&[("RTPstat", stat)]))]),
        "models.rs",
    );
    assert!(
        code.contains("pub struct RtpStat") && code.contains("pub local_ssrc: i64"),
        "{code}"
    );
    assert!(code.contains("pub rtt: Option<f64>"), "{code}");
    assert!(!code.contains("deny_unknown_fields"));
}

#[test]
fn only_ids_and_models_are_strictly_required() {
    let properties = json!({"id": {"type": "string", "required": true}, "name": {"type": "string", "required": true},
        "caller": {"type": "CallerID", "required": true}, "args": {"type": "List[string]", "required": true}});
    let caller = json!({"name": {"type": "string", "required": true}});
    let dialplan = json!({"priority": {"type": "long", "required": true}});
    let files = [(
        "x.json",
        models(&[
            ("Channel", properties),
            ("CallerID", caller),
            ("DialplanCEP", dialplan),
        ]),
    )];
    let interface = interface(&files);
    let presence = |model: &str, name: &str| property(interface.model(model).unwrap(), name).presence;
    assert_eq!(presence("Channel", "id"), Presence::Strict);
    assert_eq!(presence("Channel", "caller"), Presence::Strict);
    assert_eq!(presence("Channel", "name"), Presence::Defaulted);
    assert_eq!(presence("Channel", "args"), Presence::Defaulted);
    assert_eq!(presence("CallerID", "name"), Presence::Defaulted);
    assert_eq!(presence("DialplanCEP", "priority"), Presence::Optional);
}

#[test]
fn dates_are_texts_of_asterisks_own_and_objects_are_maps() {
    let properties = json!({"creationtime": {"type": "Date", "required": true}, "channelvars": {"type": "object"},
        "events_allowed": {"type": "List[object]"}, "timestamp": {"type": "string"}});
    let interface = interface(&[("x.json", models(&[("M", properties)]))]);
    let ty = |name: &str| property(&interface.models[0], name).ty.clone();
    assert_eq!(ty("creationtime"), Type::Timestamp);
    assert_eq!(ty("channelvars"), Type::Object);
    assert_eq!(ty("events_allowed"), Type::List(Box::new(Type::Object)));
    assert_eq!(ty("timestamp"), Type::Text);
}

#[test]
fn names_that_become_one_are_refused() {
    let twice = models(&[("RESTHeader", json!({})), ("RestHeader", json!({}))]);
    assert_eq!(
        error(&[("x.json", twice)]),
        "x.json: models.RestHeader: becomes `RestHeader`, as the model `RESTHeader` does"
    );
    let state = json!({"type": "string", "allowableValues": {"valueType": "LIST", "values": ["a"]}});
    let taken = models(&[("Line", json!({"state": state})), ("LineState", json!({}))]);
    assert_eq!(
        error(&[("x.json", taken)]),
        "x.json: models.LineState: becomes `LineState`, as an enumeration does"
    );
    let fields = models(&[("M", json!({"aB": {"type": "int"}, "a_b": {"type": "int"}}))]);
    assert_eq!(
        error(&[("x.json", fields)]),
        "x.json: models.M.properties.a_b: becomes `a_b`, as `aB` does"
    );
}

#[test]
fn a_model_may_list_its_like_but_not_hold_itself() {
    let listed = models(&[("Folder", json!({"folders": {"type": "List[Folder]"}}))]);
    assert_eq!(interface(&[("x.json", listed)]).models.len(), 1);
    let a = json!({"b": {"type": "B"}});
    let holds = models(&[("A", a), ("B", json!({"a": {"type": "A"}}))]);
    assert_eq!(
        error(&[("x.json", holds)]),
        "x.json: models.A: the model holds itself"
    );
}
