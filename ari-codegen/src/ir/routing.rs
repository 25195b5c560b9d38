//! Where events name the objects that they are about.

use super::{Interface, Kind, Model, Property, Type};

/// What a property of an event leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Routed<'i> {
    /// An object that has an id of its own.
    Object(Kind),
    /// A part that holds such objects.
    Part(&'i Model),
}

/// What `property` leads to, or `None` where it names no object.
pub(crate) fn routed<'i>(interface: &'i Interface, property: &Property) -> Option<Routed<'i>> {
    let Type::Model(wire) = &property.ty else {
        return None;
    };
    if let Some(kind) = kind(wire) {
        return Some(Routed::Object(kind));
    }
    let model = interface.model(wire)?;
    let leads_on = model
        .properties
        .iter()
        .any(|property| routed(interface, property).is_some());
    leads_on.then_some(Routed::Part(model))
}

/// The kind of object that the model `wire` describes.
fn kind(wire: &str) -> Option<Kind> {
    match wire {
        "Channel" => Some(Kind::Channel),
        "Bridge" => Some(Kind::Bridge),
        "Playback" => Some(Kind::Playback),
        "LiveRecording" => Some(Kind::Recording),
        _ => None,
    }
}
