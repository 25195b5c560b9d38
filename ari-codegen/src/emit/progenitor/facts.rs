//! What the document has no words for: it becomes an expression in each operation of the client.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::super::rust::object_kind;
use crate::ir::{Interface, Name, Operation, Param, Place, Resource, Type, template};

/// What the rewriting has to know of an operation.
#[derive(Debug)]
pub(super) struct Facts {
    /// The path, with the names of its parameters.
    pub(super) path: String,
    /// An `Operation` of the runtime.
    pub(super) operation: TokenStream,
}

/// The name of `operation` in code: a method of the client.
pub(super) fn id(resource: &Resource, operation: &Operation) -> String {
    format!("{}_{}", Name::new(&resource.wire).snake(), operation.name.snake())
}

/// The operations of `resource` that are requests.
pub(super) fn operations(resource: &Resource) -> impl Iterator<Item = &Operation> {
    resource
        .operations
        .iter()
        .filter(|operation| !operation.websocket)
}

/// The facts of each operation, by its name in code.
pub(super) fn by_id(interface: &Interface) -> BTreeMap<String, Facts> {
    let mut facts = BTreeMap::new();
    for resource in &interface.resources {
        for operation in operations(resource) {
            let path = template(&operation.path);
            let operation_facts = expression(&resource.wire, operation);
            facts.insert(
                id(resource, operation),
                Facts {
                    path,
                    operation: operation_facts,
                },
            );
        }
    }
    facts
}

fn expression(resource: &str, operation: &Operation) -> TokenStream {
    let rt = quote!(::ari_client::rt::progenitor);
    let name = format!("{resource}.{}", operation.nickname);
    let creates = created(&operation.params);
    let lists = operation
        .params
        .iter()
        .filter(|param| param.required && matches!(param.place, Place::Query(Type::List(_))))
        .map(|param| param.wire.to_token_stream());
    let lists = field("lists", &lists.collect::<Vec<_>>());
    let detour = operation.detour.as_deref().map(|detour| {
        let detour = template(detour);
        quote!(detour: Some(#detour),)
    });
    let whole_body = operation
        .params
        .iter()
        .any(|param| param.place == Place::Body)
        .then(|| quote!(whole_body: true,));
    let fields = quote!(#creates #lists #detour #whole_body);
    if fields.is_empty() {
        quote!(#rt::Operation::new(#name))
    } else {
        quote!(#rt::Operation { #fields ..#rt::Operation::new(#name) })
    }
}

/// The field for what the operation creates.
fn created(params: &[Param]) -> Option<TokenStream> {
    let created = params.iter().filter_map(|param| {
        let creates = param.creates?;
        let (wire, always, kind) = (&param.wire, creates.always, object_kind(creates.kind));
        Some(quote!((#wire, ::ari_client::ObjectKind::#kind, #always)))
    });
    field("creates", &created.collect::<Vec<_>>())
}

fn field(name: &str, items: &[TokenStream]) -> Option<TokenStream> {
    let name = quote::format_ident!("{name}");
    (!items.is_empty()).then(|| quote!(#name: &[#(#items),*],))
}
