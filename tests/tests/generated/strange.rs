//! A specification that nobody has seen: the committed one with more in it, and odd names.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::workshop::{codegen, compiled, folder, workspace};

/// Names that mean something to Rust, or to the generated code.
const ODD: [&str; 24] = [
    "type",
    "self",
    "crate",
    "super",
    "async",
    "await",
    "dyn",
    "fn",
    "gen",
    "match",
    "move",
    "yield",
    "try",
    "box",
    "client",
    "new",
    "with_client",
    "into_request",
    "decode",
    "clone",
    "rt",
    "models",
    "ari",
    "value",
];

/// Names of types that the generated code uses without a path.
const TYPES: [&str; 14] = [
    "Option",
    "String",
    "Vec",
    "Box",
    "Into",
    "IntoIterator",
    "IntoFuture",
    "Result",
    "Default",
    "Clone",
    "BTreeMap",
    "Self",
    "EventKind",
    "EventType",
];

/// A copy of the committed facts with more in it.
fn strange(test: &str) -> PathBuf {
    let folder = folder(&format!("strange-{test}-99.1.0"));
    for file in fs::read_dir(workspace().join("specs/asterisk-22")).unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    change(&folder, "resources.json", |listing| {
        listing["asteriskVersion"] = json!("99.1.0");
        listing["apis"]
            .as_array_mut()
            .unwrap()
            .push(json!({"path": "/api-docs/type.{format}"}));
    });
    change(&folder, "channels.json", operations);
    change(&folder, "events.json", events);
    let types = json!({
        "apiVersion": "2.0.0", "swaggerVersion": "1.1", "resourcePath": "/api-docs/type.{format}",
        "apis": [{"path": "/type", "operations": [{"httpMethod": "GET", "nickname": "list", "responseClass": "List[Type]"}]}],
        "models": {"Type": {"id": "Type", "properties": properties(&ODD)}},
    });
    fs::write(folder.join("type.json"), types.to_string()).unwrap();
    folder
}

fn change(folder: &std::path::Path, file: &str, change: impl FnOnce(&mut Value)) {
    let path = folder.join(file);
    let mut json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut json);
    fs::write(path, json.to_string()).unwrap();
}

/// Operations, parameters, values and models with odd names.
fn operations(channels: &mut Value) {
    let of_channel =
        || json!({"name": "channelId", "paramType": "path", "dataType": "string", "required": true});
    let query = |name: &str, required: bool, kind: &str| json!({"name": name, "paramType": "query", "dataType": kind, "required": required});
    let apis = channels["apis"].as_array_mut().unwrap();
    for name in ["async", "match", "loop", "client"].into_iter().chain(TYPES) {
        let mut parameters = vec![of_channel()];
        parameters.extend(
            ODD.iter()
                .enumerate()
                .map(|(at, name)| query(name, at.is_multiple_of(2), "string")),
        );
        parameters.push(json!({"name": "names", "paramType": "body", "dataType": "containers"}));
        let operation = json!({"httpMethod": "POST", "nickname": name, "responseClass": "List[Channel]",
            "since": ["99.1.0"], "parameters": parameters, "errorResponses": [{"code": 418, "reason": "tea"}]});
        apis.push(json!({"path": format!("/channels/{{channelId}}/{name}"), "operations": [operation]}));
    }
    let mut level = query("level", false, "string");
    level["allowableValues"] =
        json!({"valueType": "LIST", "values": ["self", "none", "some", "*", "very high"]});
    let tune = json!({"httpMethod": "PUT", "nickname": "tune", "responseClass": "void",
        "parameters": [of_channel(), level, query("gain", true, "double"), query("count", false, "int")]});
    apis.push(json!({"path": "/channels/{channelId}/tune", "operations": [tune]}));
    let models = channels["models"].as_object_mut().unwrap();
    for name in TYPES {
        models.insert(
            name.to_owned(),
            json!({"id": name, "properties": properties(&ODD)}),
        );
    }
    let state = &mut channels["models"]["Channel"]["properties"]["state"]["allowableValues"]["values"];
    state.as_array_mut().unwrap().push(json!("Teleporting"));
}

/// Events, one of which holds everything; and names that mean something to the code around events.
fn events(events: &mut Value) {
    for name in ["ChannelTeleported", "Unknown", "Malformed", "Match"] {
        let mut properties = properties(&ODD.map(|name| if name == "type" { "kind" } else { name }));
        properties["channel"] = json!({"type": "Channel", "required": true});
        properties["bridges"] = json!({"type": "List[Bridge]"});
        events["models"][name] = json!({"id": name, "properties": properties});
        events["models"]["Event"]["subTypes"]
            .as_array_mut()
            .unwrap()
            .push(json!(name));
    }
}

/// Properties of all types.
fn properties(names: &[&str]) -> Value {
    const KINDS: [&str; 9] = [
        "string",
        "int",
        "long",
        "double",
        "boolean",
        "Date",
        "object",
        "List[string]",
        "Channel",
    ];
    let property = |at: usize| json!({"type": KINDS[at % KINDS.len()], "required": at.is_multiple_of(2)});
    let pairs = names
        .iter()
        .enumerate()
        .map(|(at, name)| ((*name).to_owned(), property(at)));
    Value::Object(pairs.collect())
}

#[test]
#[ignore = "compiles generated crates"]
fn a_specification_that_nobody_has_seen_compiles() {
    let spec = strange("spec");
    let bindings = compiled("strange", spec.to_str().unwrap(), None);
    let text = |file: &str| fs::read_to_string(bindings.join(file)).unwrap();
    for (file, held) in [
        ("mod.rs", "pub mod type_;"),
        ("type_.rs", "Vec<models::Type>"),
        ("channels.rs", "pub fn async_("),
        ("channels.rs", "pub fn self_(mut self,"),
        ("channels.rs", r#"&["99.1.0"]"#),
        ("enums.rs", r#"Teleporting = "Teleporting","#),
        ("enums.rs", r#"Self_ = "self","#),
        ("events.rs", "ChannelTeleported(Box<ChannelTeleported>)"),
        ("events.rs", "pub struct ChannelTeleported {"),
    ] {
        assert!(text(file).contains(held), "{file} has no {held}");
    }
}

#[test]
#[ignore = "compiles generated crates"]
fn what_a_specification_that_nobody_has_seen_adds_breaks_nothing() {
    let spec = strange("diff");
    let there = codegen(None, &["diff", "specs/asterisk-22", spec.to_str().unwrap()]);
    let report = String::from_utf8(there.stdout).unwrap();
    assert_eq!(there.status.code(), Some(0), "{report}");
    for line in [
        "    channels.tune: PUT /channels/{channelId}/tune",
        "    type.list: GET /type",
        "    ChannelTeleported",
        "    ChannelState: Teleporting",
    ] {
        assert!(report.lines().any(|told| told == line), "no {line} in {report}");
    }
    let back = codegen(None, &["diff", spec.to_str().unwrap(), "specs/asterisk-22"]);
    assert_eq!(back.status.code(), Some(1));
}
