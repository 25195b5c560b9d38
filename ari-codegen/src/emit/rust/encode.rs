//! The encoder's calls, one for each parameter.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::idents;
use crate::ir::{Content, Creates, Kind, Param, Place, Type};

/// The call for a parameter that is a segment of the path.
pub(super) fn segment(param: &Param) -> TokenStream {
    let (wire, field) = (&param.wire, idents::argument(&param.name));
    match param.creates {
        None => quote!(.segment(#wire, self.#field)),
        Some(Creates { kind, .. }) => {
            let kind = object_kind(kind);
            quote!(.created_segment(#wire, rt::ObjectKind::#kind, self.#field))
        }
    }
}

/// The call for any other parameter.
pub(super) fn argument(param: &Param) -> TokenStream {
    let (wire, field) = (&param.wire, idents::argument(&param.name));
    if let Some(Creates { kind, always }) = param.creates {
        let kind = object_kind(kind);
        let call = format_ident!("{}", if always { "created" } else { "created_opt" });
        return quote!(.#call(#wire, rt::ObjectKind::#kind, self.#field));
    }
    match (&param.place, param.required) {
        (Place::Path, _) => quote!(.segment(#wire, self.#field)),
        (Place::Query(Type::List(_)), true) => quote!(.query_items(#wire, self.#field)),
        (Place::Query(Type::List(_)), false) => quote!(.query_list(#wire, self.#field)),
        (Place::Query(_), true) => quote!(.query(#wire, self.#field)),
        (Place::Query(_), false) => quote!(.query_opt(#wire, self.#field)),
        (Place::Body, true) => quote!(.whole_body(#wire, Some(self.#field))),
        (Place::Body, false) => quote!(.whole_body(#wire, self.#field)),
        (Place::BodyKey(_), true) => quote!(.body_field(#wire, Some(self.#field))),
        (Place::BodyKey(Content::Anything), false) => quote!(.body_field(#wire, self.#field)),
        (Place::BodyKey(_), false) => {
            quote!(.body_field(#wire, Some(self.#field).filter(|items| !items.is_empty())))
        }
    }
}

/// The kind as a variant of `rt::ObjectKind`.
pub(crate) fn object_kind(kind: Kind) -> proc_macro2::Ident {
    format_ident!(
        "{}",
        match kind {
            Kind::Channel => "Channel",
            Kind::Bridge => "Bridge",
            Kind::Playback => "Playback",
            Kind::Recording => "Recording",
        }
    )
}
