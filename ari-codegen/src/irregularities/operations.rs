//! What is odd about operations and their parameters.

use serde_json::{Value, json};

use super::{code, error, found, generate, interface, models, operation, operations, param};
use crate::ir::{Content, Place, Segment, Type};

fn params(path: &str, params: &[Value]) -> Value {
    operations(&[(path, json!({ "parameters": params }))])
}

#[test]
fn error_codes_that_are_strings_become_numbers() {
    let moved = operations(&[(
        "/x",
        json!({"errorResponses": [{"code": "404"}, {"code": 409}, {"code": 404}]}),
    )]);
    assert_eq!(operation(&interface(&[("x.json", moved)])).errors, [404, 409]);
    let wrong = operations(&[("/x", json!({"errorResponses": [{"code": "gone"}]}))]);
    assert_eq!(
        error(&[("x.json", wrong)]),
        "x.json: apis[0].operations[0].errorResponses[0].code: the string `gone` in place of a number"
    );
}

#[test]
fn documented_statuses_are_told_and_nothing_depends_on_them() {
    let documented = operations(&[("/x", json!({"errorResponses": [{"code": 422}]}))]);
    let files = generate(&[("x.json", documented)]);
    assert!(files.get("x.rs").unwrap().contains("422"));
    assert!(!code(&files, "x.rs").contains("422"));
}

#[test]
fn path_parameters_are_required_and_single_where_nothing_is_said() {
    let silent = params(
        "/endpoints/{tech}",
        &[
            param("tech", "path", json!({})),
            param("lang", "query", json!({})),
        ],
    );
    let interface = interface(&[("x.json", silent)]);
    assert!(found(operation(&interface), "tech").required);
    assert_eq!(
        found(operation(&interface), "lang").place,
        Place::Query(Type::Text)
    );
    assert!(!found(operation(&interface), "lang").required);
}

