//! Coverage: every operation of the REST interface and every event, on a real Asterisk.
//!
//! Each operation is called by its typed binding, once so that it must succeed and once so that it must fail. A proxy
//! on the wire sees what Asterisk really says, and the typed value must have all of it; the same holds for events.
//! Each resource has a file with its steps; a step that fails is told of and stops no other.

mod applications;
mod asterisk;
mod bridges;
mod calls;
mod channels;
mod corpus;
mod device_states;
mod endpoints;
mod facts;
mod judge;
mod ledger;
mod lossless;
mod mailboxes;
mod outbound;
mod playbacks;
mod proxy;
mod recordings;
mod report;
mod scenery;
mod scrub;
mod sip;
mod socket;
mod sounds;
mod stage;
mod transfers;
mod typed;
mod user_events;
mod watch;

use std::time::Duration;

use anyhow::Result;
use http::Method;

pub use corpus::Corpus;
pub use report::Report;

use crate::install::Installation;
use scrub::Scrub;
use stage::Stage;
use watch::Watch;

/// How long all steps together may take.
const WHOLE: Duration = Duration::from_secs(120);

/// What was covered, and what came over the wire meanwhile.
#[derive(Debug)]
pub struct Coverage {
    /// The table.
    pub report: Report,
    /// The frames and replies.
    pub corpus: Corpus,
}

/// Starts an Asterisk and covers it.
///
/// # Errors
/// Fails if no Asterisk starts. What is not covered is no error here: the report tells.
pub async fn run(installation: &Installation) -> Result<Coverage> {
    let watch = Watch::new();
    let servers = outbound::Servers::start(&watch).await?;
    let asterisk = scenery::start(installation, &servers).await?;
    let mut stage = Stage::set(asterisk, watch).await?;
    stage.within(WHOLE, "coverage", cover(&stage)).await;
    let frames = stage.watch.all();
    let on_fake = mailboxes::on_fake().await?;
    let report = Report::new(&stage.facts, &stage.ledger(), &on_fake, &frames);
    let info = stage
        .asterisk
        .request(Method::GET, "/ari/asterisk/info")
        .await?
        .json()?;
    let corpus = Corpus::new(&stage.ledger(), &frames, &Scrub::of(&stage.asterisk, &info));
    if !report.is_complete() {
        stage.asterisk.keep_logs();
    }
    Ok(Coverage { report, corpus })
}

async fn cover(stage: &Stage) {
    asterisk::cover(stage).await;
    endpoints::cover(stage).await;
    channels::cover(stage).await;
    bridges::cover(stage).await;
    recordings::cover(stage).await;
    sounds::cover(stage).await;
    playbacks::cover(stage).await;
    device_states::cover(stage).await;
    mailboxes::cover(stage).await;
    user_events::cover(stage).await;
    applications::cover(stage).await;
    transfers::cover(stage).await;
    outbound::cover(stage).await;
}
