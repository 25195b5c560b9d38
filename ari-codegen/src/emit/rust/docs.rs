//! Documentation made by rule from the facts, until words are added.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Method, Operation, Param, Segment};

/// One `#[doc]` attribute for each line of `text`.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote!(#(#[doc = #lines])*)
}

/// Request line, versions and statuses of an operation.
pub(super) fn operation(operation: &Operation) -> String {
    let method = method(operation.method).to_uppercase();
    let mut text = operation
        .description
        .as_ref()
        .map(|prose| format!("{prose}\n\n"))
        .unwrap_or_default();
    text += &format!("`{method} {}`", path(&operation.path));
    if let Some(detour) = &operation.detour {
        text += &format!(", sent as `{method} {}`", path(detour));
    }
    if !operation.since.is_empty() {
        text += &format!("\n\nSince Asterisk {}.", operation.since.join(", "));
    }
    if !operation.errors.is_empty() {
        let codes: Vec<_> = operation.errors.iter().map(u16::to_string).collect();
        text += &format!("\n\nDocumented error statuses: {}.", codes.join(", "));
    }
    text
}

/// Wire name, default and limits of a parameter.
pub(super) fn param(param: &Param) -> String {
    let mut text = param
        .description
        .as_ref()
        .map(|prose| format!("{prose}\n\n"))
        .unwrap_or_default();
    text += &format!("`{}` on the wire.", param.wire);
    if let Some(default) = &param.default {
        text += &format!(
            " Default: `{}`.",
            default
                .as_str()
                .map_or_else(|| default.to_string(), str::to_owned)
        );
    }
    if let Some(min) = param.min {
        text += &format!(" Not below {min}.");
    }
    if let Some(max) = param.max {
        text += &format!(" Not above {max}.");
    }
    if param.creates.is_some_and(|creates| creates.always) && !param.required {
        text += " Where it is not given, the client makes one.";
    }
    text
}

/// The method as a variant of `rt::Method`.
pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "Get",
        Method::Post => "Post",
        Method::Put => "Put",
        Method::Delete => "Delete",
    }
}

fn path(segments: &[Segment]) -> String {
    let segments = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Param(name) => format!("/{{{name}}}"),
    });
    segments.collect()
}
