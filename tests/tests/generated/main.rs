//! Bindings as users generate them: by the tool, into a crate of their own, which compiles without a warning.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod live;
mod sets;
mod strange;
mod workshop;
