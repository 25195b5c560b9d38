//! The demo where no real Asterisk can be had: the same conference on the fake, without audio.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use ari_client::Ari;
use ari_client::testing::FakeAsterisk;

use super::{EXTENSION, Running};

/// What `lab demo --fake` ends with: it shows less than the demo, and says so.
const SHOWN_LESS: u8 = 3;

/// Lets callers into a conference on the fake, and tells what happens by `say`.
///
/// # Errors
/// Fails where something does not work.
pub async fn show(say: impl Fn(&str)) -> Result<ExitCode> {
    let asterisk = FakeAsterisk::start().await.map_err(told)?;
    say("a fake Asterisk is up, in this process");
    let ari = Ari::builder(asterisk.url())
        .credentials(asterisk.username(), asterisk.password())
        .build()?;
    let conference = Running::start(ari).await?;
    let mut callers = Vec::new();
    for number in 1..=3 {
        say(&format!("caller {number} dials {EXTENSION}"));
        let call = asterisk.call(EXTENSION).caller(format!("100{number}"));
        let caller = call.place("EVERYTHING").await.map_err(told)?;
        let bridge = caller.wait_until_bridged().await.map_err(told)?;
        say(&format!("caller {number} is in bridge {bridge}"));
        callers.push(caller);
    }
    for caller in &callers {
        caller.hang_up().await;
    }
    asterisk.wait_until_idle().await.map_err(told)?;
    conference.stop().await?;
    say("demo: fake, audio not shown");
    Ok(ExitCode::from(SHOWN_LESS))
}

fn told(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("the fake: {error}")
}
