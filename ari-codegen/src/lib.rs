//! Generates Rust bindings for the Asterisk REST Interface from its Swagger files.
//!
//! The way of a specification: [`Spec::read`] reads the files, fixups correct what they say wrong, the interface is
//! built as data that no target language shapes, and a backend writes it down. Everything is made in memory before
//! the first file is written.

mod emit;
mod error;
mod files;
mod fixups;
mod ir;
mod swagger;
mod words;

#[cfg(test)]
#[allow(
    clippy::needless_pass_by_value,
    reason = "fragments are made where they are used"
)]
mod irregularities;

pub use error::{Error, Result};
pub use files::Files;
pub use swagger::{Counts, Spec};
pub use words::Words;

/// The Rust bindings for the interface that `spec` describes.
///
/// # Errors
/// A specification that says something unknown or contradictory, with the file and the place in it.
pub fn generate(spec: &Spec) -> Result<Files> {
    emit::rust::files(&interface(spec)?)
}

/// The facts of `spec`, without its prose, in the format in which it came.
///
/// # Errors
/// A specification that could not be generated from.
pub fn import(spec: &Spec, version: &str) -> Result<Files> {
    interface(spec)?;
    swagger::facts(spec, version)
}

fn interface(spec: &Spec) -> Result<ir::Interface> {
    let mut spec = spec.clone();
    let fixed = fixups::fix_spec(&mut spec);
    // What is wrong in the files has a place there, and may be why a fixup finds nothing to fix.
    let mut interface = ir::lower(&spec)?;
    fixed?;
    fixups::fix_interface(&mut interface)?;
    if let Some(words) = &spec.words {
        words::apply(words, &mut interface)?;
    }
    Ok(interface)
}
