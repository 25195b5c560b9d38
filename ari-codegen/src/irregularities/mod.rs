//! Everything odd that Asterisk's specification does, one test each, on fragments written for the test.

mod hostile;
mod models;
mod operations;
mod reading;

use serde_json::{Value, json};

use crate::ir::{Interface, Model, Operation, Param, Property};
use crate::{Error, Files, Result, Spec};

/// A specification of the declarations in `files`.
pub(crate) fn spec(files: &[(&str, Value)]) -> Spec {
    read(files).unwrap()
}

fn read(files: &[(&str, Value)]) -> Result<Spec> {
    let listed: Vec<_> = files
        .iter()
        .map(|(name, _)| json!({"path": listed(name)}))
        .collect();
    let listing = json!({"apiVersion": "1", "swaggerVersion": "1.1", "apis": listed});
    let texts = files
        .iter()
        .map(|(name, declaration)| (*name, declaration.to_string()));
    Spec::from_texts(
        "asterisk-0.0.0",
        texts.chain([("resources.json", listing.to_string())]),
    )
}

/// How `resources.json` lists the file `name`.
fn listed(name: &str) -> String {
    format!("/api-docs/{}", name.replace(".json", ".{format}"))
}

/// A declaration of operations, each given as its path and the rest.
pub(crate) fn operations(operations: &[(&str, Value)]) -> Value {
    let api = |(path, operation): &(&str, Value)| {
        let mut whole = json!({"httpMethod": "POST", "nickname": "go", "responseClass": "void"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(operation.as_object().unwrap().clone());
        json!({"path": path, "operations": [whole]})
    };
    declaration(operations.iter().map(api).collect(), json!({}))
}

/// A declaration of models, given as their properties.
pub(crate) fn models(models: &[(&str, Value)]) -> Value {
    let models = models
        .iter()
        .map(|(id, properties)| ((*id).to_owned(), json!({"id": id, "properties": properties})));
    declaration(json!([]), Value::Object(models.collect()))
}

pub(crate) fn declaration(apis: Value, models: Value) -> Value {
    json!({"apiVersion": "2.0.0", "swaggerVersion": "1.1", "resourcePath": "x", "apis": apis, "models": models})
}

pub(crate) fn param(name: &str, kind: &str, rest: Value) -> Value {
    let mut param = json!({"name": name, "paramType": kind, "dataType": "string"});
    param
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    param
}

fn interface(files: &[(&str, Value)]) -> Interface {
    crate::interface(&spec(files)).unwrap()
}

fn error(files: &[(&str, Value)]) -> String {
    read(files)
        .and_then(|spec| crate::generate(&spec))
        .unwrap_err()
        .to_string()
}

fn generate(files: &[(&str, Value)]) -> Files {
    crate::generate(&spec(files)).unwrap()
}

fn operation(interface: &Interface) -> &Operation {
    &interface.resources[0].operations[0]
}

fn found<'i>(operation: &'i Operation, name: &str) -> &'i Param {
    operation.params.iter().find(|param| param.wire == name).unwrap()
}

fn property<'i>(model: &'i Model, name: &str) -> &'i Property {
    model
        .properties
        .iter()
        .find(|property| property.wire == name)
        .unwrap()
}

/// The code of the generated file `name`, without comments and line breaks.
fn code(files: &Files, name: &str) -> String {
    let lines = files.get(name).unwrap().lines().map(str::trim);
    lines
        .filter(|line| !line.starts_with("//"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_fixup_that_finds_nothing_to_fix_in_its_version_is_an_error_and_elsewhere_is_none() {
    let plain = operations(&[("/x", json!({}))]);
    let mut spec = spec(&[("x.json", plain)]);
    assert!(crate::interface(&spec).is_ok());
    spec.listing.asterisk_version = Some("22.10.1".to_owned());
    let Err(Error::UnusedFixup { fixup, .. }) = crate::interface(&spec) else {
        panic!()
    };
    assert_eq!(fixup, "error-codes-are-numbers");
}
