//! Values of enumerations.

use super::{Effect, Interfaces, Notes, Topic, Verb, paired};
use crate::ir::{Enum, Interface, Name, Place, Type};

/// Compares the enumerations that both have. Those that one has alone came or went with what uses them.
pub(super) fn compare(old: &Interface, new: &Interface, notes: &mut Notes) {
    let (_, both, _) = paired(&old.enums, &new.enums, |listed| &listed.name);
    for pair in both {
        // A reader keeps what he does not know; a server refuses it.
        let effect = if is_sent(old, &pair.old.name) {
            Effect::BreaksWire
        } else {
            Effect::BreaksRust
        };
        let item = pair.old.name.pascal();
        for value in missing(pair.new, pair.old) {
            notes.add(effect, (Topic::Value, Verb::Removed), &item, value);
        }
        for value in missing(pair.old, pair.new) {
            notes.add(Effect::Adds, (Topic::Value, Verb::Added), &item, value);
        }
    }
}

/// Tells of values that the argument `item` may no longer have, where its enumeration is another now.
pub(super) fn moved(item: &str, old: &Type, new: &Type, interfaces: Interfaces<'_>, notes: &mut Notes) {
    let (Some(old), Some(new)) = (listed(interfaces.old, old), listed(interfaces.new, new)) else {
        return;
    };
    if old.name == new.name {
        return;
    }
    for value in missing(new, old) {
        notes.add(Effect::BreaksWire, (Topic::Value, Verb::Removed), item, value);
    }
}

/// The enumeration that `ty` is, or is a list of.
fn listed<'i>(interface: &'i Interface, ty: &Type) -> Option<&'i Enum> {
    let name = enumeration(ty)?;
    interface.enums.iter().find(|listed| listed.name == *name)
}

/// The values of `all` that `known` has not.
fn missing<'e>(known: &'e Enum, all: &'e Enum) -> impl Iterator<Item = &'e str> {
    let is_known = |wire: &str| known.values.iter().any(|value| value.wire == wire);
    let wires = all.values.iter().map(|value| value.wire.as_str());
    wires.filter(move |wire| !is_known(wire))
}

/// Whether a parameter has values of the enumeration `name`.
fn is_sent(interface: &Interface, name: &Name) -> bool {
    let operations = interface
        .resources
        .iter()
        .flat_map(|resource| &resource.operations);
    operations
        .flat_map(|operation| &operation.params)
        .any(|param| match &param.place {
            Place::Query(ty) => enumeration(ty) == Some(name),
            _ => false,
        })
}

fn enumeration(ty: &Type) -> Option<&Name> {
    match ty {
        Type::Enum(name) => Some(name),
        Type::List(item) => enumeration(item),
        _ => None,
    }
}
