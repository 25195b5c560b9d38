//! The server as a client sees it: over real connections.

mod calls;
mod client;
mod connections;
mod replies;

use std::time::Duration;

use super::*;

const APP: &str = "EVERYTHING";
