//! One module for each resource, and the root that leads to them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{docs, idents, operations};
use crate::error::{Result, line};
use crate::ir::{Interface, Operation, Place, Resource};

/// The accessor and the operations of `resource`.
pub(super) fn module(resource: &Resource) -> Result<TokenStream> {
    check(resource)?;
    let accessor = accessor(resource);
    let operations = requests(resource).map(|operation| operations::operation(&resource.wire, operation));
    let tokens = quote! {
        #accessor
        #(#operations)*
    };
    let text = tokens.to_string();
    let map = text.contains("BTreeMap").then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    let models = text.contains("models ::").then(|| {
        quote!(
            use super::models;
        )
    });
    Ok(quote! {
        #map
        use ari_client::rt;
        #models
        #tokens
    })
}

fn requests(resource: &Resource) -> impl Iterator<Item = &Operation> {
    resource
        .operations
        .iter()
        .filter(|operation| !operation.websocket)
}

fn check(resource: &Resource) -> Result<()> {
    let file = format!("{}.rs", idents::module(&resource.name));
    let accessor = idents::pascal(&resource.name).to_string();
    let names = requests(resource).map(|operation| idents::pascal(&operation.name).to_string());
    idents::check_unique(&file, names.chain([accessor]))?;
    let methods = requests(resource).map(|operation| idents::snake(&operation.name).to_string());
    idents::check_unique(&file, methods.chain(["new".to_owned()]))?;
    for operation in requests(resource) {
        let fields = operation
            .params
            .iter()
            .map(|param| idents::argument(&param.name).to_string());
        let adders = operation
            .params
            .iter()
            .filter(|param| matches!(param.place, Place::BodyKey(_)));
        let adders = adders.map(|param| idents::argument(&param.name.singular()).to_string());
        let ours = ["client", "new", "with_client"].map(str::to_owned);
        idents::check_unique(
            &format!("{file}: {}", operation.nickname),
            fields.chain(adders).chain(ours),
        )?;
    }
    Ok(())
}

fn accessor(resource: &Resource) -> TokenStream {
    let name = idents::pascal(&resource.name);
    let prose = docs::doc(&docs::resource(resource));
    let methods = requests(resource).map(|operation| {
        let (method, ty) = (idents::snake(&operation.name), idents::pascal(&operation.name));
        let (names, types) = operations::arguments(operation);
        let doc = docs::doc(&format!("{} See [`{ty}`].", docs::brief(operation)));
        quote! {
            #doc
            pub fn #method(&self, #(#names: #types),*) -> #ty<rt::Ari> {
                #ty::with_client(self.ari.clone(), #(#names),*)
            }
        }
    });
    quote! {
        #prose
        #[derive(Debug, Clone, Copy)]
        pub struct #name<'a> {
            ari: &'a rt::Ari,
        }
        impl<'a> #name<'a> {
            pub(super) fn new(ari: &'a rt::Ari) -> Self {
                Self { ari }
            }
            #(#methods)*
        }
    }
}

/// The text of `mod.rs`, laid out as rustfmt does it: it is the one file that rustfmt sees.
pub(super) fn root(interface: &Interface, modules: &[String]) -> String {
    let mut text = String::from(ROOT);
    for module in modules {
        text += &format!("#[rustfmt::skip]\npub mod {module};\n");
    }
    text += "\npub use events::{EventKind, EventType};\npub use peek::Peek;\n";
    let resources: Vec<_> = interface
        .resources
        .iter()
        .map(|resource| {
            (
                resource,
                format_ident!("{}", idents::module(&resource.name)),
                idents::pascal(&resource.name),
            )
        })
        .collect();
    text += "\n/// The operations of a server, by resource.\npub trait Resources {\n";
    for (resource, module, accessor) in &resources {
        let words = docs::or_else(resource.description.as_ref(), || {
            format!("The resource `{}`.", resource.wire)
        });
        text += &format!("    /// {}\n", line(&docs::first_sentence(&words)));
        text += &format!("    fn {module}(&self) -> {module}::{accessor}<'_>;\n");
    }
    text += "}\n\nimpl Resources for ari_client::rt::Ari {\n";
    let methods = resources.iter().map(|(_, module, accessor)| {
        format!("    fn {module}(&self) -> {module}::{accessor}<'_> {{\n        {module}::{accessor}::new(self)\n    }}\n")
    });
    text += &methods.collect::<Vec<_>>().join("\n");
    text + "}\n"
}

const ROOT: &str = "\
//! Bindings for the Asterisk REST Interface: operations by resource, models, and events.
//!
//! Event types are in `events`; the operations of the resource `events` are in `user_events`.

// What of it is public is for the crate that holds it to choose.
#![allow(unreachable_pub)]
// Paths begin with `rt`, so that the bindings compile in a crate that has no other dependency.
#![allow(unused_qualifications)]
// A program uses a part of it.
#![allow(dead_code, unused_imports)]
// An operation without arguments has a constructor like all others, and is made there.
#![allow(clippy::new_without_default)]

";
