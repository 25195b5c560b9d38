//! Events, which arrive on a WebSocket and are told apart by their `type`.

use super::json::{Json, Object};
use super::schemas;
use crate::ir::{Interface, Model, Type};

/// The schema of any event.
pub(in crate::emit) const ANY: &str = "AnyEvent";

const TAG: &str = "type";

const WORDS: &str = "\
One frame of the WebSocket that `GET /events?app=NAME` upgrades to. A newer Asterisk may send events of other types, \
which a reader should pass over.";

/// The events, and the schema of any of them.
pub(super) fn schemas(interface: &Interface) -> Object {
    let events: Vec<_> = interface.events().collect();
    let schemas = Object::of(events.iter().map(|event| (event.wire.clone(), schema(event))));
    if schemas.is_empty() {
        return schemas;
    }
    let all: Json = events
        .iter()
        .map(|event| schemas::reference(&event.wire))
        .collect();
    let any = Object::new()
        .with("description", WORDS)
        .with("oneOf", all)
        .with("discriminator", Object::new().with("propertyName", TAG));
    schemas.with(ANY, any)
}

fn schema(event: &Model) -> Object {
    let tag = schemas::of(&Type::Text).with("enum", vec![event.wire.as_str()]);
    schemas::object(event, Some((TAG, tag)))
}
