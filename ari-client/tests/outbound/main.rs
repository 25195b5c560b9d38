//! Asterisks that dial us.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod admission;
mod ivr;
mod per_call;
mod persistent;
mod requests;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
