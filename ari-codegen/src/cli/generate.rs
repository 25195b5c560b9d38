//! `generate`: bindings for a specification.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
    /// Folder to write to; the committed bindings where nothing else is given
    #[arg(long, value_name = "DIR", required_if_eq("backend", "progenitor"))]
    out: Option<PathBuf>,
    /// Who writes them
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
    /// Write nothing; fail if the folder is not what would be written
    #[arg(long)]
    check: bool,
}

/// What writes the bindings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Backend {
    /// Our own: operations as data, models, events
    #[default]
    Rust,
    /// An OpenAPI client by the crate progenitor, on the transports of ari-client; no events
    #[cfg(feature = "progenitor")]
    Progenitor,
}

impl Backend {
    /// The words of the command line that choose it.
    fn subcommand(self) -> &'static str {
        match self {
            Self::Rust => "generate",
            #[cfg(feature = "progenitor")]
            Self::Progenitor => "generate --backend progenitor",
        }
    }
}

impl Generate {
    pub(super) fn run(&self) -> Result {
        let out = self.source.out(self.out.as_ref(), OUT)?;
        let spec = self.source.read()?;
        let files = match self.backend {
            Backend::Rust => ari_codegen::generate(&spec)?,
            #[cfg(feature = "progenitor")]
            Backend::Progenitor => ari_codegen::progenitor(&spec)?,
        };
        if !self.check {
            return Ok(files.write(out)?);
        }
        let differences = files.differences(out)?;
        if differences.is_empty() {
            return Ok(());
        }
        let out = out.display();
        let (files, command) = (differences.join(", "), self.command());
        Err(No(format!("{out} is not current ({files}); run: {command}")).into())
    }

    /// The command that writes what `--check` looks for.
    fn command(&self) -> String {
        let (subcommand, source) = (self.backend.subcommand(), self.source.options());
        format!(
            "cargo codegen {subcommand}{source}{}",
            super::out(self.out.as_ref())
        )
    }
}
