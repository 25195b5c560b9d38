//! Where a specification comes from, and the words for it.

use std::path::{Path, PathBuf};

use ari_codegen::{Spec, Words};
use clap::Args;

use super::Result;

/// The committed specification, seen from the workspace's root.
const SPEC: &str = "specs/asterisk-22";

/// The words for it.
const DOCS: &str = "specs/docs";

#[derive(Debug, Args)]
pub(super) struct Source {
    /// Folder with resources.json, of an Asterisk or made by `import`
    #[arg(long, value_name = "DIR", default_value = SPEC)]
    spec: PathBuf,
    /// Folder with words for every item of the specification, in place of its own
    #[arg(long, value_name = "DIR", default_value_if("spec", SPEC, DOCS))]
    docs: Option<PathBuf>,
}

impl Source {
    pub(super) fn read(&self) -> Result<Spec> {
        let spec = read(&self.spec)?;
        Ok(match &self.docs {
            Some(folder) => spec.with_words(Words::read(folder)?),
            None => spec,
        })
    }

    /// The options that name this source, where it is not the committed one.
    pub(super) fn options(&self) -> String {
        let committed = self.spec == Path::new(SPEC);
        let mut options = String::new();
        if !committed {
            options += &format!(" --spec {}", self.spec.display());
        }
        match &self.docs {
            Some(docs) if !(committed && docs == Path::new(DOCS)) => {
                options += &format!(" --docs {}", docs.display());
            }
            _ => {}
        }
        options
    }
}

/// The specification in `folder`. What is strange in it is told on standard error.
pub(super) fn read(folder: &Path) -> Result<Spec> {
    let spec = Spec::read(folder)?;
    for key in spec.unknown_keys() {
        eprintln!("ari-codegen: warning: {key}: unknown key, left out");
    }
    Ok(spec)
}
