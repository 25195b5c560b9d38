//! Documentation: the words that the interface carries, and what can be told from the facts.

mod operation;
mod param;

use proc_macro2::TokenStream;
use quote::quote;

use crate::error;
use crate::ir::{Method, Resource};

pub(super) use operation::{brief, documented_line, operation};
pub(super) use param::{arguments, param};

/// Where Asterisk documents its interface.
const OFFICIAL: &str = "https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/";

/// One `#[doc]` attribute for each line of `text`.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {}", error::line(line))
        }
    });
    quote!(#(#[doc = #lines])*)
}

/// Words, or what can be said without: some of Asterisk's own descriptions are empty.
pub(super) fn or_else(words: Option<&String>, fallback: impl FnOnce() -> String) -> String {
    let words = words.filter(|words| !words.trim().is_empty());
    words.cloned().unwrap_or_else(fallback)
}

/// Words on what is called `wire` in the protocol.
pub(super) fn named(words: Option<&String>, wire: &str) -> String {
    or_else(words, || format!("`{wire}` on the wire."))
}

/// Words on the resource.
pub(super) fn resource(resource: &Resource) -> String {
    let words = or_else(resource.description.as_ref(), || {
        format!("The operations of the resource `{}`.", resource.wire)
    });
    format!("{words}\n\nOfficial page: {}.", page(&resource.wire))
}

/// A link to the official page of the resource.
fn page(resource: &str) -> String {
    let mut title = resource.to_lowercase();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("[{title} REST API]({OFFICIAL}{title}_REST_API/)")
}

/// A link to the official page of models.
pub(super) fn models_page() -> String {
    format!("[Asterisk REST Data Models]({OFFICIAL}Asterisk_REST_Data_Models/)")
}

/// The first sentence of `text`, in one line.
pub(super) fn first_sentence(text: &str) -> String {
    let paragraph: Vec<_> = text.lines().take_while(|line| !line.trim().is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let mut ends = paragraph.match_indices(". ").map(|(at, _)| at);
    let starts = |at: usize| paragraph[at + 2..].starts_with(|next: char| next.is_uppercase() || next == '`');
    let abbreviates = |at: usize| paragraph[..at].ends_with("e.g") || paragraph[..at].ends_with("i.e");
    let end = ends.find(|at| starts(*at) && !abbreviates(*at));
    end.map_or(paragraph.clone(), |end| paragraph[..=end].to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_where_the_next_begins() {
        for (text, sentence) in [
            ("One. Two.", "One."),
            (
                "Takes `a.b`, e.g. `x`, or\n22. 4 more. `T` is next.",
                "Takes `a.b`, e.g. `x`, or 22. 4 more.",
            ),
            ("One\ntwo\n\nThree. Four.", "One two"),
            ("", ""),
        ] {
            assert_eq!(first_sentence(text), sentence);
        }
    }

    #[test]
    fn the_official_pages_have_one_capital() {
        assert!(page("deviceStates").ends_with("/Devicestates_REST_API/)"));
        assert!(page("channels").starts_with("[Channels REST API](https://docs.asterisk.org/"));
    }
}
