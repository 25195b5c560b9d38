//! Both clients, ours and progenitor's, put the same request on the wire: for every operation, with many arguments.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod arguments;
mod capture;
mod driver;
mod given;
mod live;
mod reading;
mod replies;
mod wire;
