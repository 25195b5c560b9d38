//! Backends: each writes the interface down for one kind of user.

pub(crate) mod openapi;
#[cfg(feature = "progenitor")]
pub(crate) mod progenitor;
pub(crate) mod rust;
