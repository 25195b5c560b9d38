//! What Asterisk answers.

use super::bodies::json;
use super::json::Object;
use super::schemas;
use crate::ir::{Operation, Reply, Type};

/// The schema of an error.
const ERROR: &str = "AriError";

/// The response that all errors are.
const REFUSED: &str = "Refused";

/// What the response is that all errors are.
const REFUSED_WORDS: &str = "\
Refused. The body tells the reason: an object from ARI, an HTML page or nothing from the web server before it.";

/// The answers to `operation`.
///
/// The statuses of success are a range: Asterisk's own words on them are not exact (200, 201, 202 and 204 occur).
pub(super) fn of(operation: &Operation) -> Object {
    let success = Object::new()
        .with("description", success_words(operation))
        .with_some("content", content(&operation.reply));
    let mut errors: Vec<_> = operation.statuses.keys().chain(&operation.errors).collect();
    errors.retain(|status| **status >= 400);
    errors.sort_unstable();
    errors.dedup();
    let mut responses = Object::new().with("2XX", success);
    for status in errors {
        let words = operation.statuses.get(status);
        responses = responses.with(
            &status.to_string(),
            words.map_or_else(reference, |words| refused(words)),
        );
    }
    responses.with("default", reference())
}

fn reference() -> Object {
    Object::new().with("$ref", format!("#/components/responses/{REFUSED}"))
}

/// What the reply holds, and what is known of statuses of success.
fn success_words(operation: &Operation) -> String {
    let reply = operation.reply_description.clone().unwrap_or_else(|| {
        let words = match operation.reply {
            Reply::Nothing => "Done, or begun; there is no body.",
            Reply::Bytes => "The file's bytes.",
            Reply::Json(_) => "What was asked for.",
        };
        words.to_owned()
    });
    let known = operation.statuses.iter().filter(|(status, _)| **status < 400);
    let known = known.map(|(status, words)| format!("\n\n{status}: {words}"));
    reply + &known.collect::<String>()
}

fn content(reply: &Reply) -> Option<Object> {
    match reply {
        Reply::Nothing => None,
        Reply::Bytes => {
            let schema = schemas::of(&Type::Text).with("format", "binary");
            Some(Object::new().with("*/*", Object::new().with("schema", schema)))
        }
        Reply::Json(ty) => Some(json(schemas::of(ty))),
    }
}

/// The response that all errors are.
pub(super) fn shared() -> Object {
    Object::new().with(REFUSED, refused(REFUSED_WORDS))
}

fn refused(words: &str) -> Object {
    let page = Object::new().with("schema", schemas::of(&Type::Text));
    Object::new()
        .with("description", words)
        .with("content", json(schemas::reference(ERROR)).with("text/html", page))
}

/// The schema of an error that is JSON.
pub(super) fn schema() -> Object {
    let text = |description: &str| schemas::of(&Type::Text).with("description", description);
    let properties = Object::new()
        .with("message", text("The reason."))
        .with("error", text("The reason, in place of `message`, where Asterisk could not make what was asked for: mostly because an endpoint cannot be reached."));
    let schema = Object::new()
        .with("type", "object")
        .with("description", "Why Asterisk refused. One of the two is there.")
        .with("properties", properties);
    Object::new().with(ERROR, schema)
}
