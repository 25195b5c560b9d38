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

/// A specification and its words; without both, the committed ones.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Folder with resources.json, of an Asterisk or made by `import`; or the address of a running Asterisk
    #[arg(long, value_name = "DIR_OR_URL")]
    spec: Option<Origin>,
    /// Folder with words for every item of the specification, in place of its own
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

impl Source {
    pub(super) fn read(&self) -> Result<Spec> {
        let docs = self.docs.as_deref();
        let (spec, docs) = match &self.spec {
            Some(spec) => (spec.read()?, docs),
            None => (
                Origin::Folder(SPEC.into()).read()?,
                docs.or(Some(Path::new(DOCS))),
            ),
        };
        Ok(match docs {
            Some(folder) => spec.with_words(Words::read(folder)?),
            None => spec,
        })
    }

    /// Where to write to: `out`, or what is `committed`, which is made of nothing else than the committed source.
    pub(super) fn out<'o>(&self, out: Option<&'o PathBuf>, committed: &'o str) -> Result<&'o Path> {
        match out {
            Some(out) => Ok(out),
            None if self.spec.is_none() && self.docs.is_none() => Ok(Path::new(committed)),
            None => {
                Err("--out is needed with --spec and --docs: what is committed is made without them".into())
            }
        }
    }

    /// The options that name this source.
    pub(super) fn options(&self) -> String {
        let spec = self.spec.as_ref().map(|spec| format!(" --spec {spec}"));
        let docs = self
            .docs
            .as_ref()
            .map(|docs| format!(" --docs {}", docs.display()));
        spec.unwrap_or_default() + &docs.unwrap_or_default()
    }
}
