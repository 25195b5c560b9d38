//! The document as progenitor gets it.

use std::collections::BTreeMap;

use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr};

use super::super::{openapi, rust};
use super::{facts, not_rust};
use crate::error::Result;
use crate::ir::Interface;

/// What progenitor calls the body of a request. A parameter of that name is defined twice then.
const BODY: &str = "body";

/// What such a parameter is called instead. The rewriting gives it its own name on the wire.
pub(super) const BODY_ALIAS: &str = "body_text";

/// The document for `interface` without its events, with names of ours for the operations.
///
/// Of the union of the events progenitor makes a type that tries one after the other and fails at what it does not know.
pub(super) fn document(interface: &Interface) -> Result<OpenAPI> {
    let text = openapi::document(interface)?;
    let mut document: OpenAPI = serde_json::from_str(&text).map_err(|error| not_rust(&error))?;
    if let Some(components) = &mut document.components {
        let is_event =
            |name: &str| name == openapi::ANY_EVENT || interface.events().any(|event| event.wire == name);
        components.schemas.retain(|name, _| !is_event(name));
    }
    let ids = ids(interface);
    rust::check_unique(super::CLIENT, ids.values().cloned())?;
    for item in document.paths.paths.values_mut() {
        let ReferenceOr::Item(item) = item else { continue };
        for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.delete] {
            operation.iter_mut().for_each(|operation| rename(operation, &ids));
        }
    }
    Ok(document)
}

/// The name of each operation in code, by its id in the document.
fn ids(interface: &Interface) -> BTreeMap<String, String> {
    let of_resource = |resource| facts::operations(resource).map(move |operation| (resource, operation));
    interface
        .resources
        .iter()
        .flat_map(of_resource)
        .map(|(resource, operation)| {
            (
                openapi::operation_id(&resource.wire, &operation.nickname),
                facts::id(resource, operation),
            )
        })
        .collect()
}

fn rename(operation: &mut Operation, ids: &BTreeMap<String, String>) {
    if let Some(id) = &mut operation.operation_id
        && let Some(ours) = ids.get(id.as_str())
    {
        id.clone_from(ours);
    }
    if operation.request_body.is_none() {
        return;
    }
    for parameter in &mut operation.parameters {
        if let ReferenceOr::Item(Parameter::Query { parameter_data, .. }) = parameter
            && parameter_data.name == BODY
        {
            BODY_ALIAS.clone_into(&mut parameter_data.name);
        }
    }
}

/// The name on the wire of the query parameter `name`.
pub(super) fn wire_name(name: &str) -> &str {
    if name == BODY_ALIAS { BODY } else { name }
}
