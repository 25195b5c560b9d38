//! Calls that are all there at once, and idle.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

use super::{Duty, EXTENSION, Held, PATIENCE, settle, start};
use crate::asterisk::Asterisk;
use crate::install::Installation;
use crate::ports::CALLS;
use crate::program::Program;
use crate::sipp::{Sipp, SippRun};
use crate::usage;

/// Calls that come and go before the memory is measured for the first time, so that what the first calls bring about
/// once, such as the connections to Asterisk, is not counted as theirs.
const FIRST: u32 = 100;

/// How long the calls are left alone before the memory is measured.
const IDLE: Duration = Duration::from_secs(3);

/// Starts an Asterisk and the application `program`, and has so many `calls` come and stay, `rate` in a second.
///
/// # Errors
/// Fails if something does not start, or if the calls are not all there in time.
pub async fn hold(installation: &Installation, program: Program, calls: u16, rate: u32) -> Result<Held> {
    let server = Asterisk::builder(installation)
        .calls(calls.max(CALLS))
        .start()
        .await?;
    let application = start(program, Duty::Hold, &server).await?;
    let pid = application.pid()?;
    let callers = Sipp::new(&server, EXTENSION).rate(rate.into()).deaf();
    let first = callers.clone().calls(FIRST).stay(Duration::from_millis(100));
    first.run().await?;
    server.becomes_empty(PATIENCE).await?;
    sleep(IDLE).await;
    let before = usage::memory(pid)?;
    let held = callers.calls(calls.into()).until_hung_up().start().await?;
    all_are_there(&server, &held, calls, rate).await?;
    sleep(IDLE).await;
    let after = usage::memory(pid)?;
    let account = settle(application).await?;
    let counts = held.finished(PATIENCE).await?;
    server.stop().await?;
    Ok(Held {
        calls: calls.into(),
        first: FIRST,
        counts,
        account,
        before,
        after,
    })
}

/// Waits until all calls have come. One that does not may have failed; then the others are there, and are held.
async fn all_are_there(server: &Asterisk, callers: &SippRun, calls: u16, rate: u32) -> Result<()> {
    let calls = u32::from(calls);
    let end = Instant::now() + Duration::from_secs_f64(f64::from(calls) / f64::from(rate)) + PATIENCE;
    loop {
        sleep(Duration::from_millis(500)).await;
        let (channels, _) = server.channels_and_bridges().await?;
        let failed = callers.counts().map_or(0, |counts| counts.failed);
        let there = u32::try_from(channels)?;
        if there + failed >= calls {
            return Ok(());
        }
        if Instant::now() > end {
            bail!("{there} of {calls} calls have come, and {failed} failed");
        }
    }
}
