//! Reads a folder of specification files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_path_to_error::{Deserializer, Track};

use super::{Declaration, Listing, Model};
use crate::error::{Error, Result, line};
use crate::words::Words;

/// Keys that hold no fact: prose, names of persons, and addresses that the server rewrites.
const NO_FACTS: [&str; 6] = [
    "_author",
    "_copyright",
    "_svn_revision",
    "__note",
    "basePath",
    "description",
];

/// Keys misspelt in Asterisk's files, and what they were meant to be.
pub(crate) const MISSPELT: [(&str, &str); 2] =
    [("descriptioni", "description"), ("defalutValue", "defaultValue")];

/// A complete specification: the listing and every declaration that it names.
#[derive(Debug, Clone)]
pub struct Spec {
    pub(crate) listing: Listing,
    pub(crate) files: Vec<SpecFile>,
    folder: PathBuf,
    unknown_keys: Vec<String>,
    pub(crate) words: Option<Words>,
}

/// One declaration and the file that it came from.
#[derive(Debug, Clone)]
pub(crate) struct SpecFile {
    /// The file's name, such as `channels.json`.
    pub(crate) name: String,
    pub(crate) declaration: Declaration,
}

impl Spec {
    /// Reads `folder`: `resources.json`, and what it lists from beside it or from `api-docs/`.
    ///
    /// # Errors
    /// A missing file, broken JSON, or a key of an unexpected type.
    pub fn read(folder: &Path) -> Result<Self> {
        Self::load(folder, &|path| {
            std::fs::read_to_string(path).map_err(|error| Error::file(path, error))
        })
    }

    /// Reads the files given as name and text: `resources.json`, and what it lists. `origin` is what errors call the
    /// place that they came from; a version is taken from its end, as from a folder's name.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_texts(
        origin: &str,
        texts: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self> {
        let texts = texts.into_iter().map(|(name, text)| (name.into(), text.into()));
        let texts: BTreeMap<String, String> = texts.collect();
        Self::read_with(origin, &|name| {
            texts
                .get(name)
                .cloned()
                .ok_or_else(|| Error::file(&Path::new(origin).join(name), "no such file"))
        })
    }

    /// Reads the files that `open` gives for their names: `resources.json` first, then what it lists. `origin` is as
    /// in [`from_texts`](Self::from_texts).
    ///
    /// # Errors
    /// As [`read`](Self::read), and what `open` fails with.
    pub fn read_with(origin: &str, open: &dyn Fn(&str) -> Result<String>) -> Result<Self> {
        Self::load(Path::new(origin), &|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            open(name.unwrap_or_default())
        })
    }

    /// The same specification, known to be that of this version of Asterisk.
    #[must_use]
    pub fn of_version(mut self, version: &str) -> Self {
        self.listing.asterisk_version = Some(version.to_owned());
        self
    }

    fn load(folder: &Path, open: &dyn Fn(&Path) -> Result<String>) -> Result<Self> {
        let mut unknown_keys = Vec::new();
        let listing: Listing = parse(
            "resources.json",
            &open(&folder.join("resources.json"))?,
            &mut unknown_keys,
        )?;
        let mut files = Vec::new();
        for listed in &listing.apis {
            let name = file_name(&listed.path);
            let text = open(&folder.join(&name)).or_else(|missing| {
                let nested = folder.join("api-docs").join(&name);
                if nested.exists() {
                    open(&nested)
                } else {
                    Err(missing)
                }
            })?;
            let declaration = parse(&name, &text, &mut unknown_keys)?;
            files.push(SpecFile { name, declaration });
        }
        Ok(Self {
            listing,
            files,
            folder: folder.to_owned(),
            unknown_keys,
            words: None,
        })
    }

    /// With `words` in place of its own prose.
    #[must_use]
    pub fn with_words(mut self, words: Words) -> Self {
        self.words = Some(words);
        self
    }

    /// The version of Asterisk that the specification belongs to: what `import` recorded, or what the folder's
    /// name ends with.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.listing
            .asterisk_version
            .as_deref()
            .or_else(|| version_in_name(&self.folder))
    }

    pub(crate) fn models(&self) -> impl Iterator<Item = &Model> {
        self.files
            .iter()
            .flat_map(|file| &file.declaration.models.0)
            .map(|(_, model)| model)
    }

    /// The model that all messages on the socket inherit from.
    pub(crate) fn root(&self) -> Option<&Model> {
        self.models().find(|model| model.discriminator.is_some())
    }

    /// The names of the events: sub types of a sub type of the root. What comes right below the root
    /// (`MissingParams`) is a message, but no event.
    pub(crate) fn events(&self) -> Vec<&String> {
        let Some(root) = self.root() else {
            return Vec::new();
        };
        let bases = self.models().filter(|model| root.sub_types.contains(&model.id));
        bases.flat_map(|model| &model.sub_types).collect()
    }

    /// Keys that neither Asterisk's known files have nor we understand: something may be missing in the output.
    #[must_use]
    pub fn unknown_keys(&self) -> &[String] {
        &self.unknown_keys
    }
}

/// The file of a declaration listed as `/api-docs/channels.{format}`, wherever it lies.
fn file_name(listed: &str) -> String {
    let name = listed.rsplit('/').next().unwrap_or(listed);
    name.replace("{format}", "json")
}

/// `22.10.1` in `…/asterisk-22.10.1`.
fn version_in_name(folder: &Path) -> Option<&str> {
    let (_, version) = folder.file_name()?.to_str()?.rsplit_once('-')?;
    version
        .starts_with(|first: char| first.is_ascii_digit())
        .then_some(version)
}

fn parse<T: DeserializeOwned>(file: &str, text: &str, unknown_keys: &mut Vec<String>) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut track = Track::new();
    let mut note = |path: serde_ignored::Path<'_>| {
        let path = json_path(&path);
        let key = path.rsplit('.').next().unwrap_or_default();
        if !NO_FACTS.contains(&key) && !MISSPELT.iter().any(|(misspelt, _)| *misspelt == key) {
            unknown_keys.push(line(&format!("{file}: {path}")));
        }
    };
    let result = serde_ignored::deserialize(Deserializer::new(&mut json, &mut track), &mut note);
    let error = match result {
        Ok(value) => match json.end() {
            Ok(()) => return Ok(value),
            Err(error) => error,
        },
        Err(error) => error,
    };
    let (file, place, problem) = (file.to_owned(), track.path().to_string(), error.to_string());
    // Broken text may end within a key, which then has no name.
    let place = place.trim_end_matches('?').trim_end_matches('.');
    if !error.is_data() && place.is_empty() {
        return Err(Error::NotJson { file, problem });
    }
    let place = if place.is_empty() { "." } else { place }.to_owned();
    Err(Error::Spec { file, place, problem })
}

fn json_path(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", json_path(parent)),
        Path::Map { parent, key } => match json_path(parent) {
            parent if parent.is_empty() => key.clone(),
            parent => format!("{parent}.{key}"),
        },
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            json_path(parent)
        }
    }
}
