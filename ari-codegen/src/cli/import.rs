//! `import`: the facts of a specification.

use std::path::PathBuf;

use clap::Args;

use super::Result;
use super::origin::Origin;

/// Distil the facts out of an Asterisk's specification, and leave its prose behind
#[derive(Debug, Args)]
#[command(after_help = super::ADDRESSES)]
pub(super) struct Import {
    /// Folder with resources.json, or the address of a running Asterisk
    #[arg(long, value_name = "DIR_OR_URL")]
    from: Origin,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The version of Asterisk, where neither the server tells it nor the folder's name ends with it
    #[arg(long, value_name = "VERSION")]
    asterisk: Option<String>,
}

impl Import {
    pub(super) fn run(&self) -> Result {
        let spec = self.from.read()?;
        let version = self.asterisk.as_deref().or_else(|| spec.version());
        let version = version
            .ok_or_else(|| format!("{}: which Asterisk is it of? Give --asterisk VERSION", self.from))?;
        let files = ari_codegen::import(&spec, version)?;
        files.write(&self.out)?;
        println!("Asterisk {version}: {}", spec.counts());
        Ok(())
    }
}
