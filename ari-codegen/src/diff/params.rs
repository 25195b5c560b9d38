//! Parameters: where they travel, what they may be, and how the bindings take them.

use super::{Both, Effect, Interfaces, Notes, Topic, Verb, enums, paired, types};
use crate::ir::{Content, Operation, Param, Place};

const CHANGED: (Topic, Verb) = (Topic::Parameter, Verb::Changed);

pub(super) fn compare(
    operation: &str,
    both: Both<'_, Operation>,
    interfaces: Interfaces<'_>,
    notes: &mut Notes,
) {
    let (removed, pairs, added) = paired(others(both.old), others(both.new), |param| param.wire.as_str());
    for param in removed {
        let item = format!("{operation} {}", param.wire);
        notes.add(
            Effect::BreaksWire,
            (Topic::Parameter, Verb::Removed),
            item,
            argument(param),
        );
    }
    for param in added {
        let effect = if param.required {
            Effect::BreaksWire
        } else {
            Effect::Adds
        };
        let item = format!("{operation} {}", param.wire);
        notes.add(effect, (Topic::Parameter, Verb::Added), item, argument(param));
    }
    for pair in pairs {
        let item = format!("{operation} {}", pair.old.wire);
        requirement(&item, pair, notes);
        content(&item, pair, interfaces, notes);
        limits(&item, pair, notes);
        defaults(&item, pair, notes);
    }
    order(operation, both, notes);
}

/// The parameters but for those of the path: what these are called is seen by nobody.
fn others(operation: &Operation) -> impl Iterator<Item = &Param> {
    operation.params.iter().filter(|param| param.place != Place::Path)
}

/// How the bindings take `param`.
fn argument(param: &Param) -> String {
    let how = if param.required { "required" } else { "optional" };
    format!("{how}, {}", place(&param.place))
}

fn requirement(item: &str, Both { old, new }: Both<'_, Param>, notes: &mut Notes) {
    match (old.required, new.required) {
        (false, true) => {
            let detail = "is required now: an argument of the constructor in place of a setter";
            notes.add(Effect::BreaksWire, CHANGED, item, detail);
        }
        (true, false) => {
            let detail = "is no longer required: a setter in place of an argument of the constructor";
            notes.add(Effect::BreaksRust, CHANGED, item, detail);
        }
        _ => {}
    }
}

fn content(item: &str, Both { old, new }: Both<'_, Param>, interfaces: Interfaces<'_>, notes: &mut Notes) {
    if old.place == new.place {
        return;
    }
    let accepted = match (&old.place, &new.place) {
        (Place::Query(old), Place::Query(new)) => {
            enums::moved(item, old, new, interfaces, notes);
            types::accepts(new, old)
        }
        _ => false,
    };
    let effect = if accepted {
        Effect::BreaksRust
    } else {
        Effect::BreaksWire
    };
    let detail = format!("was {}, is {}", place(&old.place), place(&new.place));
    notes.add(effect, CHANGED, item, detail);
}

fn place(place: &Place) -> String {
    match place {
        Place::Path => "a part of the path".to_owned(),
        Place::Query(ty) => types::shown(ty),
        Place::Body => "the whole body".to_owned(),
        Place::BodyKey(content) => format!("{} in the body", contents(content)),
    }
}

fn contents(content: &Content) -> &'static str {
    match content {
        Content::Texts => "an object of strings",
        Content::Variables => "an object of variables",
        Content::Values => "an object of anything",
        Content::Pairs { .. } => "a list of pairs",
        Content::Anything => "anything",
    }
}

fn limits(item: &str, Both { old, new }: Both<'_, Param>, notes: &mut Notes) {
    let tighter_below = new.min > old.min;
    let tighter_above = new.max.is_some_and(|new| old.max.is_none_or(|old| new < old));
    if (old.min, old.max) == (new.min, new.max) {
        return;
    }
    let effect = if tighter_below || tighter_above {
        Effect::BreaksWire
    } else {
        Effect::Adds
    };
    let detail = format!("was {}, is {}", range(old), range(new));
    notes.add(effect, CHANGED, item, detail);
}

fn range(param: &Param) -> String {
    match (param.min, param.max) {
        (None, None) => "any number".to_owned(),
        (Some(min), None) => format!("not below {min}"),
        (None, Some(max)) => format!("not above {max}"),
        (Some(min), Some(max)) => format!("from {min} to {max}"),
    }
}

fn defaults(item: &str, Both { old, new }: Both<'_, Param>, notes: &mut Notes) {
    if old.default == new.default {
        return;
    }
    let shown = |param: &Param| {
        let default = param.default.as_ref();
        default.map_or_else(|| "none".to_owned(), ToString::to_string)
    };
    let detail = format!("was {}, is {}", shown(old), shown(new));
    notes.add(Effect::Tells, (Topic::Default, Verb::Changed), item, detail);
}

/// A constructor whose arguments change places may still compile, and mean something else.
fn order(operation: &str, Both { old, new }: Both<'_, Operation>, notes: &mut Notes) {
    let arguments = |of: &'_ Operation, other: &Operation| {
        let required = of
            .ordered_params()
            .filter(|param| param.required && param.place != Place::Path);
        let shared = |param: &&Param| {
            other
                .params
                .iter()
                .any(|other| other.wire == param.wire && other.required)
        };
        required
            .filter(shared)
            .map(|param| param.wire.clone())
            .collect::<Vec<_>>()
    };
    let (before, after) = (arguments(old, new), arguments(new, old));
    if before != after {
        let detail = format!(
            "the constructor takes {} in place of {}",
            after.join(", "),
            before.join(", ")
        );
        notes.add(
            Effect::BreaksRust,
            (Topic::Operation, Verb::Changed),
            operation,
            detail,
        );
    }
}
