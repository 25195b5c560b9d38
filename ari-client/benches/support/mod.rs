//! What the benches have in common: a server in a process of its own, and comparisons of CPU time.
#![allow(dead_code, reason = "each bench uses a part")]

pub(crate) mod bare;
pub(crate) mod flooder;
pub(crate) mod models;
pub(crate) mod ratio;

#[path = "../../tests/support/corpus.rs"]
pub(crate) mod corpus;
#[path = "../../tests/support/server.rs"]
pub(crate) mod server;
