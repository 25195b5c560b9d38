//! Paths and the operations on them.

use super::json::{Json, Object};
use super::{bodies, operation_id, responses, schemas};
use crate::ir::{Interface, Method, Operation, Param, Place, Resource, Type, template};

/// The paths of `interface`. The upgrade to a WebSocket is no operation of HTTP, and left out.
pub(super) fn paths(interface: &Interface) -> Object {
    let mut paths: Vec<(String, Object)> = Vec::new();
    for resource in &interface.resources {
        for operation in resource
            .operations
            .iter()
            .filter(|operation| !operation.websocket)
        {
            let path = template(&operation.path);
            let item = Object::new().with(method(operation.method), entry(resource, operation));
            match paths.iter_mut().find(|(known, _)| *known == path) {
                Some((_, present)) => *present = std::mem::take(present).extend(item),
                None => paths.push((path, item)),
            }
        }
    }
    Object::of(paths)
}

fn entry(resource: &Resource, operation: &Operation) -> Object {
    let (summary, rest) = words(operation);
    let parameters: Json = operation.ordered_params().filter_map(parameter).collect();
    Object::new()
        .with("tags", vec![resource.wire.as_str()])
        .with_some("summary", summary)
        .with_some("description", rest)
        .with("operationId", operation_id(&resource.wire, &operation.nickname))
        .with("parameters", parameters)
        .with_some("requestBody", bodies::body(operation))
        .with("responses", responses::of(operation))
}

/// The first paragraph of the description, and what else is to be said.
fn words(operation: &Operation) -> (Option<String>, Option<String>) {
    let (summary, rest) = match operation.description.as_deref() {
        Some(text) => match text.split_once("\n\n") {
            Some((first, rest)) => (Some(one_line(first)), Some(rest.to_owned())),
            None => (Some(one_line(text)), None),
        },
        None => (None, None),
    };
    let since =
        (!operation.since.is_empty()).then(|| format!("Since Asterisk {}.", operation.since.join(", ")));
    let detour = operation.detour.as_deref().map(|detour| {
        format!(
            "Better sent as `{} {}`, with an id that the client made.",
            method(operation.method).to_uppercase(),
            template(detour)
        )
    });
    let paragraphs: Vec<_> = [rest, detour, since].into_iter().flatten().collect();
    (summary, (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n")))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parameter, or `None` where it travels in the body.
fn parameter(param: &Param) -> Option<Object> {
    let (place, list, schema) = match &param.place {
        Place::Path => ("path", false, schemas::of(&Type::Text)),
        Place::Query(ty) => ("query", matches!(ty, Type::List(_)), limited(param, ty)),
        Place::BodyKey(_) | Place::Body => return None,
    };
    Some(
        Object::new()
            .with("name", param.wire.as_str())
            .with("in", place)
            .with_some("description", param.description.as_deref())
            .with("required", param.required)
            // A list is one value, split at its commas.
            .with_some("style", list.then_some("form"))
            .with_some("explode", list.then_some(false))
            .with("schema", schema),
    )
}

/// The schema of `ty`, with the default and the limits of `param`.
fn limited(param: &Param, ty: &Type) -> Object {
    let schema = schemas::of(ty);
    let schema = match (ty, &param.default) {
        (Type::Enum(_), Some(_)) => Object::new().with("allOf", Json::from_iter([schema])),
        _ => schema,
    };
    schema
        .with_some("minimum", param.min)
        .with_some("maximum", param.max)
        .with_some("default", param.default.clone())
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Delete => "delete",
    }
}
