//! The module `events`: a struct for each event, and what they have in common.

mod accessors;

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, idents, models, types};
use crate::error::Result;
use crate::ir::{Interface, Model};

/// Refuses events that would be called like what stands beside them.
pub(super) fn check(interface: &Interface) -> Result<()> {
    let events = interface
        .events()
        .map(|model| idents::model(&model.name).to_string());
    let ours = ["EventType", "EventKind", "Unknown", "Malformed"].map(str::to_owned);
    idents::check_unique("events.rs", events.chain(ours))
}

pub(super) fn module(interface: &Interface) -> TokenStream {
    let structs = interface.events().map(event);
    let event_type = event_type(interface);
    let event_kind = event_kind(interface);
    let decode = decode(interface);
    let accessors = accessors::accessors(interface);
    quote! {
        use ari_client::rt;
        use super::models;
        #event_type
        #event_kind
        #decode
        #accessors
        #(#structs)*
    }
}

/// Writes its type, as Asterisk does; a reader knows it already.
fn event(model: &Model) -> TokenStream {
    let wire = &model.wire;
    models::structure(
        model,
        &quote!(#[serde(tag = "type", rename = #wire)]),
        &types::outside,
    )
}

/// What an event tells, in a sentence.
fn brief(model: &Model) -> TokenStream {
    let words = docs::named(model.description.as_ref(), &model.wire);
    docs::doc(&docs::first_sentence(&words))
}

fn event_type(interface: &Interface) -> TokenStream {
    let (variants, wires): (Vec<_>, Vec<_>) = interface
        .events()
        .map(|model| (idents::model(&model.name), &model.wire))
        .unzip();
    let docs = interface.events().map(brief);
    quote! {
        #[doc = " The types of events."]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum EventType {
            #(#docs #variants,)*
            #[doc = " A type that these bindings do not know."]
            Unknown,
        }
        impl EventType {
            #[doc = " Every known type."]
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];
            #[doc = " The type of this name; [`Unknown`](Self::Unknown) where there is none."]
            #[must_use]
            pub fn from_name(name: &str) -> Self {
                match name {
                    #(#wires => Self::#variants,)*
                    _ => Self::Unknown,
                }
            }
            #[doc = " The name on the wire; empty for [`Unknown`](Self::Unknown)."]
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    #(Self::#variants => #wires,)*
                    Self::Unknown => "",
                }
            }
        }
    }
}

fn event_kind(interface: &Interface) -> TokenStream {
    let names = interface.events().map(|model| idents::model(&model.name));
    let docs = interface.events().map(brief);
    quote! {
        #[doc = " What happened."]
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum EventKind {
            #(#docs #names(Box<#names>),)*
            #[doc = " An event of a type that these bindings do not know: its type."]
            Unknown(Box<str>),
            #[doc = " An event of a known type that does not decode, or a frame that is no event."]
            Malformed(rt::Malformed),
        }
    }
}

fn decode(interface: &Interface) -> TokenStream {
    let names: Vec<_> = interface
        .events()
        .map(|model| idents::model(&model.name))
        .collect();
    quote! {
        impl EventKind {
            #[doc = " Decodes a frame. This cannot fail: see [`Unknown`](Self::Unknown) and [`Malformed`](Self::Malformed)."]
            #[must_use]
            pub fn from_frame(raw: &[u8]) -> Self {
                match rt::type_name(raw) {
                    Ok(name) => Self::decode(&name, raw),
                    Err(error) => Self::Malformed(rt::malformed("", &error)),
                }
            }
            #[doc = " Decodes the event of the type `type_name` that `raw` holds."]
            #[must_use]
            pub fn decode(type_name: &str, raw: &[u8]) -> Self {
                match EventType::from_name(type_name) {
                    #(EventType::#names => decoded(type_name, raw, Self::#names),)*
                    EventType::Unknown => Self::Unknown(type_name.into()),
                }
            }
            #[doc = " The type of the event."]
            #[must_use]
            pub fn event_type(&self) -> EventType {
                match self {
                    #(Self::#names(_) => EventType::#names,)*
                    Self::Unknown(_) => EventType::Unknown,
                    Self::Malformed(malformed) => EventType::from_name(&malformed.type_name),
                }
            }
        }
        fn decoded<T: rt::serde::de::DeserializeOwned>(
            type_name: &str,
            raw: &[u8],
            kind: fn(Box<T>) -> EventKind,
        ) -> EventKind {
            match rt::from_json(raw) {
                Ok(event) => kind(Box::new(event)),
                Err(error) => EventKind::Malformed(rt::malformed(type_name, &error)),
            }
        }
    }
}
