//! The Swagger 1.x dialect in which Asterisk describes its REST interface.
//!
//! The same reader serves Asterisk's own files and the facts that [`facts`] distils from them.

mod counts;
mod facts;
mod model;
mod ordered;
mod read;

pub use counts::Counts;
pub(crate) use facts::facts;
pub(crate) use model::{AllowableValues, Code, Declaration, Listing, Model, Operation, Parameter, Property};
pub(crate) use ordered::Ordered;
#[cfg(test)]
pub(crate) use read::MISSPELT;
pub use read::Spec;
pub(crate) use read::SpecFile;
