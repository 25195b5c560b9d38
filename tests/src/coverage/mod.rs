//! Coverage: every operation of the REST interface and every event, on a real Asterisk.
//!
//! Each operation is called by its typed binding, once so that it must succeed and once so that it must fail. A proxy
//! on the wire sees what Asterisk really says, and the typed value must have all of it; the same holds for events.
//! Each resource has a file with its steps; a step that fails is told of and stops no other.
//!
//! A success is a status and a reply that was decoded without loss; where an event or a second request shows the effect,
//! the step waits for it; the others prove the reply only. These are `channels.ringStop`, `mute`, `unmute`, `startMoh`,
//! `stopMoh`, `startSilence`, `stopSilence` and `transfer_progress`; `bridges.startMoh`, `stopMoh` and
//! `clearVideoSource`; `recordings.mute` and `unmute`; `applications.filter`; `deviceStates.delete`;
//! `asterisk.rotateLog`; and whatever only reads.
//!
//! A failure is one named status, and the client's error tells it, the body, and what the body says.

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
mod lacks;
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

pub use corpus::{Corpus, Told};
pub use lossless::losses;
pub use report::Report;
pub use scrub::Scrub;
pub use typed::checked;

use crate::install::Installation;
use lacks::Lacks;
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
    let lacks = Lacks::of(installation)?;
    let watch = Watch::new(lacks.clone());
    let on_fake = mailboxes::on_fake().await?;
    let servers = outbound::Servers::start(&watch).await?;
    let asterisk = scenery::start(installation, &lacks, &servers).await?;
    let scrub = Scrub::of(&asterisk).await?;
    let mut stage = Stage::set(asterisk, lacks, watch).await?;
    // From here on nothing can fail, not even if Asterisk dies: the report and the logs tell of it.
    stage.within(WHOLE, "coverage", cover(&stage)).await;
    let frames = stage.watch.all();
    let report = Report::new(&stage.facts, &stage.ledger(), &on_fake, &frames);
    if !report.is_complete() {
        stage.asterisk.keep_logs();
    }
    let mut corpus = Corpus::default();
    corpus.gather(&scrub, &frames, stage.ledger().replies());
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
