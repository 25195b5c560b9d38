//! A real Asterisk as a fixture: started on free ports, gone with its value.

mod builder;
mod faults;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fastwebsockets::WebSocket;
use http::{Method, StatusCode};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::events::{Events, dial};
use crate::http::{Answer, send};
use crate::install::Installation;
use crate::ports::Ports;
use crate::process::Kept;
use crate::run_folder::RunFolder;
use crate::usage;

pub use builder::{AsteriskBuilder, Connections};

/// The tone, in hertz, that is the music on hold: pure, so that a test can tell who hears it.
pub const MUSIC_TONE: u32 = 1000;

const START: Duration = Duration::from_secs(60);
const COMMAND: Duration = Duration::from_secs(10);

/// A running Asterisk. It stops when this value is dropped, and when the process dies.
#[derive(Debug)]
pub struct Asterisk {
    // First, so that Asterisk is gone before its folder and its ports are given up.
    process: Mutex<Option<Kept>>,
    folder: RunFolder,
    config: String,
    _ports: Ports,
    http: u16,
    https: Option<u16>,
    sip: u16,
    installation: Installation,
    username: String,
    password: String,
}

impl Asterisk {
    /// An Asterisk to be started, with the one-line dialplan [`EVERYTHING`](crate::asterisk_config::EVERYTHING).
    #[must_use]
    pub fn builder(installation: &Installation) -> AsteriskBuilder {
        AsteriskBuilder::new(installation)
    }

    /// The base address of its HTTP server.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    /// The base address of its HTTP server by TLS, where that was asked for.
    #[must_use]
    pub fn https_url(&self) -> Option<String> {
        self.https.map(|port| format!("https://127.0.0.1:{port}"))
    }

    pub(crate) fn http_port(&self) -> u16 {
        self.http
    }

    /// The port on 127.0.0.1 that takes SIP over UDP.
    #[must_use]
    pub fn sip_port(&self) -> u16 {
        self.sip
    }

    /// The name of the ARI user.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password of the ARI user.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The spool folder, in which recordings lie.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.folder.host.join("spool")
    }

    /// The log, with all that Asterisk says.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.host.join("log/full")
    }

    /// The path under which Asterisk knows the [sound](AsteriskBuilder::sound) `name`, for `sound:PATH`.
    #[must_use]
    pub fn sound(&self, name: &str) -> String {
        self.folder
            .inside
            .join("lib/sounds")
            .join(name)
            .display()
            .to_string()
    }

    /// The installation that it was started from.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Keeps the folder with the logs after the end, and names it then.
    pub fn keep_logs(&mut self) {
        self.folder.keep();
    }

    /// What `asterisk -rx COMMAND` prints.
    ///
    /// # Errors
    /// Fails if Asterisk does not take or answer the command.
    pub async fn cli(&self, command: &str) -> Result<String> {
        let args = self.installation.command(&["-C", &self.config, "-rx", command]);
        let mut program = tokio::process::Command::new(&args[0]);
        program.args(&args[1..]).stdin(Stdio::null()).kill_on_drop(true);
        let output = match timeout(COMMAND, program.output()).await {
            Ok(output) => output.with_context(|| format!("cannot run the CLI command {command:?}"))?,
            Err(_) => bail!("the CLI command {command:?} had no answer within 10 s"),
        };
        if !output.status.success() {
            bail!(
                "CLI command {command:?} failed: {}",
                String::from_utf8_lossy(&output.stdout).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Sends a bare HTTP request, `path` from `/ari` on, as the ARI user: for what a test wants to see with
    /// other eyes than those of the library that it tests.
    ///
    /// # Errors
    /// Fails if there is no answer; any status is an answer.
    pub async fn request(&self, method: Method, path: &str) -> Result<Answer> {
        send(method, self.http, path, &self.username, &self.password).await
    }

    /// Registers an application and watches its events.
    ///
    /// # Errors
    /// Fails if the server refuses.
    pub async fn events(&self, app: &str) -> Result<Events> {
        Events::of(app, self.http, &self.username, &self.password).await
    }

    /// An event socket, bare; `query` is that of the request.
    pub(crate) async fn socket(&self, query: &str) -> Result<WebSocket<TcpStream>> {
        dial(query, self.http, &self.username, &self.password).await
    }

    /// Writes a configuration file anew, for a reload.
    pub(crate) fn rewrite(&self, file: &str, text: &str) -> Result<()> {
        self.folder.write(&format!("etc/{file}"), text)
    }

    /// What stands in a configuration file.
    pub(crate) fn configuration(&self, file: &str) -> Result<String> {
        let path = self.folder.host.join("etc").join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The folder of this run, as Asterisk names it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder.inside
    }

    /// How many channels and how many bridges there are now.
    ///
    /// # Errors
    /// Fails if ARI does not answer.
    pub async fn channels_and_bridges(&self) -> Result<(usize, usize)> {
        let mut counts = [0, 0];
        for (count, path) in counts.iter_mut().zip(["/ari/channels", "/ari/bridges"]) {
            let answer = self.request(Method::GET, path).await?.json()?;
            *count = answer
                .as_array()
                .with_context(|| format!("{path} is no list: {answer}"))?
                .len();
        }
        Ok(counts.into())
    }

    /// Waits until no channel and no bridge is left.
    ///
    /// # Errors
    /// Fails if some are left at the deadline, and says how many.
    pub async fn becomes_empty(&self, deadline: Duration) -> Result<()> {
        let end = Instant::now() + deadline;
        loop {
            match self.channels_and_bridges().await? {
                (0, 0) => return Ok(()),
                (channels, bridges) if Instant::now() > end => {
                    bail!("{channels} channels and {bridges} bridges are left after {deadline:?}")
                }
                _ => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// The id of its process.
    ///
    /// # Errors
    /// Fails if Asterisk did not write it down.
    pub fn pid(&self) -> Result<u32> {
        let path = self.folder.host.join("run/asterisk.pid");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        text.trim()
            .parse()
            .with_context(|| format!("{} holds no process id", path.display()))
    }

    /// The processor time that it has used since it started.
    ///
    /// # Errors
    /// Fails if its process is gone.
    pub fn cpu_time(&self) -> Result<Duration> {
        usage::cpu_time(self.pid()?)
    }

    /// Stops it and waits until it is gone; dropping does the same, but blocks the thread meanwhile.
    ///
    /// # Errors
    /// Fails if the stopping itself panicked.
    pub async fn stop(self) -> Result<()> {
        Ok(tokio::task::spawn_blocking(|| drop(self)).await?)
    }

    async fn ready(&self, ari: bool) -> Result<()> {
        while self.cli("core waitfullybooted").await.is_err() {
            self.still_runs()?;
            sleep(Duration::from_millis(50)).await;
        }
        while ari && self.request(Method::GET, "/ari/asterisk/info").await?.status != StatusCode::OK {
            self.still_runs()?;
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn still_runs(&self) -> Result<()> {
        let mut process = self
            .process
            .lock()
            .map_err(|_| anyhow::anyhow!("another thread panicked"))?;
        match process.as_mut().map(Kept::ended).transpose()?.flatten() {
            None => Ok(()),
            Some(status) => bail!("its process ended: {status}"),
        }
    }
}
