//! The folder of one run: configuration, spool, logs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};

use crate::install::Installation;

/// How long the logs of failed runs are kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The parts that Asterisk wants for itself.
const PARTS: [&str; 6] = ["db", "etc", "lib/keys", "log", "run", "spool/recording"];

/// A folder of one run. It is removed at the end, unless the run failed: then its logs are kept, and named.
#[derive(Debug)]
pub(crate) struct RunFolder {
    /// Its path for us.
    pub(crate) host: PathBuf,
    /// Its path for Asterisk, which may live in a tree of its own.
    pub(crate) inside: PathBuf,
    keep: bool,
    _owner: File,
}

impl RunFolder {
    /// Makes a new folder with its parts.
    pub(crate) fn new(installation: &Installation) -> Result<Self> {
        let runs = installation.runs();
        let host_runs = in_root(installation.root(), &runs);
        sweep(&host_runs);
        let name = format!("{:08x}", fastrand::u32(..));
        let host = host_runs.join(&name);
        for part in PARTS {
            fs::create_dir_all(host.join(part))
                .with_context(|| format!("cannot create {}", host.display()))?;
        }
        let owner = File::create(host.join("owner"))?;
        owner.lock()?;
        Ok(Self {
            host,
            inside: runs.join(name),
            keep: false,
            _owner: owner,
        })
    }

    /// Writes a file below the folder.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        let path = self.host.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Keeps the folder after the run.
    pub(crate) fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.keep || std::thread::panicking() {
            eprintln!("lab: the logs of this run are kept in {}", self.host.display());
        } else {
            // A folder that cannot be removed now is swept by a later run.
            let _ = fs::remove_dir_all(&self.host);
        }
    }
}

fn in_root(root: &Path, absolute: &Path) -> PathBuf {
    root.join(absolute.strip_prefix("/").unwrap_or(absolute))
}

/// Removes the folders of runs that are over since a day: their owner's lock is free.
fn sweep(runs: &Path) {
    let Ok(folders) = fs::read_dir(runs) else { return };
    for folder in folders.flatten().map(|entry| entry.path()) {
        if is_over(&folder).unwrap_or(false) {
            // What cannot be removed costs some disk space, and no more.
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

fn is_over(folder: &Path) -> Result<bool> {
    let owner = File::open(folder.join("owner"))?;
    let age = SystemTime::now().duration_since(owner.metadata()?.modified()?)?;
    Ok(age > KEPT && owner.try_lock().is_ok())
}
