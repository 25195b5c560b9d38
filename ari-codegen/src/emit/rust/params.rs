//! A parameter as a field of its operation, as an argument, and as methods that set it.

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, idents, types};
use crate::ir::{Content, Name, Param, Place, Type};

/// What a parameter takes.
enum Shape {
    /// One value.
    One(Item),
    /// A list of values, each like the others.
    List(Item),
    /// An object: names and values.
    Map(Item),
    /// A list of objects, each made of a name and a value.
    Pairs {
        object: TokenStream,
        name: Name,
        value: Name,
    },
}

/// A single value.
struct Item {
    ty: TokenStream,
    /// Whether an argument may be of any type that becomes `ty`.
    converts: bool,
}

impl Item {
    fn new(ty: TokenStream) -> Self {
        Self { ty, converts: true }
    }

    fn of(ty: &Type) -> Self {
        let converts = matches!(ty, Type::Text | Type::Enum(_) | Type::Timestamp);
        Self {
            ty: types::outside(ty),
            converts,
        }
    }

    fn argument(&self) -> TokenStream {
        let ty = &self.ty;
        if self.converts {
            quote!(impl Into<#ty>)
        } else {
            ty.clone()
        }
    }
}

fn shape(param: &Param) -> Shape {
    match &param.place {
        Place::Path => Shape::One(Item::of(&Type::Text)),
        Place::Query(Type::List(item)) => Shape::List(Item::of(item)),
        Place::Query(ty) => Shape::One(Item::of(ty)),
        Place::BodyKey(Content::Texts) => Shape::Map(Item::of(&Type::Text)),
        Place::BodyKey(Content::Variables) => Shape::Map(Item::new(quote!(rt::VariableValue))),
        Place::BodyKey(Content::Values) => Shape::Map(Item::new(quote!(rt::Value))),
        Place::BodyKey(Content::Anything) | Place::Body => Shape::One(Item::new(quote!(rt::Value))),
        Place::BodyKey(Content::Pairs { model, name, value }) => {
            let object = types::outside(&Type::Model(model.clone()));
            Shape::Pairs {
                object,
                name: Name::new(name),
                value: Name::new(value),
            }
        }
    }
}

/// The type of the field.
pub(super) fn field_type(param: &Param) -> TokenStream {
    match shape(param) {
        Shape::One(Item { ty, .. }) if param.required => ty,
        Shape::One(Item { ty, .. }) => quote!(Option<#ty>),
        Shape::List(Item { ty, .. }) => quote!(Vec<#ty>),
        Shape::Map(Item { ty, .. }) => quote!(BTreeMap<String, #ty>),
        Shape::Pairs { object, .. } => quote!(Vec<#object>),
    }
}

/// The type of an argument that gives the value.
pub(super) fn argument_type(param: &Param) -> TokenStream {
    match shape(param) {
        Shape::One(item) => item.argument(),
        Shape::List(item) => {
            let item = item.argument();
            quote!(impl IntoIterator<Item = #item>)
        }
        Shape::Map(item) => {
            let item = item.argument();
            quote!(impl IntoIterator<Item = (impl Into<String>, #item)>)
        }
        Shape::Pairs { .. } => quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>),
    }
}

/// The field as a new operation has it: its argument's value where it is required, else empty.
pub(super) fn initial(param: &Param) -> TokenStream {
    let name = idents::argument(&param.name);
    let shape = shape(param);
    match (&shape, param.required) {
        (Shape::One(Item { converts: false, .. }), true) => quote!(#name),
        (_, true) => {
            let value = value(&name, &shape);
            quote!(#name: #value)
        }
        (Shape::One(_), false) => quote!(#name: None),
        (Shape::List(_) | Shape::Pairs { .. }, false) => quote!(#name: Vec::new()),
        (Shape::Map(_), false) => quote!(#name: BTreeMap::new()),
    }
}

/// The methods that set an optional parameter, and the one that adds an item to an object or a list of pairs.
pub(super) fn setters(param: &Param) -> TokenStream {
    let shape = shape(param);
    let adder = adder(param, &shape);
    if param.required {
        return adder;
    }
    let (name, argument) = (idents::argument(&param.name), argument_type(param));
    let value = value(&name, &shape);
    let set = match shape {
        Shape::One(_) => quote!(self.#name = Some(#value);),
        Shape::List(_) => quote!(self.#name = #value;),
        Shape::Map(_) | Shape::Pairs { .. } => {
            let items = items(&name, &shape);
            quote!(self.#name.extend(#items);)
        }
    };
    let doc = docs::doc(&docs::param(param));
    quote! {
        #doc
        pub fn #name(mut self, #name: #argument) -> Self {
            #set
            self
        }
        #adder
    }
}

/// A method that adds one item to an object or a list of pairs.
fn adder(param: &Param, shape: &Shape) -> TokenStream {
    let field = idents::argument(&param.name);
    let (item, add) = match shape {
        Shape::One(_) | Shape::List(_) => return quote!(),
        Shape::Map(item) => (
            item.argument(),
            quote!(self.#field.insert(name.into(), value.into());),
        ),
        Shape::Pairs { .. } => {
            let pair = pair(shape);
            (quote!(impl Into<String>), quote!(self.#field.push(#pair);))
        }
    };
    let one = idents::argument(&param.name.singular());
    let doc = docs::doc(&match param.required {
        true => format!("Adds one to `{field}`."),
        false => format!("Adds one to [`{field}`](Self::{field})."),
    });
    quote! {
        #doc
        pub fn #one(mut self, name: impl Into<String>, value: #item) -> Self {
            #add
            self
        }
    }
}

/// The field's value made of the argument `name`.
fn value(name: &proc_macro2::Ident, shape: &Shape) -> TokenStream {
    match shape {
        Shape::One(item) if item.converts => quote!(#name.into()),
        Shape::One(_) => quote!(#name),
        _ => {
            let items = items(name, shape);
            quote!(#items.collect())
        }
    }
}

/// An iterator over what the argument `name` holds, as the field keeps it.
fn items(name: &proc_macro2::Ident, shape: &Shape) -> TokenStream {
    match shape {
        Shape::One(Item { converts: false, .. }) | Shape::List(Item { converts: false, .. }) => {
            quote!(#name.into_iter())
        }
        Shape::One(_) | Shape::List(_) => quote!(#name.into_iter().map(Into::into)),
        Shape::Map(_) => quote!(#name.into_iter().map(|(name, value)| (name.into(), value.into()))),
        Shape::Pairs { .. } => {
            let pair = pair(shape);
            quote!(#name.into_iter().map(|(name, value)| #pair))
        }
    }
}

/// A list's object made of `name` and `value`.
fn pair(shape: &Shape) -> TokenStream {
    let Shape::Pairs { object, name, value } = shape else {
        return quote!();
    };
    let (name, value) = (idents::snake(name), idents::snake(value));
    quote!(#object { #name: name.into(), #value: value.into() })
}
