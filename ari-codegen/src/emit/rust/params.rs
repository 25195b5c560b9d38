//! A parameter in its three places: the field that keeps it, the argument that gives it, the call that encodes it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{docs, idents, peek, types};
use crate::ir::{Content, Name, Param, Place, Type};

/// The type of the field.
pub(super) fn field_type(param: &Param) -> TokenStream {
    match &param.place {
        Place::Path => optional(param, quote!(String)),
        Place::Query(list @ Type::List(_)) => types::outside(list),
        Place::Query(ty) => optional(param, types::outside(ty)),
        Place::BodyKey(content) => {
            let item = content_type(content);
            match content {
                Content::Pairs { .. } => quote!(Vec<#item>),
                Content::Anything => optional(param, item),
                _ => quote!(BTreeMap<String, #item>),
            }
        }
        Place::Body => optional(param, quote!(rt::Value)),
    }
}

/// The type of an argument that gives the value.
pub(super) fn argument_type(param: &Param) -> TokenStream {
    match &param.place {
        Place::Path => quote!(impl Into<String>),
        Place::Query(Type::List(item)) => {
            let item = scalar_argument(item);
            quote!(impl IntoIterator<Item = #item>)
        }
        Place::Query(ty) => scalar_argument(ty),
        Place::BodyKey(content) => match content {
            Content::Pairs { .. } => quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>),
            Content::Anything => quote!(impl Into<rt::Value>),
            content => {
                let item = content_type(content);
                quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<#item>)>)
            }
        },
        Place::Body => quote!(impl Into<rt::Value>),
    }
}

/// The field as a new operation has it: its argument's value where it is required, else empty.
pub(super) fn initial(param: &Param) -> TokenStream {
    let name = idents::snake(&param.name);
    let value = match &param.place {
        _ if param.required => value(param),
        Place::Query(Type::List(_)) | Place::BodyKey(Content::Pairs { .. }) => quote!(Vec::new()),
        Place::BodyKey(Content::Texts | Content::Variables | Content::Values) => quote!(BTreeMap::new()),
        _ => quote!(None),
    };
    let shorthand = value.to_string() == name.to_string();
    if shorthand { quote!(#name) } else { quote!(#name: #value) }
}

/// The field's value made of the argument; the argument has the field's name.
fn value(param: &Param) -> TokenStream {
    let name = idents::snake(&param.name);
    match &param.place {
        Place::Path | Place::Body => quote!(#name.into()),
        Place::Query(Type::List(item)) => {
            let convert = converts(item).then(|| quote!(.map(Into::into)));
            quote!(#name.into_iter() #convert .collect())
        }
        Place::Query(ty) if converts(ty) => quote!(#name.into()),
        Place::Query(_) => quote!(#name),
        Place::BodyKey(content) => match content {
            Content::Pairs { .. } => {
                let pair = pair(content);
                quote!(#name.into_iter().map(|(name, value)| #pair).collect())
            }
            Content::Anything => quote!(#name.into()),
            _ => quote!(#name.into_iter().map(|(name, value)| (name.into(), value.into())).collect()),
        },
    }
}

/// The methods that set an optional parameter, and the one that adds an item to a body.
pub(super) fn setters(param: &Param) -> TokenStream {
    let (name, argument, value) = (idents::snake(&param.name), argument_type(param), value(param));
    let doc = docs::doc(&docs::param(param));
    let adder = adder(param);
    if param.required {
        return adder;
    }
    let set = match &param.place {
        Place::BodyKey(Content::Anything) | Place::Body | Place::Path => quote!(self.#name = Some(#value);),
        Place::Query(Type::List(_)) => quote!(self.#name = #value;),
        Place::Query(_) => quote!(self.#name = Some(#value);),
        Place::BodyKey(content @ Content::Pairs { .. }) => {
            let pair = pair(content);
            quote!(self.#name.extend(#name.into_iter().map(|(name, value)| #pair));)
        }
        Place::BodyKey(_) => {
            quote!(self.#name.extend(#name.into_iter().map(|(name, value)| (name.into(), value.into())));)
        }
    };
    quote! {
        #doc
        pub fn #name(mut self, #name: #argument) -> Self {
            #set
            self
        }
        #adder
    }
}

/// Adds one item to what a body holds under the parameter's name.
fn adder(param: &Param) -> TokenStream {
    let Place::BodyKey(content) = &param.place else { return quote!() };
    let (field, one) = (idents::snake(&param.name), idents::snake(&param.name.singular()));
    let (value, add) = match content {
        Content::Anything => return quote!(),
        Content::Pairs { .. } => {
            let pair = pair(content);
            (quote!(String), quote!(self.#field.push(#pair);))
        }
        content => (content_type(content), quote!(self.#field.insert(name.into(), value.into());)),
    };
    let doc = format!(" Adds one of [`{field}`](Self::{field}): `{}` on the wire.", param.wire);
    let doc = if param.required { format!(" Adds one more of `{}`.", param.wire) } else { doc };
    quote! {
        #[doc = #doc]
        pub fn #one(mut self, name: impl Into<String>, value: impl Into<#value>) -> Self {
            #add
            self
        }
    }
}

/// The encoder's call for a parameter that is no part of the path.
pub(super) fn encode(param: &Param) -> TokenStream {
    let (wire, field) = (&param.wire, idents::snake(&param.name));
    if let Some(creates) = param.creates {
        let kind = format_ident!("{}", peek::object(creates.kind));
        let call: Ident = if creates.always { format_ident!("created") } else { format_ident!("created_opt") };
        return quote!(.#call(#wire, rt::ObjectKind::#kind, self.#field));
    }
    match (&param.place, param.required) {
        (Place::Path, _) => quote!(.segment(#wire, self.#field)),
        (Place::Query(Type::List(_)), true) => quote!(.query_items(#wire, self.#field)),
        (Place::Query(Type::List(_)), false) => quote!(.query_list(#wire, self.#field)),
        (Place::Query(_), true) => quote!(.query(#wire, self.#field)),
        (Place::Query(_), false) => quote!(.query_opt(#wire, self.#field)),
        (Place::BodyKey(Content::Anything), true) => quote!(.body_field(#wire, Some(self.#field))),
        (Place::BodyKey(Content::Anything), false) => quote!(.body_field(#wire, self.#field)),
        (Place::BodyKey(_), true) => quote!(.body_field(#wire, Some(self.#field))),
        (Place::BodyKey(_), false) => {
            quote!(.body_field(#wire, Some(self.#field).filter(|items| !items.is_empty())))
        }
        (Place::Body, true) => quote!(.whole_body(#wire, Some(self.#field))),
        (Place::Body, false) => quote!(.whole_body(#wire, self.#field)),
    }
}

/// The encoder's call for a parameter that is a segment of the path.
pub(super) fn segment(param: &Param) -> TokenStream {
    let (wire, field) = (&param.wire, idents::snake(&param.name));
    match param.creates {
        None => quote!(.segment(#wire, self.#field)),
        Some(creates) => {
            let kind = format_ident!("{}", peek::object(creates.kind));
            quote!(.created_segment(#wire, rt::ObjectKind::#kind, self.#field))
        }
    }
}

fn optional(param: &Param, ty: TokenStream) -> TokenStream {
    if param.required { ty } else { quote!(Option<#ty>) }
}

fn content_type(content: &Content) -> TokenStream {
    match content {
        Content::Texts => quote!(String),
        Content::Variables => quote!(rt::VariableValue),
        Content::Values | Content::Anything => quote!(rt::Value),
        Content::Pairs { model, .. } => types::outside(&Type::Model(model.clone())),
    }
}

fn scalar_argument(ty: &Type) -> TokenStream {
    let spelt = types::outside(ty);
    if converts(ty) { quote!(impl Into<#spelt>) } else { spelt }
}

/// Whether an argument may be of any type that becomes `ty`.
fn converts(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Enum(_) | Type::Timestamp)
}

/// A list's item made of `name` and `value`.
fn pair(content: &Content) -> TokenStream {
    let Content::Pairs { name, value, .. } = content else { return quote!() };
    let (ty, name, value) = (content_type(content), idents::snake(&Name::new(name)), idents::snake(&Name::new(value)));
    quote!(#ty { #name: name.into(), #value: value.into() })
}
