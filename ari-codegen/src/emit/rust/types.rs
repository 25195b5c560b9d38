//! Types of the interface as Rust types.

use proc_macro2::TokenStream;
use quote::quote;

use super::idents;
use crate::ir::{Name, Type};

/// The type as seen from a module beside `models`.
pub(super) fn outside(ty: &Type) -> TokenStream {
    path(ty, &quote!(models::))
}

/// The type as seen from within `models`.
pub(super) fn inside(ty: &Type) -> TokenStream {
    path(ty, &quote!())
}

fn path(ty: &Type, models: &TokenStream) -> TokenStream {
    match ty {
        Type::Text => quote!(String),
        Type::Integer => quote!(i64),
        Type::Float => quote!(f64),
        Type::Boolean => quote!(bool),
        Type::Timestamp => quote!(rt::Timestamp),
        Type::Object => quote!(rt::Object),
        Type::List(item) => {
            let item = path(item, models);
            quote!(Vec<#item>)
        }
        Type::Enum(name) => {
            let name = idents::pascal(name);
            quote!(#models #name)
        }
        Type::Model(wire) => {
            let name = idents::model(&Name::new(wire));
            quote!(#models #name)
        }
    }
}
