//! How names are spelt in Rust.
//!
//! A name that means something else where it would stand gets an underscore behind it: `type_`, `client_`, `Option_`.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};

use crate::error::{Error, Result};
use crate::ir::Name;

/// The strict and reserved keywords of every edition.
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// What every operation has beside its arguments.
const OF_OPERATIONS: [&str; 3] = ["client", "new", "with_client"];

/// What the generated code means by these names is not to be hidden.
const TYPES: [&str; 17] = [
    "BTreeMap",
    "Box",
    "Cow",
    "Default",
    "Err",
    "EventKind",
    "EventType",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "None",
    "Ok",
    "Option",
    "Resources",
    "Some",
    "String",
    "Vec",
];

/// The variants of events that are none of the specification's.
const OF_EVENTS: [&str; 2] = ["Malformed", "Unknown"];

/// The identifier of a field or a method.
pub(super) fn snake(name: &Name) -> Ident {
    ident(name.snake(), &[])
}

/// The identifier of an operation's argument: a field of it, and its setter.
pub(super) fn argument(name: &Name) -> Ident {
    ident(name.snake(), &OF_OPERATIONS)
}

/// The identifier of a variant, which hides nothing.
pub(super) fn variant(name: &Name) -> Ident {
    ident(name.pascal(), &[])
}

/// The identifier of a type.
pub(super) fn pascal(name: &Name) -> Ident {
    ident(name.pascal(), &TYPES)
}

/// The identifier of a model or an event: a type, and a variant among the events.
pub(super) fn model(name: &Name) -> Ident {
    ident(name.pascal(), &[&TYPES[..], &OF_EVENTS].concat())
}

/// The name of a module and its file.
pub(super) fn module(name: &Name) -> String {
    snake(name).to_string()
}

fn ident(mut text: String, taken: &[&str]) -> Ident {
    if KEYWORDS.contains(&text.as_str()) || taken.contains(&text.as_str()) {
        text.push('_');
    }
    Ident::new(&text, Span::call_site())
}

/// Refuses a name that would be there twice in one generated file.
pub(in crate::emit) fn check_unique(file: &str, names: impl Iterator<Item = String>) -> Result<()> {
    let mut taken = BTreeSet::new();
    for name in names {
        if taken.contains(&name) {
            let problem = format!("`{name}` would be defined twice");
            return Err(Error::Name {
                file: file.to_owned(),
                problem,
            });
        }
        taken.insert(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_get_an_underscore() {
        assert_eq!(snake(&Name::new("type")).to_string(), "type_");
        assert_eq!(snake(&Name::new("move")).to_string(), "move_");
        assert_eq!(pascal(&Name::new("move")).to_string(), "Move");
        assert_eq!(snake(&Name::new("callerId")).to_string(), "caller_id");
    }

    #[test]
    fn names_that_generated_code_needs_are_left_to_it() {
        assert_eq!(argument(&Name::new("client")).to_string(), "client_");
        assert_eq!(snake(&Name::new("client")).to_string(), "client");
        assert_eq!(pascal(&Name::new("option")).to_string(), "Option_");
        assert_eq!(model(&Name::new("Unknown")).to_string(), "Unknown_");
        assert_eq!(pascal(&Name::new("UNKNOWN")).to_string(), "Unknown");
    }

    #[test]
    fn a_name_taken_twice_is_refused() {
        let names = || ["List", "Get", "List"].into_iter().map(str::to_owned);
        let error = check_unique("channels.rs", names()).unwrap_err();
        assert_eq!(error.to_string(), "channels.rs: `List` would be defined twice");
    }
}
