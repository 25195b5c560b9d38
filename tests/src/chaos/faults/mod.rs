//! What each fault does: it breaks something while calls live, come and go, and mends it.

pub(super) mod callers;
pub(super) mod handlers;
pub(super) mod programs;
pub(super) mod replies;
pub(super) mod server;
pub(super) mod socket;
