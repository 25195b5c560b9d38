//! Parameters: as setters, and as lists in the page of their operation.

use super::super::idents;
use super::named;
use crate::ir::{Operation, Param};

/// Words, default and limits of a parameter.
pub(crate) fn param(param: &Param) -> String {
    let mut text = named(param.description.as_ref(), &param.wire);
    if let Some(default) = &param.default {
        let default = default
            .as_str()
            .map_or_else(|| default.to_string(), str::to_owned);
        text += &match default.is_empty() {
            true => " Empty by default.".to_owned(),
            false => format!(" Default: `{default}`."),
        };
    }
    if let Some(min) = param.min {
        text += &format!(" Not below {min}.");
    }
    if let Some(max) = param.max {
        text += &format!(" Not above {max}.");
    }
    if param.creates.is_some_and(|creates| creates.always) && !param.required {
        text += " Where it is not given, this client makes one, and sends it.";
    }
    text
}

/// The parameters of a constructor, one in a line.
pub(crate) fn arguments(operation: &Operation) -> String {
    required(operation, "")
}

/// All parameters, the required ones first, the others with a link to their setter.
pub(super) fn bullets(operation: &Operation) -> String {
    let optional = operation.ordered_params().filter(|param| !param.required);
    let optional = optional.map(|known| {
        let setter = idents::snake(&known.name);
        bullet(&format!("[`{setter}`](Self::{setter})"), &param(known))
    });
    let lines = [required(operation, ", required"), list(optional)];
    lines
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn required(operation: &Operation, remark: &str) -> String {
    let required = operation.ordered_params().filter(|param| param.required);
    list(required.map(|known| {
        bullet(
            &format!("`{}`{remark}", idents::snake(&known.name)),
            &param(known),
        )
    }))
}

fn bullet(name: &str, text: &str) -> String {
    format!("* {name}: {}", text.replace('\n', "\n  "))
}

fn list(bullets: impl Iterator<Item = String>) -> String {
    bullets.collect::<Vec<_>>().join("\n")
}
