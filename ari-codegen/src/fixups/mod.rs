//! Corrections of what the specification says wrong, leaves out, or tells in prose alone.
//!
//! Each has a name and a reason. Each is written for [`WRITTEN_FOR`]: with that version, one that finds nothing to
//! fix is an error, so that none outlives its cause. With other versions it applies where it can.

mod interface;
mod spec;

use crate::error::{Error, Result};
use crate::ir::Interface;
use crate::swagger::Spec;

pub(crate) use spec::enum_name;

/// The version of Asterisk that every fixup must apply to.
const WRITTEN_FOR: &str = "22.10.1";

/// One correction.
struct Fixup<T> {
    name: &'static str,
    /// Why it is needed.
    reason: &'static str,
    apply: fn(&mut T, &mut Unused),
}

/// What a fixup looked for in vain.
#[derive(Debug, Default)]
struct Unused(Vec<String>);

impl Unused {
    fn add(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }
}

/// Corrects the specification, before it is understood.
pub(crate) fn fix_spec(spec: &mut Spec) -> Result<()> {
    let version = spec.version().map(str::to_owned);
    run(&spec::FIXUPS, spec, version.as_deref())
}

/// Adds to the interface what the specification does not tell.
pub(crate) fn fix_interface(interface: &mut Interface) -> Result<()> {
    let version = interface.version.clone();
    run(&interface::FIXUPS, interface, Some(&version))
}

/// Applies each of `fixups`; the error is of the first that found nothing to fix.
fn run<T>(fixups: &[Fixup<T>], subject: &mut T, version: Option<&str>) -> Result<()> {
    let mut result = Ok(());
    for fixup in fixups {
        let mut unused = Unused::default();
        (fixup.apply)(subject, &mut unused);
        if version == Some(WRITTEN_FOR)
            && let Some(what) = unused.0.into_iter().next()
        {
            result = result.and(Err(Error::UnusedFixup {
                fixup: fixup.name,
                reason: fixup.reason,
                version: WRITTEN_FOR.to_owned(),
                what,
            }));
        }
    }
    result
}
