//! The tools of the system, run one at a time, with what they say kept in a log file.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Says in one line what the lab does now.
pub(crate) fn step(what: &str) {
    eprintln!("lab: {what}");
}

/// Whether we may install software.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Where the program `name` lies on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // An empty entry would mean the folder that we happen to be in.
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A log file that takes what tools say.
#[derive(Debug)]
pub(crate) struct ToolLog {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
}

impl ToolLog {
    /// Runs a tool to its end. It may take `minutes`; a failure names the log.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, minutes: u32, program: &str, args: &[S]) -> Result<()> {
        let status = Command::new("timeout")
            .arg(format!("{minutes}m"))
            .arg(program)
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(self.file.try_clone()?)
            .stderr(self.file.try_clone()?)
            .status()
            .with_context(|| format!("cannot run {program}"))?;
        match status.code() {
            Some(0) => Ok(()),
            Some(124) => bail!(
                "{program} took more than {minutes} minutes (see {})",
                self.path.display()
            ),
            _ => bail!("{program} failed: {status} (see {})", self.path.display()),
        }
    }

    /// Installs a Debian package, with fresh package lists if the old ones do not lead to it.
    pub(crate) fn apt_install(&self, package: &str) -> Result<()> {
        step(&format!("installing {package}"));
        let install = ["install", "--yes", "--no-install-recommends", package];
        if self.run(10, "apt-get", &install).is_ok() {
            return Ok(());
        }
        self.run(10, "apt-get", &["update"])?;
        self.run(10, "apt-get", &install)
    }
}

/// What a command prints, if it succeeds.
pub(crate) fn output_of(command: &[OsString]) -> Result<String> {
    let (program, args) = command.split_first().context("an empty command")?;
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot run {}", Path::new(program).display()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed: {} {}",
            Path::new(program).display(),
            output.status,
            words.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
