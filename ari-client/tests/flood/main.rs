//! What comes faster than it is read: nothing that matters is lost, what is dropped is counted, and memory is bounded.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/corpus.rs"]
mod corpus;
mod greeting;
mod life;
mod limit;
mod mix;
mod program;
mod recorded;
#[path = "../support/server.rs"]
mod server;
mod slow;

use peak_alloc::PeakAlloc;

/// Counts the memory that this program holds.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The tests of this program measure memory and time: each has the machine for itself.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
