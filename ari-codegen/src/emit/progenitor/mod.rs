//! The progenitor backend: a conventional OpenAPI client, made from the document by the generator of that name.
//!
//! What progenitor writes stands on reqwest. Its text is taken apart here and put on `ari_client::rt::progenitor`, so
//! that requests go the way of all others: through the transport of an `Ari`, encoded as Asterisk reads them.

mod facts;
mod prepare;
mod rewrite;

use ::progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use quote::quote;

use super::{openapi, rust};
use crate::error::{Error, Result};
use crate::files::Files;
use crate::ir::Interface;

/// The module of the enumerations, as progenitor's text names it until it is rewritten.
const ENUMS: &str = "enums";

const CLIENT: &str = "client.rs";

/// The client for `interface`.
pub(crate) fn files(interface: &Interface) -> Result<Files> {
    let document = prepare::document(interface)?;
    let tokens = Generator::new(&settings(interface))
        .generate_tokens(&document)
        .map_err(|error| not_rust(&error))?;
    let file = syn::parse2(tokens).map_err(|error| not_rust(&error))?;
    let file = rewrite::rewrite(file, &facts::by_id(interface))?;
    let header = rust::header(interface, "cargo codegen generate --backend progenitor");
    let client = rust::format(CLIENT, quote!(#file))?;
    let mut files = Files::default();
    files.add(CLIENT, format!("{header}{client}"));
    files.add("enums.rs", format!("{header}{}", rust::enums(interface)));
    files.add("mod.rs", format!("{header}{ROOT}"));
    Ok(files)
}

const ROOT: &str = "\
//! A client for the Asterisk REST Interface, made by progenitor from the OpenAPI document.

// Progenitor writes for itself; what it writes is not held to a style.
#![allow(missing_docs, unreachable_pub, unreachable_patterns, unused_qualifications)]
#![allow(missing_debug_implementations, rustdoc::all, clippy::all, clippy::pedantic)]

#[rustfmt::skip]
pub mod client;
#[rustfmt::skip]
pub mod enums;

pub use client::*;
";

fn settings(interface: &Interface) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_map_type("::std::collections::BTreeMap");
    let impls = || [TypeImpl::Default, TypeImpl::Display].into_iter();
    for listed in &interface.enums {
        let name = openapi::enum_name(&listed.name);
        settings.with_replacement(&name, format!("{ENUMS}::{name}"), impls());
    }
    for name in [openapi::TIMESTAMP, openapi::VARIABLE_VALUE] {
        settings.with_replacement(name, format!("::ari_client::{name}"), [].into_iter());
    }
    settings
}

fn not_rust(problem: &dyn std::fmt::Display) -> Error {
    Error::NotRust {
        file: CLIENT.to_owned(),
        problem: problem.to_string(),
    }
}
