//! Programs of this workspace, run as users run them.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::asterisk::Asterisk;
use crate::process::Kept;

/// How long a program may take to register its application.
const START: Duration = Duration::from_secs(10);

/// Writes down the process id before it becomes the program, so that the program can be signalled.
const WITH_PID: &str = r#"echo $$ > "$0"; exec "$@""#;

/// A program, before it runs.
#[derive(Debug)]
pub struct Program {
    name: String,
    build: Vec<OsString>,
    release: bool,
    args: Vec<OsString>,
    env: Vec<(String, OsString)>,
}

/// A program that runs; it is stopped when this value is dropped.
#[derive(Debug)]
pub struct Running {
    name: String,
    kept: Kept,
    folder: PathBuf,
}

impl Program {
    /// An example of the package `ari-examples`.
    #[must_use]
    pub fn example(name: &str) -> Self {
        Self::new(name, ["-p", "ari-examples", "--example", name])
    }

    /// A program of a package.
    #[must_use]
    pub fn binary(package: &str, name: &str) -> Self {
        Self::new(name, ["-p", package, "--bin", name])
    }

    fn new(name: &str, build: [&str; 4]) -> Self {
        Self {
            name: name.to_owned(),
            build: build.map(OsString::from).into(),
            release: !cfg!(debug_assertions),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// Builds it in the release profile, whatever the profile of this program is.
    #[must_use]
    pub fn release(mut self) -> Self {
        self.release = true;
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Builds the program and runs it on `server`, and waits until it has registered the application
    /// `EVERYTHING` there.
    ///
    /// # Errors
    /// Fails if it cannot be built, ends, or does not register in time; its output is in the error.
    pub async fn start(self, server: &Asterisk) -> Result<Running> {
        let mut running = self.run(server).await?;
        let end = Instant::now() + START;
        loop {
            let answer = server
                .request(Method::GET, "/ari/applications/EVERYTHING")
                .await?;
            if answer.status == StatusCode::OK {
                return Ok(running);
            }
            if let Some(code) = running.code()? {
                bail!("{} ended with {code}: {}", running.name, running.output()?);
            }
            if Instant::now() > end {
                bail!(
                    "{} did not register within {START:?}: {}",
                    running.name,
                    running.output()?
                );
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Builds the program and runs it on `server`, whatever becomes of it.
    ///
    /// # Errors
    /// Fails if it cannot be built or started.
    pub async fn run(mut self, server: &Asterisk) -> Result<Running> {
        let address = [
            ("ARI_URL", server.http_url()),
            ("ARI_USERNAME", server.username().to_owned()),
            ("ARI_PASSWORD", server.password().to_owned()),
        ];
        for (name, value) in address {
            if !self.env.iter().any(|(set, _)| set == name) {
                self = self.env(name, value);
            }
        }
        tokio::task::spawn_blocking(move || self.spawn()).await?
    }

    fn spawn(self) -> Result<Running> {
        let executable = self.path()?;
        let folder = std::env::temp_dir().join(format!("ari-lab-program-{:016x}", fastrand::u64(..)));
        std::fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let output = File::create(folder.join("output"))?;
        let mut command: Vec<OsString> = vec!["env".into()];
        for (name, value) in &self.env {
            let mut pair = OsString::from(format!("{name}="));
            pair.push(value);
            command.push(pair);
        }
        command.extend(["sh", "-c", WITH_PID].map(OsString::from));
        command.push(folder.join("pid").into());
        command.push(executable.into());
        command.extend(self.args);
        let kept = Kept::spawn(&command, &output)?;
        Ok(Running {
            name: self.name,
            kept,
            folder,
        })
    }

    /// Builds the program, in the profile of this one unless it is to be release, and tells where it is.
    ///
    /// # Errors
    /// Fails if it cannot be built.
    pub fn path(&self) -> Result<PathBuf> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--message-format", "json"])
            .args(self.release.then_some("--release"))
            .args(&self.build)
            .output()
            .context("cannot run cargo")?;
        if !built.status.success() {
            bail!(
                "cannot build {}: {}",
                self.name,
                String::from_utf8_lossy(&built.stderr)
            );
        }
        let messages = String::from_utf8_lossy(&built.stdout);
        let executable = |line: &str| {
            let message: Value = serde_json::from_str(line).ok()?;
            let ours = message["target"]["name"] == *self.name;
            message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
        };
        messages
            .lines()
            .filter_map(executable)
            .next_back()
            .with_context(|| format!("cargo built no program {}", self.name))
    }
}

impl Running {
    /// Asks the program to end, as a service manager does: SIGTERM.
    ///
    /// # Errors
    /// Fails if it is gone.
    pub fn terminate(&self) -> Result<()> {
        self.signal("-TERM")
    }

    /// Ends the program at once, as a crash would: SIGKILL.
    ///
    /// # Errors
    /// Fails if it is gone.
    pub async fn kill(mut self) -> Result<()> {
        self.signal("-KILL")?;
        self.ended(Duration::from_secs(5)).await?;
        Ok(())
    }

    /// The id of its process.
    ///
    /// # Errors
    /// Fails if it was not written down.
    pub fn pid(&self) -> Result<u32> {
        let path = self.folder.join("pid");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        text.trim()
            .parse()
            .with_context(|| format!("{} holds no process id", path.display()))
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.pid()?.to_string();
        let status = Command::new("kill").args([signal, &pid]).status()?;
        if !status.success() {
            bail!("{} cannot be signalled", self.name);
        }
        Ok(())
    }

    /// The program's exit code, or `None` while it runs. A program that a signal ended has 128 and the signal.
    ///
    /// # Errors
    /// Fails if the system cannot tell.
    pub fn code(&mut self) -> Result<Option<i32>> {
        Ok(self.kept.ended()?.map(|status| status.code().unwrap_or(128)))
    }

    /// Waits until the program has ended and returns its exit code.
    ///
    /// # Errors
    /// Fails if it runs on; its output is in the error.
    pub async fn ended(&mut self, deadline: Duration) -> Result<i32> {
        let end = Instant::now() + deadline;
        loop {
            if let Some(code) = self.code()? {
                return Ok(code);
            }
            if Instant::now() > end {
                bail!("{} runs on after {deadline:?}: {}", self.name, self.output()?);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it printed, on both outputs.
    ///
    /// # Errors
    /// Fails if its output cannot be read.
    pub fn output(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.folder.join("output"))?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kept.stop();
        // Of no use to anybody once the test has ended; a failure to remove it harms nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
