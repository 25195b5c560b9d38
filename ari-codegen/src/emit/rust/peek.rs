//! The module `peek`: the ids in an event, read without the rest.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{encode, idents};
use crate::error::Result;
use crate::ir::{Interface, Model, Routed, routed};

/// Refuses properties that would be called like what every event has.
pub(super) fn check(interface: &Interface) -> Result<()> {
    let keys = keys(interface, interface.events(), &mut BTreeSet::new());
    let names = keys.keys().map(Ident::to_string);
    idents::check_unique(
        "peek.rs",
        names.chain(["application", "type_name"].map(str::to_owned)),
    )
}

pub(super) fn module(interface: &Interface) -> TokenStream {
    let mut parts = BTreeSet::new();
    let peek = peek(interface, &mut parts);
    let mut structs = Vec::new();
    let mut done = BTreeSet::new();
    while let Some(wire) = parts.pop_first() {
        if done.insert(wire.clone())
            && let Some(model) = interface.model(&wire)
        {
            structs.push(part(interface, model, &mut parts));
        }
    }
    quote! {
        use std::borrow::Cow;
        use ari_client::rt;
        #peek
        #(#structs)*
    }
}

fn peek(interface: &Interface, parts: &mut BTreeSet<String>) -> TokenStream {
    let keys = keys(interface, interface.events(), parts);
    let names = keys.keys();
    let fields = fields(&keys);
    quote! {
        #[doc = " The ids that an event is about, borrowed from the event's text."]
        #[doc = ""]
        #[doc = " One field for each property, of any event, that describes an object with an id. A property of this"]
        #[doc = " name that is no object in another event is `None`."]
        #[derive(Debug, rt::serde::Deserialize)]
        #[serde(crate = "rt::serde")]
        #[non_exhaustive]
        pub struct Peek<'a> {
            #[doc = " The type's name."]
            #[serde(borrow, default, rename = "type")]
            pub type_name: Cow<'a, str>,
            #[doc = " The application that the event is for."]
            #[serde(borrow, default, deserialize_with = "rt::text_only")]
            pub application: Cow<'a, str>,
            #(#fields)*
        }
        impl rt::Keys for Peek<'_> {
            fn keys(&self, sink: &mut rt::KeySink<'_>) {
                #(self.#names.keys(sink);)*
            }
        }
    }
}

/// A part of an event that is no such object itself, and holds some.
fn part(interface: &Interface, model: &Model, parts: &mut BTreeSet<String>) -> TokenStream {
    let name = part_name(model);
    let keys = keys(interface, [model].into_iter(), parts);
    let names = keys.keys();
    let fields = fields(&keys);
    let doc = format!(" The ids in a `{}`.", idents::pascal(&model.name));
    quote! {
        #[doc = #doc]
        #[derive(Debug, rt::serde::Deserialize)]
        #[serde(crate = "rt::serde")]
        #[non_exhaustive]
        pub struct #name<'a> {
            #(#fields)*
        }
        impl rt::Keys for #name<'_> {
            fn keys(&self, sink: &mut rt::KeySink<'_>) {
                #(self.#names.keys(sink);)*
            }
        }
    }
}

/// A field for each key.
fn fields(keys: &BTreeMap<Ident, Key<'_>>) -> Vec<TokenStream> {
    let field = |(name, (wire, ty)): (&Ident, &Key<'_>)| {
        let rename = (name != wire).then(|| quote!(rename = #wire,));
        let doc = format!(" The ids in the property `{name}`.");
        quote! {
            #[doc = #doc]
            #[serde(borrow, default, #rename deserialize_with = "rt::object_only")]
            pub #name: Option<#ty>,
        }
    };
    keys.iter().map(field).collect()
}

/// The wire name of a property, and the type that reads the ids in it.
type Key<'i> = (&'i str, TokenStream);

/// The properties of `models` that lead to objects, sorted by name. The parts among them are noted in `parts`.
fn keys<'i>(
    interface: &'i Interface,
    models: impl Iterator<Item = &'i Model>,
    parts: &mut BTreeSet<String>,
) -> BTreeMap<Ident, Key<'i>> {
    let mut keys = BTreeMap::new();
    for property in models.flat_map(|model| &model.properties) {
        let (name, wire) = (idents::snake(&property.name), property.wire.as_str());
        match routed(interface, property) {
            Some(Routed::Object(kind)) => {
                let peek = format_ident!("Peek{}", encode::object_kind(kind));
                keys.insert(name, (wire, quote!(rt::#peek<'a>)));
            }
            Some(Routed::Part(model)) => {
                let peek = part_name(model);
                keys.entry(name).or_insert_with(|| (wire, quote!(#peek<'a>)));
                parts.insert(model.wire.clone());
            }
            None => {}
        }
    }
    keys
}

fn part_name(model: &Model) -> Ident {
    format_ident!("Peek{}", idents::pascal(&model.name))
}
