//! Distils a specification: the facts stay, the prose goes.

use serde::Serialize;

use super::Spec;
use crate::error::{Error, Result};
use crate::files::Files;

/// The files of `spec` without a sentence in them, in the shape in which they came.
///
/// What is a fact is decided by the model: a key that it does not write is left out.
pub(crate) fn facts(spec: &Spec, version: &str) -> Result<Files> {
    let mut listing = spec.listing.clone();
    listing.asterisk_version = Some(version.to_owned());
    let mut files = Files::default();
    files.add("resources.json", json("resources.json", &listing)?);
    for file in &spec.files {
        files.add(&file.name, json(&file.name, &file.declaration)?);
    }
    Ok(files)
}

fn json(file: &str, value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Spec {
        file: file.to_owned(),
        place: ".".to_owned(),
        problem: error.to_string(),
    })?;
    Ok(text + "\n")
}
