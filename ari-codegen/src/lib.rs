//! Generates Rust bindings for the Asterisk REST Interface from its Swagger files.
//!
//! The way of a specification: [`Spec::read`] reads the files, fixups correct what they say wrong, the interface is
//! built as data that no target language shapes, and a backend writes it down. Everything is made in memory before
//! the first file is written.
//!
//! | backend | writes |
//! |---|---|
//! | [`generate`] | the bindings of `ari-client`: operations as data, models, events |
//! | [`openapi`] | an OpenAPI 3.0 document: operations, and events as schemas |
//! | `progenitor` | a conventional client, which the crate progenitor makes from that document, on the transports of `ari-client`; behind the feature of that name |
//!
//! # From the command line
//! `ari-codegen generate --spec DIR_OR_URL --out DIR` writes bindings for a folder of specification files, or for a
//! running Asterisk such as `http://127.0.0.1:8088`; `import` keeps the facts of one, without prose; `diff OLD NEW`
//! tells what changed between two, and what that breaks.
//!
//! # From a build script
//! [`Builder`] generates when a package is built; the package needs no more than `ari-client` to run. With
//! `default-features = false` the command line tool, and what it stands on, is not built.

mod builder;
mod diff;
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

pub use builder::Builder;
pub use diff::{Change, Diff, Effect, Topic, Verb, diff};
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

/// The OpenAPI 3.0 document for the interface that `spec` describes, a JSON text.
///
/// Events are schemas in it: they are no operations.
///
/// # Errors
/// As [`generate`].
pub fn openapi(spec: &Spec) -> Result<String> {
    emit::openapi::document(&interface(spec)?)
}

/// A client for the interface that `spec` describes, made by progenitor from the OpenAPI document.
///
/// # Errors
/// As [`generate`].
#[cfg(feature = "progenitor")]
pub fn progenitor(spec: &Spec) -> Result<Files> {
    emit::progenitor::files(&interface(spec)?)
}

/// The facts of `spec`, without its prose, in the format in which it came.
///
/// # Errors
/// A specification that could not be generated from.
pub fn import(spec: &Spec, version: &str) -> Result<Files> {
    interface(spec)?;
    swagger::facts(spec, version)
}

/// How bindings spell the name `wire` of an operation or a parameter: `callerId` is `caller_id`, `type` is `type_`.
///
/// The tests that call every operation write calls of the bindings by it; it promises nothing to others.
#[doc(hidden)]
#[must_use]
pub fn rust_name(wire: &str) -> String {
    emit::rust::rust_name(wire)
}

/// A parameter that is the id of a new object.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedId {
    /// The operation, such as `channels.play`.
    pub operation: String,
    /// The parameter's name on the wire.
    pub param: String,
    /// What is created, as `ari_client::ObjectKind` names it.
    pub kind: String,
    /// Whether a client makes an id where none is given.
    pub always: bool,
}

/// The parameters that are ids of new objects, which no OpenAPI document tells: for the tests, as [`rust_name`].
///
/// # Errors
/// A specification that could not be generated from.
#[doc(hidden)]
pub fn created_ids(spec: &Spec) -> Result<Vec<CreatedId>> {
    let mut ids = Vec::new();
    for resource in &interface(spec)?.resources {
        for operation in &resource.operations {
            ids.extend(operation.params.iter().filter_map(|param| {
                let creates = param.creates?;
                Some(CreatedId {
                    operation: format!("{}.{}", resource.wire, operation.nickname),
                    param: param.wire.clone(),
                    kind: emit::rust::object_kind(creates.kind).to_string(),
                    always: creates.always,
                })
            }));
        }
    }
    Ok(ids)
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
