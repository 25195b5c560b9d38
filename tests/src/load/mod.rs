//! `cargo lab load`: SIP callers in numbers, on a real Asterisk and an application of this library, and what they cost.

mod account;
pub mod application;
mod calls;
mod hold;
mod report;

use std::time::Duration;

use anyhow::{Context as _, Result};

pub use account::{Account, Spread};
pub use application::Duty;
pub use calls::{Plan, place};
pub use hold::hold;
pub use report::{Held, Load};

use crate::asterisk::Asterisk;
use crate::program::{Program, Running};

/// The extension that callers dial; any would do.
const EXTENSION: &str = "1000";

/// How long the application may take to end when it was asked to, and callers to be gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program that runs the application under load, in a process of its own: so its processor time and its memory are
/// not mixed with those of the lab.
#[must_use]
pub fn program() -> Program {
    Program::binary("ari-lab", "load-application")
}

/// Asks the application to end, and reads its account.
async fn settle(mut application: Running) -> Result<Account> {
    application.terminate()?;
    let code = application.ended(PATIENCE).await?;
    let output = application.output()?;
    let last = output.lines().next_back().unwrap_or_default();
    serde_json::from_str(last)
        .with_context(|| format!("the application left no account; it ended with {code}: {output}"))
}

/// Starts the application on `server`, with what it is to do in each call.
async fn start(program: Program, duty: Duty, server: &Asterisk) -> Result<Running> {
    program.arg(duty.name()).start(server).await
}
