//! The module `models`: structs of requests, replies and events.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{self, doc};
use super::{idents, types};
use crate::error::Result;
use crate::ir::{Interface, Model, Presence, Property, Role, Type};

/// Refuses models and enumerations that would have one name.
pub(super) fn check(interface: &Interface) -> Result<()> {
    let models = interface.models.iter().filter(|model| model.role == Role::Plain);
    let names = models.map(|model| &model.name);
    let names = names.chain(interface.enums.iter().map(|listed| &listed.name));
    let names = names.map(|name| idents::pascal(name).to_string());
    idents::check_unique("models.rs", names)
}

pub(super) fn module(interface: &Interface) -> TokenStream {
    let plain = interface.models.iter().filter(|model| model.role == Role::Plain);
    let structs = plain.map(|model| structure(model, &quote!(), &types::inside));
    quote! {
        use ari_client::rt;
        pub use super::enums::*;
        #(#structs)*
    }
}

/// The struct of `model`, with more serde attributes in `attributes`.
pub(super) fn structure(
    model: &Model,
    attributes: &TokenStream,
    spell: &dyn Fn(&Type) -> TokenStream,
) -> TokenStream {
    let name = idents::model(&model.name);
    let fields = model.properties.iter().map(|property| field(property, spell));
    let prose = doc(&page(model));
    quote! {
        #prose
        #[derive(Debug, Clone, Default, PartialEq, rt::serde::Serialize, rt::serde::Deserialize)]
        #[serde(crate = "rt::serde")]
        #attributes
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
        }
    }
}

fn page(model: &Model) -> String {
    let words = docs::or_else(model.description.as_ref(), || {
        format!("The model `{}`.", model.wire)
    });
    format!(
        "{words}\n\nOfficial page: {}, `{}`.",
        docs::models_page(),
        model.wire
    )
}

fn field(property: &Property, spell: &dyn Fn(&Type) -> TokenStream) -> TokenStream {
    let name = idents::snake(&property.name);
    let ty = spell(&property.ty);
    let prose = doc(&docs::named(property.description.as_ref(), &property.wire));
    let rename = (name != property.wire).then(|| {
        let wire = &property.wire;
        quote!(#[serde(rename = #wire)])
    });
    let reader = reader(property).map(|name| quote!(deserialize_with = #name));
    let (ty, presence) = match property.presence {
        Presence::Strict => (ty, reader.map(|reader| quote!(#[serde(#reader)]))),
        Presence::Defaulted => (ty, Some(quote!(#[serde(default, #reader)]))),
        Presence::Optional => (
            quote!(Option<#ty>),
            Some(match reader {
                Some(reader) => quote!(#[serde(default, #reader, skip_serializing_if = "Option::is_none")]),
                None => quote!(#[serde(default, skip_serializing_if = "Option::is_none")]),
            }),
        ),
    };
    quote! {
        #prose
        #rename
        #presence
        pub #name: #ty,
    }
}

/// What reads the property, where it is not what its type derives: models are objects, and no arrays of their fields.
fn reader(property: &Property) -> Option<&'static str> {
    let holds_model = matches!(property.ty.item(), Type::Model(_));
    let is_list = matches!(property.ty, Type::List(_));
    match (property.presence, holds_model, is_list) {
        (Presence::Strict, true, false) => Some("rt::object"),
        (Presence::Optional, true, false) => Some("rt::object_opt"),
        (Presence::Optional, true, true) => Some("rt::objects_opt"),
        (_, true, true) => Some("rt::objects"),
        (Presence::Defaulted, ..) => Some("rt::null_to_default"),
        (Presence::Strict | Presence::Optional, false, _) => None,
    }
}
