//! The Rust backend: one flat folder of modules that use nothing but `ari_client::rt`.

mod docs;
mod encode;
mod enums;
mod events;
mod idents;
mod models;
mod operations;
mod params;
mod peek;
mod resources;
mod types;

use proc_macro2::TokenStream;

use crate::error::{Error, Result};
use crate::files::{Files, MARK};
use crate::ir::Interface;

/// The modules of the bindings for `interface`.
pub(crate) fn files(interface: &Interface) -> Result<Files> {
    let mut modules = vec![
        ("events".to_owned(), events::module(interface)),
        ("models".to_owned(), models::module(interface)),
        ("peek".to_owned(), peek::module(interface)),
    ];
    for resource in &interface.resources {
        modules.push((idents::module(&resource.name), resources::module(resource)?));
    }
    let mut names: Vec<_> = modules.iter().map(|(name, _)| name.clone()).collect();
    names.push("enums".to_owned());
    names.sort();
    idents::check_unique("mod.rs", names.iter().cloned())?;
    let mut files = Files::default();
    files.add("enums.rs", header(interface) + &enums::module(interface)?);
    for (name, tokens) in modules {
        let file = format!("{name}.rs");
        let text = format!("{}{}", header(interface), format(&file, tokens)?);
        files.add(&file, text);
    }
    files.add("mod.rs", header(interface) + &resources::root(interface, &names));
    Ok(files)
}

fn header(interface: &Interface) -> String {
    let version = &interface.version;
    format!("{MARK} from Asterisk {version}; do not edit.\n// Regenerate with: cargo codegen generate\n\n")
}

fn format(file: &str, tokens: TokenStream) -> Result<String> {
    let text = tokens.to_string();
    let parsed = syn::parse2(tokens).map_err(|error| {
        let excerpt: String = text.chars().take(200).collect();
        Error::NotRust {
            file: file.to_owned(),
            problem: format!("{error} in `{excerpt}`"),
        }
    })?;
    Ok(spaced(&prettyplease::unparse(&parsed)))
}

/// `text` with an empty line between items and between methods.
fn spaced(text: &str) -> String {
    let mut spaced = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        spaced.push_str(line);
        spaced.push('\n');
        let Some(next) = lines.peek() else { break };
        let ends = line == "}" || (line == "    }" && *next != "}");
        if ends || (line.starts_with("use ") && !next.contains("use ")) {
            spaced.push('\n');
        }
    }
    spaced
}
