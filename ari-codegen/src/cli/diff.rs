//! `diff`: what one version has that another has not.

use std::io::Write as _;

use clap::Args;

use super::origin::Origin;
use super::{No, Result};

/// Tell what a version adds, removes and changes, and what that breaks
///
/// Exits with 1 where something breaks on the wire: where a program with the bindings of OLD may fail on NEW.
#[derive(Debug, Args)]
#[command(after_help = super::ADDRESSES)]
pub(super) struct Diff {
    /// Folder with resources.json, or the address of a running Asterisk
    #[arg(value_name = "OLD")]
    old: Origin,
    /// The same, of the other version
    #[arg(value_name = "NEW")]
    new: Origin,
}

impl Diff {
    pub(super) fn run(&self) -> Result {
        let diff = ari_codegen::diff(&self.old.read()?, &self.new.read()?)?;
        write!(std::io::stdout(), "{diff}")?;
        if diff.breaks_wire() {
            return Err(No(format!(
                "{} breaks what is on the wire with {}",
                self.new, self.old
            ))
            .into());
        }
        Ok(())
    }
}
