//! What holds for any specification. The fuzz target in `fuzz/` asserts the same.

use std::collections::BTreeSet;

use ari_codegen::{Error, Files, Spec};
use syn::{Fields, ImplItem, Item};

/// The files, by name and text, give bindings that are Rust, or an error of one line that names its place.
pub(crate) fn holds(texts: &[(&str, &str)]) {
    let spec = match Spec::from_texts("asterisk-0.0.0", texts.iter().copied()) {
        Ok(spec) => spec,
        Err(error) => return is_one_line(&error),
    };
    for key in spec.unknown_keys() {
        assert!(!key.contains(char::is_control), "{key:?}");
    }
    let _ = spec.counts().to_string();
    match ari_codegen::import(&spec, "0.0.0") {
        Ok(facts) => assert!(facts.get("resources.json").is_some()),
        Err(error) => is_one_line(&error),
    }
    match ari_codegen::generate(&spec) {
        Ok(files) => is_rust(&files),
        Err(error) => is_one_line(&error),
    }
}

fn is_one_line(error: &Error) {
    let line = error.to_string();
    assert!(!line.contains(char::is_control), "{line:?}");
    match error {
        Error::File { .. } | Error::NotJson { .. } | Error::Name { .. } => {}
        Error::Spec { file, place, .. } => assert!(!file.is_empty() && !place.is_empty(), "{line}"),
        other => panic!("a defect of the generator: {other}"),
    }
}

/// Each file parses, and nothing in it is defined twice.
fn is_rust(files: &Files) {
    for (name, text) in files.iter() {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        let mut names = BTreeSet::new();
        for item in &file.items {
            let twice = match item {
                Item::Struct(item) => {
                    members_are_unique(name, &item.fields);
                    !names.insert(item.ident.to_string())
                }
                Item::Enum(item) => {
                    let variants = item.variants.iter().map(|variant| variant.ident.to_string());
                    are_unique(name, variants);
                    !names.insert(item.ident.to_string())
                }
                Item::Mod(item) => !names.insert(item.ident.to_string()),
                Item::Impl(item) => {
                    let methods = item.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                        _ => None,
                    });
                    are_unique(name, methods);
                    false
                }
                _ => false,
            };
            assert!(!twice, "{name}: an item is there twice\n{text}");
        }
    }
}

fn members_are_unique(file: &str, fields: &Fields) {
    are_unique(
        file,
        fields
            .iter()
            .filter_map(|field| Some(field.ident.as_ref()?.to_string())),
    );
}

fn are_unique(file: &str, names: impl Iterator<Item = String>) {
    let mut known = BTreeSet::new();
    for name in names {
        assert!(known.insert(name.clone()), "{file}: `{name}` is there twice");
    }
}
