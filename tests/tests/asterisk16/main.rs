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
mod offers;
mod record;
mod server;

use house::House;
