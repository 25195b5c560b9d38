//! One operation: a struct of its arguments that encodes to a request and decodes the reply.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{self, doc};
use super::{encode, idents, params, types};
use crate::ir::{Operation, Reply, Segment, Type};

/// The struct of `operation` of the resource called `resource` on the wire, and all that it does.
pub(super) fn operation(resource: &str, operation: &Operation) -> TokenStream {
    let structure = structure(resource, operation);
    let methods = methods(operation);
    let request = request(resource, operation);
    let future = future(operation);
    quote!(#structure #methods #request #future)
}

/// What a constructor makes.
const NEW: &str = "The operation with all that it requires, to be sent by [`Ari::send`](rt::Ari::send).";

/// The output's type.
fn output(reply: &Reply) -> TokenStream {
    match reply {
        Reply::Nothing => quote!(()),
        Reply::Bytes => quote!(rt::Bytes),
        Reply::Json(ty) => types::outside(ty),
    }
}

fn structure(resource: &str, operation: &Operation) -> TokenStream {
    let name = idents::pascal(&operation.name);
    let doc = doc(&docs::operation(resource, operation));
    let fields = operation.ordered_params().map(|param| {
        let (field, ty) = (idents::argument(&param.name), params::field_type(param));
        quote!(#field: #ty,)
    });
    quote! {
        #doc
        #[derive(Debug, Clone)]
        #[must_use = "an operation does nothing until it is sent"]
        pub struct #name<C = ()> {
            client: C,
            #(#fields)*
        }
    }
}

/// Names, types and field values of the arguments that an operation cannot do without.
pub(super) fn arguments(operation: &Operation) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let required = operation.ordered_params().filter(|param| param.required);
    let arguments = required.map(|param| {
        let name = idents::argument(&param.name);
        (quote!(#name), params::argument_type(param))
    });
    arguments.unzip()
}

fn methods(operation: &Operation) -> TokenStream {
    let name = idents::pascal(&operation.name);
    let (names, types) = arguments(operation);
    let values = operation.ordered_params().map(params::initial);
    let setters = operation.ordered_params().map(params::setters);
    let doc = doc(&format!("{NEW}\n\n{}", docs::arguments(operation)));
    quote! {
        impl #name {
            #doc
            pub fn new(#(#names: #types),*) -> Self {
                Self::with_client((), #(#names),*)
            }
        }
        impl<C> #name<C> {
            fn with_client(client: C, #(#names: #types),*) -> Self {
                Self { client, #(#values,)* }
            }
            #(#setters)*
        }
    }
}

fn request(resource: &str, operation: &Operation) -> TokenStream {
    let name = idents::pascal(&operation.name);
    let wire = format!("{resource}.{}", operation.nickname);
    let method = format_ident!("{}", docs::method(operation.method));
    let segments = operation
        .route()
        .iter()
        .map(|segment| match (segment, operation.param_of(segment)) {
            (_, Some(param)) => encode::segment(param),
            (Segment::Literal(text) | Segment::Param(text), None) => quote!(.literal(#text)),
        });
    let others = operation
        .params
        .iter()
        .filter(|param| !operation.routes_by(param))
        .map(encode::argument);
    let since = (!operation.since.is_empty()).then(|| {
        let versions = &operation.since;
        quote!(const SINCE: &'static [&'static str] = &[#(#versions),*];)
    });
    let output = output(&operation.reply);
    let (response, decode) = match &operation.reply {
        Reply::Nothing => (quote!(_), quote!(Ok(()))),
        Reply::Bytes => (quote!(response), quote!(Ok(response.body))),
        Reply::Json(ty) => (quote!(response), decode_json(ty)),
    };
    quote! {
        impl<C> rt::Operation for #name<C> {
            type Output = #output;
            const NAME: &'static str = #wire;
            #since
            fn into_request(self) -> rt::Result<rt::RawRequest> {
                rt::Encoder::new(Self::NAME, rt::Method::#method) #(#segments)* #(#others)* .finish()
            }
            fn decode(#response: rt::RawResponse) -> rt::Result<Self::Output> {
                #decode
            }
        }
    }
}

/// How a reply that is a `ty` is decoded: a model is an object, never an array that serde reads by position.
fn decode_json(ty: &Type) -> TokenStream {
    match ty {
        Type::Model(_) => quote!(rt::json_object::<Self>(response)),
        Type::List(item) if matches!(**item, Type::Model(_)) => {
            quote!(rt::json_objects::<Self, _>(response))
        }
        _ => quote!(rt::json::<Self>(response)),
    }
}

fn future(operation: &Operation) -> TokenStream {
    let name = idents::pascal(&operation.name);
    let output = output(&operation.reply);
    quote! {
        impl IntoFuture for #name<rt::Ari> {
            type Output = rt::Result<#output>;
            type IntoFuture = rt::Pending<#output>;
            fn into_future(self) -> Self::IntoFuture {
                let ari = self.client.clone();
                rt::send(&ari, self)
            }
        }
    }
}
