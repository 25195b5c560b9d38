//! `generate`: bindings for a specification.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Result;
use super::source::Source;

/// The committed bindings.
const OUT: &str = "ari-client/src/generated";

/// Write the bindings for a specification
#[derive(Debug, Args)]
pub(super) struct Generate {
    #[command(flatten)]
    source: Source,
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = OUT, required_if_eq("backend", "progenitor"))]
    out: PathBuf,
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
        let spec = self.source.read()?;
        let files = match self.backend {
            Backend::Rust => ari_codegen::generate(&spec)?,
            #[cfg(feature = "progenitor")]
            Backend::Progenitor => ari_codegen::progenitor(&spec)?,
        };
        if !self.check {
            return Ok(files.write(&self.out)?);
        }
        let differences = files.differences(&self.out)?;
        if differences.is_empty() {
            return Ok(());
        }
        let out = self.out.display();
        Err(format!(
            "{out} is not current ({}); run: {}",
            differences.join(", "),
            self.command()
        )
        .into())
    }

    /// The command that writes what `--check` looks for.
    fn command(&self) -> String {
        let (subcommand, source) = (self.backend.subcommand(), self.source.options());
        format!(
            "cargo codegen {subcommand}{source}{}",
            super::option("--out", &self.out, OUT)
        )
    }
}
