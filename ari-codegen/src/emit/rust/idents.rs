//! How names are spelt in Rust.
//!
//! A keyword gets an underscore behind it: `type_`, `move_`.

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

/// The names from elsewhere that generated code uses: none of its own items may hide them.
const USED: [&str; 14] = [
    "BTreeMap",
    "Box",
    "Cow",
    "Default",
    "Err",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "None",
    "Ok",
    "Option",
    "Some",
    "String",
    "Vec",
];

/// The names of [`USED`], for [`check_unique`].
pub(super) fn used() -> impl Iterator<Item = String> {
    USED.map(str::to_owned).into_iter()
}

/// The identifier of a field, a method or a parameter.
pub(super) fn snake(name: &Name) -> Ident {
    ident(name.snake())
}

/// The identifier of a type or a variant.
pub(super) fn pascal(name: &Name) -> Ident {
    ident(name.pascal())
}

/// The name of a module and its file.
pub(super) fn module(name: &Name) -> String {
    ident(name.snake()).to_string()
}

fn ident(mut text: String) -> Ident {
    if KEYWORDS.contains(&text.as_str()) {
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
    fn a_name_taken_twice_is_refused() {
        let names = || ["List", "Get", "List"].into_iter().map(str::to_owned);
        let error = check_unique("channels.rs", names()).unwrap_err();
        assert_eq!(error.to_string(), "channels.rs: `List` would be defined twice");
    }
}
