//! The demo: callers meet in a conference, and prove that they hear each other.

mod fake;
mod meet;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use ari_apps::conference::Conference;
use ari_client::{Ari, Status};
use tokio::sync::oneshot;

pub use fake::show as show_fake;
pub use meet::{Proof, meet};

use crate::fixture::Lab;
use crate::install;

/// How many callers come by `SIPp`; two phones come as well.
const CROWD: u32 = 6;
const EXTENSION: &str = "1000";

/// How long the conference may take to register, and to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Fetches what is missing, starts an Asterisk and the conference, lets callers in, and tells what happens by `say`.
/// The last line that it says is the proof; the exit code is 0 if it holds.
///
/// # Errors
/// Fails where something is not to be had or does not work.
pub async fn show(say: impl Fn(&str)) -> Result<ExitCode> {
    install::find_or_install_sipp().await?;
    let lab = Lab::start().await?;
    let server = lab.asterisk();
    say(&format!(
        "{} is up, its dialplan is one line: Stasis(EVERYTHING)",
        server.installation().version()?
    ));
    let ari = Ari::builder(server.http_url())
        .credentials(server.username(), server.password())
        .build()?;
    let conference = Running::start(ari).await?;
    say("the conference has registered");
    let proof = meet(&lab, EXTENSION, CROWD, &say).await?;
    conference.stop().await?;
    say("no channel and no bridge is left; the conference has ended");
    say(&proof.to_string());
    Ok(if proof.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The conference, running in this process.
struct Running {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), ari_client::Failure>>,
}

impl Running {
    async fn start(ari: Ari) -> Result<Self> {
        let (stop, stopped) = oneshot::channel::<()>();
        let service = ari.service("EVERYTHING", Conference::default()).stop_when(async {
            // Both a word and a dropped sender mean the end.
            let _ = stopped.await;
        });
        let mut status = service.status();
        let mut running = Self {
            stop,
            task: tokio::spawn(service.run()),
        };
        tokio::select! {
            live = tokio::time::timeout(PATIENCE, status.wait_for(Status::takes_calls)) => {
                live.context("the conference did not register in time")??;
            }
            ended = &mut running.task => {
                ended?.map_err(|failure| anyhow::anyhow!("the conference does not start: {failure}"))?;
            }
        }
        Ok(running)
    }

    async fn stop(self) -> Result<()> {
        // If it has ended already, its result says why.
        let _ = self.stop.send(());
        let ended = tokio::time::timeout(PATIENCE, self.task).await;
        let ended = ended.context("the conference did not end in time")??;
        ended.map_err(|failure| anyhow::anyhow!("the conference failed: {failure}"))
    }
}
