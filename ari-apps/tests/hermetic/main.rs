//! The applications and the programs, on a fake Asterisk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod conference;
mod echo;
mod house;
mod programs;
