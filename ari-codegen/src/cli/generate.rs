//! `generate`: bindings for a specification.

use std::path::{Path, PathBuf};

use clap::Args;

use super::source::Source;
use super::{No, Result};

/// The committed bindings.
const OUT: &str = "ari-client/src/generated";

/// Write the bindings for a specification
#[derive(Debug, Args)]
#[command(after_help = super::ADDRESSES)]
pub(super) struct Generate {
    #[command(flatten)]
    source: Source,
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = OUT)]
    out: PathBuf,
    /// Write nothing; fail if the folder is not what would be written
    #[arg(long)]
    check: bool,
}

impl Generate {
    pub(super) fn run(&self) -> Result {
        let files = ari_codegen::generate(&self.source.read()?)?;
        if !self.check {
            return Ok(files.write(&self.out)?);
        }
        let differences = files.differences(&self.out)?;
        if differences.is_empty() {
            return Ok(());
        }
        let out = self.out.display();
        let (files, command) = (differences.join(", "), self.command());
        Err(No(format!("{out} is not current ({files}); run: {command}")).into())
    }

    /// The command that writes what `--check` looks for.
    fn command(&self) -> String {
        let mut line = format!("cargo codegen generate{}", self.source.options());
        if self.out != Path::new(OUT) {
            line += &format!(" --out {}", self.out.display());
        }
        line
    }
}
