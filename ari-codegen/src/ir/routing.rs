//! Where events name the objects that they are about.

use std::collections::BTreeSet;

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
    leads_on(interface, model, &mut BTreeSet::new()).then_some(Routed::Part(model))
}

/// Whether `model` or one of its parts holds an object. What was looked at before is in `seen`: parts may have parts in
/// common, and each is looked at once.
fn leads_on<'i>(interface: &'i Interface, model: &'i Model, seen: &mut BTreeSet<&'i str>) -> bool {
    seen.insert(&model.wire)
        && model.properties.iter().any(|property| match &property.ty {
            Type::Model(wire) => {
                kind(wire).is_some()
                    || interface
                        .model(wire)
                        .is_some_and(|part| leads_on(interface, part, seen))
            }
            _ => false,
        })
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
