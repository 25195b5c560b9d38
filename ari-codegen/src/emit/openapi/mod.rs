//! The OpenAPI 3.0 backend: one document, for tools of any language.
//!
//! It describes what Asterisk reads and sends, not how our own client sends it. Events are no operations: they are
//! described as schemas alone.

mod bodies;
mod events;
mod json;
mod operations;
mod responses;
mod schemas;

use json::{Json, Object};

use crate::error::{Error, Result};
use crate::ir::{Interface, Resource};

#[cfg(feature = "progenitor")]
pub(super) use {
    events::ANY as ANY_EVENT,
    schemas::{TIMESTAMP, VARIABLE_VALUE, enum_name},
};

/// The file that the document is, in messages.
const FILE: &str = "openapi.json";

/// The document for `interface`, a JSON text.
pub(crate) fn document(interface: &Interface) -> Result<String> {
    let schemas = schemas::shared(interface)
        .extend(responses::schema())
        .extend(schemas::enums(interface))
        .extend(schemas::models(interface))
        .extend(events::schemas(interface));
    super::rust::check_unique(FILE, schemas.names().map(str::to_owned))?;
    let components = Object::new()
        .with("schemas", schemas)
        .with("responses", responses::shared())
        .with("securitySchemes", security_schemes());
    let document = Object::new()
        .with("openapi", "3.0.3")
        .with("info", info(interface))
        .with("servers", Json::from_iter([server()]))
        .with("security", Json::from_iter(security()))
        .with("tags", tags(interface))
        .with("paths", operations::paths(interface))
        .with("components", components);
    let text = serde_json::to_string_pretty(&document).map_err(|error| Error::Name {
        file: FILE.to_owned(),
        problem: error.to_string(),
    })?;
    Ok(text + "\n")
}

fn info(interface: &Interface) -> Object {
    Object::new()
        .with("title", "Asterisk REST Interface")
        .with("description", INFO)
        .with("version", interface.version.as_str())
}

const INFO: &str = "\
The operations of the Asterisk REST Interface (ARI), and the events of its WebSocket as schemas.

Each query parameter may be sent as a key of the JSON body in its place; Asterisk refuses a request line of more than \
4,096 bytes, so that long values have to. The body wins where both have the same name. A list in a query is one value \
with commas in it; where an item holds a comma itself, or there are more than 127, send the list as an array in the body.

In paths and queries Asterisk reads `+` as a space: escape all but letters, digits and `-._~`. An empty part of a path \
leads to another operation.";

fn server() -> Object {
    let variable = |default: &str, description: &str| {
        Object::new()
            .with("default", default)
            .with("description", description)
    };
    let scheme = Object::new()
        .with("enum", vec!["http", "https"])
        .with("default", "http")
        .with("description", "TLS has a port of its own, 8089 by default.");
    let variables = Object::new()
        .with("scheme", scheme)
        .with(
            "host",
            variable("127.0.0.1", "The address of Asterisk's web server."),
        )
        .with("port", variable("8088", "The port of Asterisk's web server."));
    Object::new()
        .with("description", "A `prefix` in `http.conf` comes before `/ari`.")
        .with("url", "{scheme}://{host}:{port}/ari")
        .with("variables", variables)
}

/// Either is enough.
fn security() -> [Object; 2] {
    ["basic", "api_key"].map(|name| Object::new().with(name, Vec::<String>::new()))
}

fn security_schemes() -> Object {
    let basic = Object::new()
        .with("type", "http")
        .with("scheme", "basic")
        .with("description", "A user of `ari.conf` and the password.");
    let api_key = Object::new()
        .with("type", "apiKey")
        .with("in", "query")
        .with("name", "api_key")
        .with(
            "description",
            "`user:password`. It is read where there is no header, and ends up in logs: prefer the header.",
        );
    Object::new().with("basic", basic).with("api_key", api_key)
}

fn tags(interface: &Interface) -> Json {
    let tag = |resource: &Resource| {
        let words = resource.description.clone();
        let words = words.unwrap_or_else(|| format!("The operations of the resource `{}`.", resource.wire));
        Object::new()
            .with("name", resource.wire.as_str())
            .with("description", words)
    };
    interface.resources.iter().map(tag).collect()
}

/// The operation's id: nicknames alone repeat.
pub(crate) fn operation_id(resource: &str, nickname: &str) -> String {
    format!("{resource}_{nickname}")
}
