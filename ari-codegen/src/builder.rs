//! Bindings made by a build script.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::{Spec, Words, generate};

/// The module's name, and that of its folder.
const MODULE: &str = "ari";

/// Generates bindings when a package is built.
///
/// In `build.rs`, with `ari-codegen` among the build dependencies (`default-features = false` leaves the command line
/// tool out):
///
/// ```no_run
/// fn main() -> ari_codegen::Result<()> {
///     ari_codegen::Builder::new("specs/asterisk-20").generate()
/// }
/// ```
///
/// And in `lib.rs` or `main.rs`, with `ari-client` among the dependencies, this makes the module `ari`:
///
/// ```text
/// include!(concat!(env!("OUT_DIR"), "/ari.rs"));
/// use ari::Resources;
/// ```
///
/// The folder of the specification is that of an Asterisk (`/usr/share/asterisk/rest-api`), or one that
/// `ari-codegen import` made, from a folder or a running Asterisk.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `generate` is called"]
pub struct Builder {
    spec: PathBuf,
    words: Option<PathBuf>,
    out: Option<PathBuf>,
}

impl Builder {
    /// Bindings for the specification in the folder `spec`, seen from the package's folder.
    pub fn new(spec: impl Into<PathBuf>) -> Self {
        Self {
            spec: spec.into(),
            words: None,
            out: None,
        }
    }

    /// Documents the bindings by the words in this folder, in place of the specification's own: see [`Words`].
    pub fn words(mut self, folder: impl Into<PathBuf>) -> Self {
        self.words = Some(folder.into());
        self
    }

    /// Writes into this folder, in place of the one that Cargo gives to the build script (`OUT_DIR`).
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out = Some(folder.into());
        self
    }

    /// Writes `ari.rs`, which is to be included, and the folder `ari` beside it; and tells Cargo to run the build script
    /// again when the specification or the words have changed.
    ///
    /// # Errors
    /// A specification that cannot be read or generated from, in one line that names the file and the place in it; no
    /// folder to write to.
    pub fn generate(self) -> Result<()> {
        // First, so that a build that fails is tried again when its files are mended.
        for folder in std::iter::once(&self.spec).chain(&self.words) {
            println!("cargo:rerun-if-changed={}", folder.display());
        }
        let mut spec = Spec::read(&self.spec)?;
        if let Some(folder) = &self.words {
            spec = spec.with_words(Words::read(folder)?);
        }
        let out = match self.out {
            Some(out) => out,
            None => std::env::var_os("OUT_DIR")
                .map(PathBuf::from)
                .ok_or(Error::NoOutDir)?,
        };
        generate(&spec)?.write(&out.join(MODULE))?;
        write(&out.join(format!("{MODULE}.rs")), &entry(&spec))
    }
}

/// What is included: a module in a file of its own, since an included file cannot begin with words about itself.
fn entry(spec: &Spec) -> String {
    let version = spec.version().unwrap_or("of unknown version");
    format!("/// Bindings for Asterisk {version}.\n#[path = \"{MODULE}/mod.rs\"]\npub mod {MODULE};\n")
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| Error::file(path, error))
}
