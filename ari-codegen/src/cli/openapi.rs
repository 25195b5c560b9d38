//! `openapi`: the OpenAPI document for a specification.

use std::path::PathBuf;
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
    /// File to write
    #[arg(long, value_name = "FILE", default_value = OUT)]
    out: PathBuf,
    /// Write nothing; fail if the file is not what would be written
    #[arg(long)]
    check: bool,
}

impl Openapi {
    pub(super) fn run(&self) -> Result {
        let document = ari_codegen::openapi(&self.source.read()?)?;
        let out = self.out.display();
        if !self.check {
            return fs::write(&self.out, document).map_err(|error| format!("{out}: {error}").into());
        }
        match fs::read_to_string(&self.out) {
            Ok(present) if present == document => Ok(()),
            Ok(_) => Err(self.stale("is stale")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.stale("is missing")),
            Err(error) => Err(format!("{out}: {error}").into()),
        }
    }

    fn stale(&self, how: &str) -> Box<dyn std::error::Error> {
        let out = super::option("--out", &self.out, OUT);
        let command = format!("cargo codegen openapi{}{out}", self.source.options());
        format!("{} {how}; run: {command}", self.out.display()).into()
    }
}
