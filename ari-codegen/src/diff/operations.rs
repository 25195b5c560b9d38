//! Operations: names, routes, replies, error statuses.

use super::{Both, Effect, Notes, Topic, Verb, paired, params, types};
use crate::emit::rust::request_line;
use crate::ir::{Interface, Method, Operation, Reply, Segment};

/// An operation and the name of its resource.
struct Named<'i> {
    name: String,
    operation: &'i Operation,
}

pub(super) fn compare(old: &Interface, new: &Interface, notes: &mut Notes) {
    let interfaces = Both { old, new };
    let (old, new) = (named(old), named(new));
    let (removed, mut both, mut added) = paired(&old, &new, |named| named.name.clone());
    for gone in removed {
        match added
            .iter()
            .position(|named| route(named.operation) == route(gone.operation))
        {
            Some(at) => both.push(Both {
                old: gone,
                new: added.remove(at),
            }),
            None => {
                let line = request_line(gone.operation);
                let change = (Topic::Operation, Verb::Removed);
                notes.add(Effect::BreaksWire, change, &gone.name, line);
            }
        }
    }
    for named in added {
        let line = request_line(named.operation);
        notes.add(Effect::Adds, (Topic::Operation, Verb::Added), &named.name, line);
    }
    for pair in both {
        names(pair, notes);
        let name = &pair.old.name;
        let both = Both {
            old: pair.old.operation,
            new: pair.new.operation,
        };
        routes(name, both, notes);
        params::compare(name, both, interfaces, notes);
        replies(name, both, notes);
        statuses(name, both, notes);
    }
}

fn named(interface: &Interface) -> Vec<Named<'_>> {
    let all = interface.resources.iter().flat_map(|resource| {
        resource.operations.iter().map(|operation| Named {
            name: format!("{}.{}", resource.wire, operation.nickname),
            operation,
        })
    });
    all.collect()
}

/// Where an operation's requests go, whatever the parts of its path are called.
fn route(operation: &Operation) -> (Method, bool, Vec<Option<&str>>) {
    let segments = operation.path.iter().map(|segment| match segment {
        Segment::Literal(text) => Some(text.as_str()),
        Segment::Param(_) => None,
    });
    (operation.method, operation.websocket, segments.collect())
}

/// A server knows requests, and not what they are called.
fn names(Both { old, new }: Both<'_, Named<'_>>, notes: &mut Notes) {
    if old.name != new.name {
        let detail = format!("is called {} now", new.name);
        notes.add(
            Effect::BreaksRust,
            (Topic::Operation, Verb::Changed),
            &old.name,
            detail,
        );
    }
}

fn routes(name: &str, Both { old, new }: Both<'_, Operation>, notes: &mut Notes) {
    if route(old) != route(new) {
        let detail = format!("was {}, is {}", request_line(old), request_line(new));
        notes.add(
            Effect::BreaksWire,
            (Topic::Operation, Verb::Changed),
            name,
            detail,
        );
    }
}

fn replies(name: &str, Both { old, new }: Both<'_, Operation>, notes: &mut Notes) {
    if old.reply == new.reply {
        return;
    }
    let decodes = match (&old.reply, &new.reply) {
        // What comes where nothing was expected is not looked at.
        (Reply::Nothing, _) => true,
        (Reply::Json(old), Reply::Json(new)) => types::decodes(old, new),
        _ => false,
    };
    let effect = if decodes {
        Effect::BreaksRust
    } else {
        Effect::BreaksWire
    };
    let detail = format!("was {}, is {}", shown(&old.reply), shown(&new.reply));
    notes.add(effect, (Topic::Reply, Verb::Changed), name, detail);
}

fn shown(reply: &Reply) -> String {
    match reply {
        Reply::Nothing => "nothing".to_owned(),
        Reply::Bytes => "bytes".to_owned(),
        Reply::Json(ty) => types::shown(ty),
    }
}

fn statuses(name: &str, Both { old, new }: Both<'_, Operation>, notes: &mut Notes) {
    let missing = |from: &[u16], of: &[u16]| {
        let missing = of.iter().filter(|code| !from.contains(code));
        missing.map(u16::to_string).collect::<Vec<_>>().join(", ")
    };
    for (verb, codes) in [
        (Verb::Removed, missing(&new.errors, &old.errors)),
        (Verb::Added, missing(&old.errors, &new.errors)),
    ] {
        if !codes.is_empty() {
            notes.add(Effect::Tells, (Topic::Status, verb), name, codes);
        }
    }
}
