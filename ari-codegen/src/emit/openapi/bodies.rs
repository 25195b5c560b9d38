//! JSON bodies of requests.

use super::json::Object;
use super::schemas;
use crate::ir::{Content, Operation, Param, Place, Type};

/// The body of `operation`, where it documents one.
pub(super) fn body(operation: &Operation) -> Option<Object> {
    let parts: Vec<_> = operation
        .params
        .iter()
        .filter(|param| matches!(param.place, Place::Body | Place::BodyKey(_)))
        .collect();
    let schema = match parts.as_slice() {
        [] => return None,
        [whole] if whole.place == Place::Body => {
            schemas::anything().with_some("description", whole.description.as_deref())
        }
        keys => object(keys),
    };
    let required = parts.iter().any(|param| param.required);
    Some(
        Object::new()
            .with("required", required)
            .with("content", json(schema)),
    )
}

/// A body or a reply of JSON.
pub(super) fn json(schema: Object) -> Object {
    Object::new().with("application/json", Object::new().with("schema", schema))
}

fn object(keys: &[&Param]) -> Object {
    let properties = keys.iter().map(|param| {
        (
            param.wire.clone(),
            schemas::described(content(param), param.description.as_deref()),
        )
    });
    let required = keys.iter().filter(|param| param.required);
    Object::new()
        .with("type", "object")
        .with("properties", Object::of(properties))
        .with_names("required", required.map(|param| param.wire.clone()).collect())
}

fn content(param: &Param) -> Object {
    let map = |values: Object| {
        Object::new()
            .with("type", "object")
            .with("additionalProperties", values)
    };
    let Place::BodyKey(content) = &param.place else {
        return Object::new();
    };
    match content {
        Content::Texts => map(schemas::of(&Type::Text)),
        Content::Variables => map(schemas::reference(schemas::VARIABLE_VALUE)),
        Content::Values => schemas::anything(),
        Content::Pairs { model, .. } => schemas::of(&Type::List(Box::new(Type::Model(model.clone())))),
        Content::Anything => Object::new(),
    }
}