#[test]
fn keywords_are_names_like_others() {
    let moved = operations(&[(
        "/x",
        json!({"nickname": "move", "parameters": [
            param("type", "query", json!({})), param("from", "query", json!({"required": true}))]}),
    )]);
    let files = generate(&[("x.json", moved)]);
    let code = code(&files, "x.rs");
    assert!(
        code.contains("pub fn move_(&self, from: impl Into<String>) -> Move<rt::Ari>"),
        "{code}"
    );
    assert!(code.contains(r#".query_opt("type", self.type_)"#), "{code}");
    assert!(code.contains(r#"const NAME: &'static str = "x.move""#), "{code}");
}

#[test]
fn nicknames_repeat_between_resources_but_not_within_one() {
    let list = || operations(&[("/x", json!({"nickname": "list"}))]);
    assert_eq!(
        interface(&[("x.json", list()), ("y.json", list())])
            .resources
            .len(),
        2
    );
    let twice = operations(&[
        ("/x", json!({"nickname": "playNow"})),
        ("/y", json!({"nickname": "play_now"})),
    ]);
    assert_eq!(
        error(&[("x.json", twice)]),
        "x.json: apis[1].operations[0].nickname: `play_now` becomes `PlayNow`, as `playNow` does"
    );
}

#[test]
fn mixed_styles_become_one_and_keep_their_wire_names() {
    let mixed = params(
        "/x",
        &[
            param("appArgs", "query", json!({})),
            param("reason_code", "query", json!({})),
        ],
    );
    let code = code(&generate(&[("x.json", mixed)]), "x.rs");
    assert!(code.contains(r#".query_opt("appArgs", self.app_args)"#), "{code}");
    assert!(
        code.contains(r#".query_opt("reason_code", self.reason_code)"#),
        "{code}"
    );
}

#[test]
fn the_path_gives_the_order_of_its_parameters() {
    let bridge = params(
        "/bridges/{a}/{b}",
        &[
            param("type", "query", json!({"required": true})),
            param("b", "path", json!({})),
            param("a", "path", json!({})),
        ],
    );
    let interface = interface(&[("x.json", bridge)]);
    let order: Vec<_> = operation(&interface)
        .ordered_params()
        .map(|param| param.wire.as_str())
        .collect();
    assert_eq!(order, ["a", "b", "type"]);
}

#[test]
fn a_path_and_its_parameters_agree() {
    let undeclared = params("/x/{id}", &[]);
    assert_eq!(
        error(&[("x.json", undeclared)]),
        "x.json: apis[0].operations[0]: `id` of the path `/x/{id}` is not declared"
    );
    let absent = params("/x", &[param("id", "path", json!({}))]);
    assert_eq!(
        error(&[("x.json", absent)]),
        "x.json: apis[0].operations[0]: the path `/x` does not hold `id`"
    );
}

#[test]
fn values_that_are_no_identifiers_get_names_and_collisions_are_refused() {
    let listed = |values: &[&str]| {
        let values = json!({"allowableValues": {"valueType": "LIST", "values": values}});
        params("/x", &[param("stop", "query", values)])
    };
    let code = code(
        &generate(&[("x.json", listed(&["none", "*", "#", "Dialing Offhook"]))]),
        "enums.rs",
    );
    assert!(
        code.contains(r##"pub enum GoStop { None = "none", Star = "*", Hash = "#", DialingOffhook"##),
        "{code}"
    );
    assert_eq!(
        error(&[("x.json", listed(&["no_answer", "noAnswer"]))]),
        "x.json: apis[0].operations[0].parameters[0].allowableValues.values[1]: `noAnswer` becomes `NoAnswer`, \
         as `no_answer` does"
    );
    assert_eq!(
        error(&[("x.json", listed(&["+"]))]),
        "x.json: apis[0].operations[0].parameters[0].allowableValues.values[0]: `+` holds no words to make a name of"
    );
}

#[test]
fn a_value_called_other_would_hide_the_open_end() {
    let values = json!({"allowableValues": {"valueType": "LIST", "values": ["mine", "other"]}});
    let error = error(&[("x.json", params("/x", &[param("whose", "query", values)]))]);
    assert!(
        error.contains("`other` becomes `Other`, which holds unknown values"),
        "{error}"
    );
}

#[test]
fn values_told_in_prose_alone_are_added() {
    let progress = operations(&[(
        "/x",
        json!({"nickname": "transfer_progress", "parameters": [param("states", "query", json!({"required": true}))]}),
    )]);
    let code = code(&generate(&[("channels.json", progress)]), "enums.rs");
    assert!(
        code.contains(r#"pub enum TransferState { ChannelProgress = "channel_progress","#),
        "{code}"
    );
}

#[test]
fn enumerations_of_one_name_have_the_same_values() {
    let side = |values: &[&str]| {
        json!({"nickname": "go", "parameters": [param("side", "query",
            json!({"allowableValues": {"valueType": "LIST", "values": values}}))]})
    };
    let same = [
        ("x.json", operations(&[("/x", side(&["a"]))])),
        ("y.json", operations(&[("/y", side(&["a"]))])),
    ];
    assert_eq!(interface(&same).enums.len(), 1);
    let differ = [
        ("x.json", operations(&[("/x", side(&["a"]))])),
        ("y.json", operations(&[("/y", side(&["b"]))])),
    ];
    assert_eq!(
        error(&differ),
        "y.json: apis[0].operations[0].parameters[0].allowableValues: becomes `GoSide`, \
         which has other values elsewhere"
    );
}

#[test]
fn bodies_hold_objects_under_the_parameters_name() {
    let body = |name: &str| json!({"parameters": [param(name, "body", json!({"dataType": "containers"}))]});
    let content = |file: &str, name: &str| {
        let files = [
            (file, operations(&[("/x", body(name))])),
            ("m.json", models(&[("ConfigTuple", json!({}))])),
        ];
        found(operation(&interface(&files)), name).place.clone()
    };
    assert_eq!(
        content("channels.json", "variables"),
        Place::BodyKey(Content::Variables)
    );
    assert_eq!(
        content("bridges.json", "variables"),
        Place::BodyKey(Content::Variables)
    );
    assert_eq!(
        content("endpoints.json", "variables"),
        Place::BodyKey(Content::Texts)
    );
    assert_eq!(
        content("events.json", "variables"),
        Place::BodyKey(Content::Values)
    );
    assert_eq!(content("new.json", "anything"), Place::BodyKey(Content::Anything));
    let Place::BodyKey(Content::Pairs { model, .. }) = content("asterisk.json", "fields") else {
        panic!()
    };
    assert_eq!(model, "ConfigTuple");
}

#[test]
fn a_body_that_is_an_object_is_the_whole_body() {
    let filter = params("/x", &[param("filter", "body", json!({"dataType": "object"}))]);
    let code = code(&generate(&[("x.json", filter)]), "x.rs");
    assert!(code.contains(r#".whole_body("filter", self.filter)"#), "{code}");
}

#[test]
fn a_bridge_is_created_by_the_path_that_reads_its_body_rightly() {
    let create = operations(&[(
        "/bridges",
        json!({"nickname": "create", "parameters": [param("bridgeId", "query", json!({})),
            param("variables", "body", json!({"dataType": "containers"}))]}),
    )]);
    let files = [("bridges.json", create)];
    let interface = interface(&files);
    assert_eq!(operation(&interface).path, [Segment::Literal("bridges".into())]);
    assert_eq!(
        operation(&interface).route()[1],
        Segment::Param("bridgeId".into())
    );
    let code = code(&generate(&files), "bridges.rs");
    assert!(
        code.contains(r#".created_segment("bridgeId", rt::ObjectKind::Bridge, self.bridge_id)"#),
        "{code}"
    );
    assert!(!code.contains(r#".created("bridgeId""#), "{code}");
}

#[test]
fn several_values_are_a_list_and_a_required_list_needs_one() {
    let list = json!({"allowMultiple": true});
    let required = json!({"allowMultiple": true, "required": true});
    let play = params(
        "/x",
        &[param("media", "query", required), param("source", "query", list)],
    );
    let code = code(&generate(&[("x.json", play)]), "x.rs");
    assert!(code.contains(r#".query_items("media", self.media)"#), "{code}");
    assert!(code.contains(r#".query_list("source", self.source)"#), "{code}");
    assert!(
        code.contains("pub fn new(media: impl IntoIterator<Item = impl Into<String>>) -> Self"),
        "{code}"
    );
}

#[test]
fn the_websocket_is_described_and_is_no_request() {
    let socket = operations(&[(
        "/events",
        json!({"nickname": "eventWebsocket", "upgrade": "websocket"}),
    )]);
    let files = [("x.json", socket)];
    assert!(operation(&interface(&files)).websocket);
    assert!(!code(&generate(&files), "x.rs").contains("EventWebsocket"));
}

#[test]
fn what_is_not_understood_is_an_error_with_its_place() {
    let place = "x.json: apis[0].operations[0]";
    for (operation, wrong) in [
        (
            json!({"httpMethod": "PATCH"}),
            ".httpMethod: unknown method `PATCH`",
        ),
        (
            json!({"responseClass": "Chanel"}),
            ".responseClass: unknown type `Chanel`",
        ),
        (json!({"nickname": "?"}), ".nickname: the name holds no words"),
        (
            json!({"parameters": [param("a", "header", json!({}))]}),
            ".parameters[0].paramType: unknown type of parameter `header`",
        ),
        (
            json!({"parameters": [param("a", "query", json!({"dataType": "strng"}))]}),
            ".parameters[0].dataType: unknown type `strng`",
        ),
        (
            json!({"parameters": [param("a", "body", json!({}))]}),
            ".parameters[0].dataType: unknown type of body `string`",
        ),
    ] {
        assert_eq!(
            error(&[("x.json", operations(&[("/x", operation)]))]),
            format!("{place}{wrong}")
        );
    }
    let twice = params(
        "/x",
        &[param("aB", "query", json!({})), param("a_b", "query", json!({}))],
    );
    assert_eq!(
        error(&[("x.json", twice)]),
        "x.json: apis[0].operations[0].parameters[1].name: `a_b` becomes `a_b`, as `aB` does"
    );
}
