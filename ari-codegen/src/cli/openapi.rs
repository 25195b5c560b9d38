//! `openapi`: the OpenAPI document for a specification.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;

use super::Result;
use super::source::Source;

/// The committed document.
const OUT: &str = "specs/openapi.json";

/// Write the OpenAPI 3.0 document for a specification
#[derive(Debug, Args)]
pub(super) struct Openapi {
    #[command(flatten)]
    source: Source,
    /// File to write; the committed document where nothing else is given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write nothing; fail if the file is not what would be written
    #[arg(long)]
    check: bool,
}

impl Openapi {
    pub(super) fn run(&self) -> Result {
        let out = self.source.out(self.out.as_ref(), OUT)?;
        let document = ari_codegen::openapi(&self.source.read()?)?;
        let told = |error: io::Error| format!("{}: {error}", out.display());
        if !self.check {
            return Ok(fs::write(out, document).map_err(told)?);
        }
        match fs::read_to_string(out) {
            Ok(present) if present == document => Ok(()),
            Ok(_) => Err(self.stale(out, "is stale")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.stale(out, "is missing")),
            Err(error) => Err(told(error).into()),
        }
    }

    fn stale(&self, file: &Path, how: &str) -> Box<dyn std::error::Error> {
        let (source, out) = (self.source.options(), super::out(self.out.as_ref()));
        let command = format!("cargo codegen openapi{source}{out}");
        super::No(format!("{} {how}; run: {command}", file.display())).into()
    }
}
