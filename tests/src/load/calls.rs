//! Calls that come and go, at a steady rate.

use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use super::{Duty, EXTENSION, Load, PATIENCE, settle, start};
use crate::asterisk::Asterisk;
use crate::install::Installation;
use crate::program::Program;
use crate::sipp::Sipp;
use crate::usage;

/// Which calls come.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What the application does in each call, and the caller with it.
    pub duty: Duty,
    /// How many calls come.
    pub calls: u32,
    /// How many of them begin in a second.
    pub rate: u32,
    /// How long a caller waits to be answered, and then to be hung up, before the call counts as failed.
    pub patience: Duration,
}

/// Starts an Asterisk and the application `program`, has calls come, and waits until all are over.
///
/// # Errors
/// Fails if something does not start, or if a channel is left when the callers are gone. Calls that failed are no
/// error here: they are in the answer.
pub async fn place(installation: &Installation, program: Program, plan: &Plan) -> Result<Load> {
    let &Plan {
        duty, calls, rate, ..
    } = plan;
    let server = Asterisk::builder(installation).dtmf_mode("info").start().await?;
    let application = start(program, duty, &server).await?;
    let pid = application.pid()?;
    let callers = Sipp::new(&server, EXTENSION)
        .calls(calls)
        .rate(rate.into())
        .until_hung_up_within(plan.patience);
    let callers = match duty {
        Duty::Prompt => callers.digit('1'),
        Duty::Answer | Duty::Hold => callers.deaf(),
    };
    let begin = Instant::now();
    let (ours, theirs) = (usage::threads_cpu_time(pid)?, server.cpu_time()?);
    let counts = callers.run().await?;
    server.becomes_empty(PATIENCE).await?;
    let (ours, theirs) = (usage::threads_cpu_time(pid)? - ours, server.cpu_time()? - theirs);
    let took = begin.elapsed();
    let peak_memory = usage::peak_memory(pid)?;
    let account = settle(application).await?;
    server.stop().await?;
    Ok(Load {
        plan: *plan,
        counts,
        account,
        took,
        application: ours,
        asterisk: theirs,
        peak_memory,
    })
}
