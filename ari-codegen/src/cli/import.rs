//! `import`: the facts of a specification.

use std::path::PathBuf;

use clap::Args;

use super::Result;
use super::source::read;

/// Distil the facts out of an Asterisk's specification, and leave its prose behind
#[derive(Debug, Args)]
pub(super) struct Import {
    /// Folder with resources.json
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The version of Asterisk, where the folder's name does not end with it
    #[arg(long, value_name = "VERSION")]
    asterisk: Option<String>,
}

impl Import {
    pub(super) fn run(&self) -> Result {
        let spec = read(&self.from)?;
        let version = self.asterisk.as_deref().or_else(|| spec.version());
        let version = version.ok_or_else(|| {
            format!(
                "{}: which Asterisk is it of? Give --asterisk VERSION",
                self.from.display()
            )
        })?;
        let files = ari_codegen::import(&spec, version)?;
        files.write(&self.out)?;
        println!("Asterisk {version}: {}", spec.counts());
        Ok(())
    }
}
