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

use crate::error::{Error, Result, line};
use crate::files::{Files, MARK};
use crate::ir::{Interface, Name, Operation, Type};

pub(crate) use encode::object_kind;
#[cfg(feature = "progenitor")]
pub(super) use enums::module as enums;
pub(super) use idents::check_unique;

/// The modules of the bindings for `interface`.
pub(crate) fn files(interface: &Interface) -> Result<Files> {
    let mut modules = vec![
        module(
            "events",
            "Events: a struct for each type.",
            events::module(interface),
        )?,
        module(
            "models",
            "Objects in requests, replies and events.",
            models::module(interface),
        )?,
        module(
            "peek",
            "The ids in an event, read without the rest.",
            peek::module(interface),
        )?,
        Module {
            name: "enums".to_owned(),
            about: "Strings with known values, open for others.".to_owned(),
            code: enums::module(interface),
        },
    ];
    for resource in &interface.resources {
        let about = docs::first_sentence(&docs::resource(resource));
        modules.push(module(
            &idents::module(&resource.name),
            &about,
            resources::module(resource)?,
        )?);
    }
    let mut names: Vec<_> = modules.iter().map(|module| module.name.clone()).collect();
    names.sort();
    check_unique("mod.rs", names.iter().cloned())?;
    models::check(interface)?;
    events::check(interface)?;
    peek::check(interface)?;
    let header = header(interface, "cargo codegen generate");
    let mut files = Files::default();
    for Module { name, about, code } in modules {
        files.add(
            &format!("{name}.rs"),
            format!("{header}//! {}\n\n{code}", line(&about)),
        );
    }
    files.add("mod.rs", header + &resources::root(interface, &names));
    Ok(files)
}

/// One file of the bindings, but for its header.
struct Module {
    name: String,
    about: String,
    code: String,
}

fn module(name: &str, about: &str, code: TokenStream) -> Result<Module> {
    Ok(Module {
        name: name.to_owned(),
        about: about.to_owned(),
        code: format(&format!("{name}.rs"), code)?,
    })
}

/// The name of `ty` in the bindings.
pub(crate) fn type_name(ty: &Type) -> String {
    types::inside(ty).to_string().replace(' ', "")
}

/// The method and the path of `operation`.
pub(crate) fn request_line(operation: &Operation) -> String {
    docs::documented_line(operation)
}

/// The name of a method or a field called `wire`.
pub(crate) fn rust_name(wire: &str) -> String {
    idents::snake(&Name::new(wire)).to_string()
}

/// The first lines of a file that `command` writes.
pub(super) fn header(interface: &Interface, command: &str) -> String {
    let version = line(&interface.version);
    format!("{MARK} from Asterisk {version}; do not edit.\n// Regenerate with: {command}\n\n")
}

/// The text of `file`, laid out.
pub(super) fn format(file: &str, tokens: TokenStream) -> Result<String> {
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
