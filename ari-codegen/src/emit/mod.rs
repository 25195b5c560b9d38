//! Backends: each writes the interface down for one kind of user.

pub(crate) mod rust;
