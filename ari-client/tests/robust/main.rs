//! What comes from elsewhere may be anything: no panic, nothing lost, no quadratic time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers outside the test functions unwrap, too"
)]

mod asterisk;
mod corpus;
mod events;
mod growth;
mod json;
mod models;
mod pace;
mod properties;
mod replies;
mod schema;
mod timestamps;
mod wire;
