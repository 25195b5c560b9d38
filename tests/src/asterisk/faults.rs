//! What can happen to a server: signals, and a new start.

use std::fs::File;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use tokio::time::timeout;

use super::{Asterisk, COMMAND, START};
use crate::process::Kept;

impl Asterisk {
    /// Sends a signal to its process, such as `STOP`.
    ///
    /// # Errors
    /// Fails if there is no such process, or no such signal.
    pub(crate) async fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid()?;
        let mut kill = tokio::process::Command::new("kill");
        let sent = kill
            .args(["-s", name, &pid.to_string()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .status();
        let status = timeout(COMMAND, sent).await.context("kill does not end")??;
        if !status.success() {
            bail!("cannot send {name} to Asterisk's process {pid}: {status}");
        }
        Ok(())
    }

    /// Stops it, as an init system does, and starts it anew with the same configuration and the same ports. Its calls
    /// are gone then.
    ///
    /// # Errors
    /// Fails if it does not end or not start.
    pub(crate) async fn restart(&self) -> Result<()> {
        let mut process = {
            let mut process = self
                .process
                .lock()
                .map_err(|_| anyhow::anyhow!("another thread panicked"))?;
            process.take().context("it is being restarted")?
        };
        let process = tokio::task::spawn_blocking(move || {
            process.stop();
            process
        });
        drop(process.await?);
        self.launch_again()?;
        timeout(START, self.ready(true))
            .await
            .context("not ready within a minute after a restart")?
    }

    fn launch_again(&self) -> Result<()> {
        let output = File::options()
            .append(true)
            .open(self.folder.host.join("log/console"))?;
        let command = self.installation.command(&["-C", &self.config, "-f", "-n"]);
        let process = Kept::spawn(&command, &output)?;
        *self
            .process
            .lock()
            .map_err(|_| anyhow::anyhow!("another thread panicked"))? = Some(process);
        Ok(())
    }
}
