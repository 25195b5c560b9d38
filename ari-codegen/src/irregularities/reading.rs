//! What is odd about the files.

use serde_json::json;

use super::{declaration, error, models, operations, param, read, spec};
use crate::swagger::MISSPELT;

#[test]
fn known_misspelt_keys_are_passed_over_and_others_are_told() {
    for (misspelt, _) in MISSPELT {
        let odd = operations(&[(
            "/x",
            json!({"parameters": [param("a", "query", json!({ misspelt: "text" }))]}),
        )]);
        assert!(spec(&[("x.json", odd)]).unknown_keys().is_empty(), "{misspelt}");
    }
    let new = operations(&[(
        "/x",
        json!({"parameters": [param("a", "query", json!({"descriptionii": ""}))]}),
    )]);
    let told = spec(&[("x.json", new)]);
    assert_eq!(
        told.unknown_keys(),
        ["x.json: apis[0].operations[0].parameters[0].descriptionii"]
    );
}

#[test]
fn prose_and_names_of_persons_are_no_facts() {
    let mut wordy = operations(&[(
        "/x",
        json!({
            "summary": "Goes there.", "notes": "It may take long.",
            "parameters": [param("a", "query", json!({"description": "Which way.", "__note": "think again"}))],
            "errorResponses": [{"code": 404, "reason": "No way."}],
        }),
    )]);
    wordy["_author"] = json!("A Person <a@example.org>");
    wordy["_copyright"] = json!("Copyright someone");
    wordy["models"] = json!({"M": {"id": "M", "description": "A model.", "properties":
        {"p": {"type": "string", "description": "A property."}}}});
    let spec = spec(&[("x.json", wordy)]);
    assert!(spec.unknown_keys().is_empty(), "{:?}", spec.unknown_keys());
    let facts = crate::import(&spec, "1.2.3").unwrap();
    let text = facts.get("x.json").unwrap();
    for word in [
        "Goes",
        "long",
        "way",
        "think",
        "Person",
        "Copyright",
        "model.",
        "A property",
    ] {
        assert!(!text.contains(word), "{word} is in {text}");
    }
    assert!(text.contains("404") && text.contains("\"p\""));
}

#[test]
fn facts_are_read_by_the_same_reader_and_give_the_same_facts() {
    let original = operations(&[(
        "/x/{a}",
        json!({
            "since": ["12.0.0"], "summary": "Goes.",
            "parameters": [param("a", "path", json!({})), param("b", "query", json!({"allowMultiple": true,
                "defaultValue": "x", "allowableValues": {"valueType": "LIST", "values": ["x", "*"]}})),
                param("c", "query", json!({"dataType": "int", "allowableValues": {"valueType": "RANGE", "min": 0}}))],
            "errorResponses": [{"code": "404", "reason": "Gone."}],
        }),
    )]);
    let facts = crate::import(&spec(&[("x.json", original)]), "1.2.3").unwrap();
    let again = crate::swagger::Spec::from_texts("facts", facts.iter()).unwrap();
    assert_eq!(again.version(), Some("1.2.3"));
    assert!(again.unknown_keys().is_empty());
    assert_eq!(crate::import(&again, "1.2.3").unwrap(), facts);
}

#[test]
fn a_resource_may_be_missing_and_its_modules_are_a_fact() {
    let mut mailboxes = operations(&[("/mailboxes", json!({}))]);
    mailboxes["requiresModules"] = json!(["res_stasis_mailbox"]);
    let with = spec(&[
        ("mailboxes.json", mailboxes),
        ("x.json", operations(&[("/x", json!({}))])),
    ]);
    assert!(
        crate::import(&with, "1")
            .unwrap()
            .get("mailboxes.json")
            .unwrap()
            .contains("res_stasis_mailbox")
    );
    let without = spec(&[("x.json", operations(&[("/x", json!({}))]))]);
    let files = crate::generate(&without).unwrap();
    assert!(files.get("mailboxes.rs").is_none());
    assert!(!files.get("mod.rs").unwrap().contains("mailboxes"));
}

#[test]
fn errors_name_the_file_and_the_place_in_it() {
    let mut wrong = operations(&[("/x", json!({}))]);
    wrong["apis"][0]["operations"][0]["nickname"] = json!(7);
    let error = read(&[("x.json", wrong)]).unwrap_err().to_string();
    assert!(
        error.starts_with("x.json: apis[0].operations[0].nickname: invalid type: integer `7`"),
        "{error}"
    );
}

#[test]
fn a_model_has_one_name_and_is_in_one_file() {
    let renamed = declaration(json!([]), json!({"M": {"id": "N", "properties": {}}}));
    assert_eq!(
        error(&[("x.json", renamed)]),
        "x.json: models.M.id: the model is called `N` here"
    );
    let twice = [
        ("x.json", models(&[("M", json!({}))])),
        ("y.json", models(&[("M", json!({}))])),
    ];
    assert_eq!(error(&twice), "y.json: models.M: the model is also in x.json");
}
