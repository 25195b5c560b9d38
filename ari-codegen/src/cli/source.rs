//! Where a specification comes from, and the words for it.

use std::path::{Path, PathBuf};

use ari_codegen::{Spec, Words};
use clap::Args;

use super::Result;
use super::origin::Origin;

/// The committed specification, seen from the workspace's root.
const SPEC: &str = "specs/asterisk-22";

/// The words for it.
const DOCS: &str = "specs/docs";

#[derive(Debug, Args)]
pub(super) struct Source {
    /// Folder with resources.json, of an Asterisk or made by `import`; or the address of a running Asterisk
    #[arg(long, value_name = "DIR_OR_URL", default_value = SPEC)]
    spec: Origin,
    /// Folder with words for every item of the specification, in place of its own
    #[arg(long, value_name = "DIR", default_value_if("spec", SPEC, DOCS))]
    docs: Option<PathBuf>,
}

impl Source {
    pub(super) fn read(&self) -> Result<Spec> {
        let spec = self.spec.read()?;
        Ok(match &self.docs {
            Some(folder) => spec.with_words(Words::read(folder)?),
            None => spec,
        })
    }

    /// The options that name this source, where it is not the committed one.
    pub(super) fn options(&self) -> String {
        let committed = self.spec == Origin::Folder(SPEC.into());
        let mut options = String::new();
        if !committed {
            options += &format!(" --spec {}", self.spec);
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
