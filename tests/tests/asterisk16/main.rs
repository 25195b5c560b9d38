//! The committed bindings on a real Asterisk 16.28, the oldest that they are for.
//!
//! Whatever it sends decodes into the types of Asterisk 22 without a loss, and what it lacks is told as such.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod applications;
mod calls;
mod channels;
mod house;
// What an event frame and its typed form have in common is judged as in the coverage run.
#[path = "../../src/coverage/lossless.rs"]
mod lossless;
mod offers;
mod server;
#[path = "../../src/coverage/typed.rs"]
mod typed;

use house::House;
