//! Where the real systems come from: the PATH, or a Debian suite fetched into the cache.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cache::Cache;
use crate::tools::{ToolLog, is_root, on_path, output_of, step};

/// The suites that carry an Asterisk, in the order in which they are tried.
const SUITES: [&str; 2] = ["testing", "unstable"];

const WAYS_OUT: &str = "there are two ways out: run this once as root, which fetches an Asterisk into the cache \
                        folder, or have `asterisk` on the PATH";

/// An Asterisk that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installation {
    /// The program that the machine has on its PATH.
    OnPath(PathBuf),
    /// A Debian tree in the cache, in which Asterisk is run by chroot.
    Tree(PathBuf),
}

impl Installation {
    /// The Asterisk of this machine: the one on the PATH, else the one in the cache, else one that is
    /// fetched into the cache now.
    ///
    /// # Errors
    /// Fails with plain words where there is none and none can be fetched.
    pub async fn find_or_fetch() -> Result<Self> {
        tokio::task::spawn_blocking(Self::find_or_fetch_blocking).await?
    }

    fn find_or_fetch_blocking() -> Result<Self> {
        if let Some(asterisk) = on_path("asterisk") {
            return Ok(Self::OnPath(asterisk));
        }
        if !is_root() {
            bail!("no `asterisk` on the PATH, and only root can run the one in the cache: {WAYS_OUT}");
        }
        let cache = Cache::from_env()?;
        // What is in place is whole, so that only fetching needs the lock.
        if let Some(tree) = fetched(&cache) {
            return Ok(Self::Tree(tree));
        }
        let _lock = cache.lock(|| step("waiting for another lab to finish installing"))?;
        match fetched(&cache) {
            Some(tree) => Ok(Self::Tree(tree)),
            None => fetch(&cache),
        }
    }

    /// The command that runs this Asterisk with `args`.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Vec<OsString> {
        let mut command: Vec<OsString> = match self {
            Self::OnPath(asterisk) => vec![asterisk.into()],
            Self::Tree(tree) => vec!["chroot".into(), tree.into(), "asterisk".into()],
        };
        command.extend(args.iter().map(OsString::from));
        command
    }

    /// What this Asterisk says its version is.
    pub fn version(&self) -> Result<String> {
        output_of(&self.command(&["-V"]))
    }

    /// The folder that holds the Swagger files of this Asterisk's REST interface, where it ships them.
    #[must_use]
    pub fn swagger(&self) -> Option<PathBuf> {
        let folder = self.root().join("usr/share/asterisk/rest-api");
        folder.is_dir().then_some(folder)
    }

    /// What this Asterisk takes for the root of the file system.
    pub(crate) fn root(&self) -> &Path {
        match self {
            Self::OnPath(_) => Path::new("/"),
            Self::Tree(tree) => tree,
        }
    }

    /// The folder, as Asterisk names it, in which runs have their folders. It is short, because the
    /// control socket's path must fit into 108 bytes.
    pub(crate) fn runs(&self) -> PathBuf {
        match self {
            Self::OnPath(_) => std::env::temp_dir().join("ari-lab"),
            Self::Tree(_) => PathBuf::from("/var/lab"),
        }
    }

    /// Makes ready what every start needs: a tree knows no name of the host, and a failing lookup of
    /// its own name blocks each call.
    pub(crate) fn prepare(&self) -> Result<()> {
        if let Self::Tree(tree) = self {
            fs::copy("/etc/hosts", tree.join("etc/hosts")).context("cannot copy /etc/hosts into the tree")?;
        }
        Ok(())
    }
}

/// Where `SIPp` lies; installed by apt-get if it is missing and we are root.
///
/// # Errors
/// Fails with plain words where there is none and it cannot be installed.
pub async fn find_or_install_sipp() -> Result<PathBuf> {
    tokio::task::spawn_blocking(|| {
        if let Some(sipp) = on_path("sipp") {
            return Ok(sipp);
        }
        if !is_root() {
            bail!("no `sipp` on the PATH: install the package sip-tester, or run this once as root");
        }
        let cache = Cache::from_env()?;
        let _lock = cache.lock(|| step("waiting for another lab to finish installing"))?;
        let (path, file) = cache.log("install-sipp")?;
        ToolLog { path, file }.apt_install("sip-tester")?;
        on_path("sipp").context("the package sip-tester is installed, but has no `sipp`")
    })
    .await?
}

fn folder_of(suite: &str) -> String {
    format!("asterisk-{suite}")
}

fn fetched(cache: &Cache) -> Option<PathBuf> {
    SUITES
        .iter()
        .map(|suite| cache.path(&folder_of(suite)))
        .find(|tree| tree.is_dir())
}

fn fetch(cache: &Cache) -> Result<Installation> {
    let (path, file) = cache.log("install-asterisk")?;
    let log = ToolLog { path, file };
    if on_path("debootstrap").is_none() {
        log.apt_install("debootstrap")?;
    }
    let mut failures = Vec::new();
    for suite in SUITES {
        step(&format!(
            "fetching Asterisk from Debian {suite} (about a minute, 0.6 GB in the cache)"
        ));
        match cache.install(&folder_of(suite), |tree| debootstrap(&log, suite, tree)) {
            Ok(tree) => return Ok(Installation::Tree(tree)),
            Err(error) => failures.push(format!("{suite}: {error:#}")),
        }
    }
    bail!(
        "no Asterisk could be fetched ({}); {WAYS_OUT}",
        failures.join("; ")
    );
}

fn debootstrap(log: &ToolLog, suite: &str, tree: &Path) -> Result<()> {
    let options = [
        "--variant=minbase",
        "--include=asterisk,asterisk-modules,asterisk-core-sounds-en-wav",
        "--exclude=systemd",
        suite,
    ];
    let mut args: Vec<OsString> = options.iter().map(OsString::from).collect();
    args.push(tree.into());
    log.run(15, "debootstrap", &args)?;
    let version = output_of(&Installation::Tree(tree.to_owned()).command(&["-V"]))?;
    step(&format!("fetched {version}"));
    // The packages are unpacked; their archives would only fill the cache.
    log.run(
        1,
        "chroot",
        &[tree.as_os_str(), "apt-get".as_ref(), "clean".as_ref()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asterisk_on_the_path_is_run_as_it_is() {
        let installation = Installation::OnPath("/usr/sbin/asterisk".into());
        assert_eq!(installation.command(&["-V"]), ["/usr/sbin/asterisk", "-V"]);
    }

    #[test]
    fn an_asterisk_in_a_tree_is_run_by_chroot() {
        let installation = Installation::Tree("/cache/asterisk-testing".into());
        assert_eq!(
            installation.command(&["-V"]),
            ["chroot", "/cache/asterisk-testing", "asterisk", "-V"]
        );
        assert_eq!(installation.runs(), Path::new("/var/lab"));
    }
}
