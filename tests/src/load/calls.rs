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

/// How long a caller waits to be hung up, before the call counts as failed.
const CALL: Duration = Duration::from_secs(30);

/// Starts an Asterisk and the application `program`, and has so many `calls` come, `rate` in a second.
///
/// # Errors
/// Fails if something does not start, or if a channel is left when the callers are gone. Calls that failed are no
/// error here: they are in the answer.
pub async fn place(
    installation: &Installation,
    program: Program,
    duty: Duty,
    calls: u32,
    rate: u32,
) -> Result<Load> {
    let server = Asterisk::builder(installation).dtmf_mode("info").start().await?;
    let application = start(program, duty, &server).await?;
    let pid = application.pid()?;
    let callers = Sipp::new(&server, EXTENSION)
        .calls(calls)
        .rate(rate.into())
        .until_hung_up_within(CALL);
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
        duty,
        calls,
        rate,
        counts,
        account,
        took,
        application: ours,
        asterisk: theirs,
        peak_memory,
    })
}
