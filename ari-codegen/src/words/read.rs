//! Reads a folder of words.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::{EnumFile, Words};
use crate::error::{Error, Result};

/// The one file that is not named after a resource.
const ENUMS: &str = "enums";

impl Words {
    /// Reads every TOML file of `folder`.
    ///
    /// # Errors
    /// A folder or file that cannot be read, or a file that holds something else than words.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut resources = BTreeMap::new();
        let mut enums = BTreeMap::new();
        let entries = std::fs::read_dir(folder).map_err(|error| Error::file(folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| Error::file(folder, error))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            match stem.filter(|_| path.extension().is_some_and(|extension| extension == "toml")) {
                Some(ENUMS) => enums = parse::<EnumFile>(&path)?.enums,
                Some(resource) => {
                    resources.insert(resource.to_owned(), parse(&path)?);
                }
                None => {}
            }
        }
        Ok(Self { resources, enums })
    }
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
    toml::from_str(&text).map_err(|error| {
        let before = error.span().map_or("", |span| &text[..span.start]);
        let line = before.matches('\n').count() + 1;
        let problem = error.message().replace('\n', " ");
        Error::file(path, format!("line {line}: {problem}"))
    })
}
