//! Models and events, and their properties.

use super::{Both, Effect, Notes, Topic, Verb, paired, types};
use crate::ir::{Interface, Model, Presence, Property, Role};

pub(super) fn compare(old: &Interface, new: &Interface, notes: &mut Notes) {
    let (removed, both, added) = paired(&old.models, &new.models, |model| model.wire.as_str());
    for model in removed {
        // What holds or returns it tells by itself; an event is waited for by name.
        let effect = match model.role {
            Role::Event => Effect::BreaksWire,
            Role::Plain => Effect::BreaksRust,
        };
        notes.add(effect, (topic(model), Verb::Removed), &model.wire, "");
    }
    for model in added {
        notes.add(Effect::Adds, (topic(model), Verb::Added), &model.wire, "");
    }
    for pair in both {
        role(pair, notes);
        properties(pair, notes);
    }
}

fn topic(model: &Model) -> Topic {
    match model.role {
        Role::Event => Topic::Event,
        Role::Plain => Topic::Model,
    }
}

fn role(Both { old, new }: Both<'_, Model>, notes: &mut Notes) {
    let (effect, detail) = match (old.role, new.role) {
        (Role::Event, Role::Plain) => (Effect::BreaksWire, "is no event any more"),
        (Role::Plain, Role::Event) => (Effect::BreaksRust, "is an event now"),
        _ => return,
    };
    notes.add(effect, (topic(old), Verb::Changed), &old.wire, detail);
}

fn properties(Both { old, new }: Both<'_, Model>, notes: &mut Notes) {
    let (removed, both, added) = paired(&old.properties, &new.properties, |property| {
        property.wire.as_str()
    });
    let item = |property: &Property| format!("{}.{}", old.wire, property.wire);
    for property in removed {
        let was = format!("was {}", field(property));
        notes.add(
            Effect::BreaksWire,
            (Topic::Property, Verb::Removed),
            item(property),
            was,
        );
    }
    for property in added {
        notes.add(
            Effect::Adds,
            (Topic::Property, Verb::Added),
            item(property),
            field(property),
        );
    }
    for pair in both {
        if let Some(effect) = effect(pair) {
            let detail = format!("was {}, is {}", field(pair.old), field(pair.new));
            notes.add(effect, (Topic::Property, Verb::Changed), item(pair.old), detail);
        }
    }
}

/// What a change of a property breaks: `None` where nothing changed.
fn effect(Both { old, new }: Both<'_, Property>) -> Option<Effect> {
    let must_come = old.presence == Presence::Strict;
    let may_be_missing = new.presence == Presence::Optional;
    if !types::decodes(&old.ty, &new.ty) || (must_come && may_be_missing) {
        return Some(Effect::BreaksWire);
    }
    let is_another = old.ty != new.ty || is_option(old) != is_option(new);
    is_another.then_some(Effect::BreaksRust)
}

fn is_option(property: &Property) -> bool {
    property.presence == Presence::Optional
}

/// The type of the field that the bindings have for `property`.
fn field(property: &Property) -> String {
    let ty = types::shown(&property.ty);
    if is_option(property) {
        format!("Option<{ty}>")
    } else {
        ty
    }
}
