//! The page of an operation.

use super::param::bullets;
use super::{first_sentence, method, page};
use crate::ir::{Method, Operation, Segment, template};

/// What the operation does, its parameters, reply and statuses, and an example.
pub(crate) fn operation(resource: &str, operation: &Operation) -> String {
    let parts = [
        operation.description.clone().unwrap_or_default(),
        request(resource, operation),
        section("Parameters", &bullets(operation)),
        section(
            "Reply",
            operation.reply_description.as_deref().unwrap_or_default(),
        ),
        section("Statuses", &statuses(operation)),
        section("Example", &example(operation)),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

/// What the operation does, in a sentence.
pub(crate) fn brief(operation: &Operation) -> String {
    match &operation.description {
        Some(words) => first_sentence(words),
        None => request_line(operation),
    }
}

fn section(title: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("# {title}\n\n{text}")
}

fn request(resource: &str, operation: &Operation) -> String {
    let mut text = request_line(operation);
    if !operation.since.is_empty() {
        text += &format!(" Since Asterisk {}.", operation.since.join(", "));
    }
    text + &format!("\nOfficial page: {}, `{}`.", page(resource), operation.nickname)
}

fn request_line(operation: &Operation) -> String {
    let detour = operation.detour.as_ref();
    let detour = detour.map_or_else(String::new, |detour| {
        format!(", sent as `{}`", line(operation.method, detour))
    });
    format!("`{}`{detour}.", documented_line(operation))
}

/// Method and documented path.
pub(crate) fn documented_line(operation: &Operation) -> String {
    line(operation.method, &operation.path)
}

fn line(verb: Method, segments: &[Segment]) -> String {
    format!("{} {}", method(verb).to_uppercase(), template(segments))
}

fn statuses(operation: &Operation) -> String {
    let mut codes: Vec<_> = operation.statuses.keys().chain(&operation.errors).collect();
    codes.sort_unstable();
    codes.dedup();
    let lines = codes.into_iter().map(|code| {
        let words = operation.statuses.get(code).map_or("documented.", String::as_str);
        format!("* {code}: {}", words.replace('\n', "\n  "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn example(operation: &Operation) -> String {
    let Some(lines) = &operation.example else {
        return String::new();
    };
    format!(
        "```no_run\n# use ari_client::prelude::*;\n# async fn example(ari: &ari_client::Ari) -> Result {{\n{lines}\n# Ok(())\n# }}\n```"
    )
}
