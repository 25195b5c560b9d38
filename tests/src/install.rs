//! Where the real systems come from: the PATH, or a Debian suite fetched into the cache.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cache::Cache;
use crate::tools::{ToolLog, is_root, on_path, output_of, step};

/// What a tree holds.
const PACKAGES: &str = "asterisk,asterisk-modules,asterisk-core-sounds-en-wav";

/// What debootstrap says of a suite that its mirror does not have.
const NO_RELEASE: &str = "Failed getting release file";

const WAYS_OUT: &str = "there are two ways out: run this once as root, which fetches an Asterisk into the cache \
                        folder, or have `asterisk` on the PATH";

/// Which Asterisk is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The machine's own, or the newest that Debian has.
    Newest,
    /// Asterisk 16.28, of Debian 11: the oldest that the bindings are for.
    Sixteen,
}

impl Release {
    /// The suites that carry it, in the order in which they are tried.
    fn suites(self) -> &'static [&'static str] {
        match self {
            Self::Newest => &["testing", "unstable"],
            Self::Sixteen => &["bullseye"],
        }
    }

    /// What debootstrap is told to leave out: where it may, an init system that nobody starts.
    fn exclude(self) -> Option<&'static str> {
        match self {
            Self::Newest => Some("--exclude=systemd"),
            Self::Sixteen => None,
        }
    }

    /// Whether an Asterisk that says that this is its version will do.
    fn is(self, version: &str) -> bool {
        match self {
            Self::Newest => true,
            Self::Sixteen => version.starts_with("Asterisk 16."),
        }
    }
}

/// There is no such Asterisk here, and none can be fetched, through no fault of anybody: Debian moved the suite to its
/// archive, no mirror can be reached, or we are not root.
#[derive(Debug)]
pub struct Unavailable(String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}

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
        Self::of(Release::Newest).await
    }

    /// The Asterisk of this release: one on the PATH, else the one in the cache, else one that is fetched into the
    /// cache now.
    ///
    /// # Errors
    /// Fails with plain words where there is none and none can be fetched: an [`Unavailable`] where nothing is broken.
    pub async fn of(release: Release) -> Result<Self> {
        tokio::task::spawn_blocking(move || Self::of_blocking(release)).await?
    }

    fn of_blocking(release: Release) -> Result<Self> {
        if let Some(asterisk) = on_path("asterisk").map(Self::OnPath)
            && (release == Release::Newest || release.is(&asterisk.version()?))
        {
            return Ok(asterisk);
        }
        if !is_root() {
            let why =
                format!("no such `asterisk` on the PATH, and only root can run one in the cache: {WAYS_OUT}");
            return Err(Unavailable(why).into());
        }
        let cache = Cache::from_env()?;
        // What is in place is whole, so that only fetching needs the lock.
        if let Some(tree) = fetched(&cache, release) {
            return Ok(Self::Tree(tree));
        }
        let _lock = cache.lock(|| step("waiting for another lab to finish installing"))?;
        match fetched(&cache, release) {
            Some(tree) => Ok(Self::Tree(tree)),
            None => fetch(&cache, release),
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

fn fetched(cache: &Cache, release: Release) -> Option<PathBuf> {
    release
        .suites()
        .iter()
        .map(|suite| cache.path(&folder_of(suite)))
        .find(|tree| tree.is_dir())
}

fn fetch(cache: &Cache, release: Release) -> Result<Installation> {
    let mut last = anyhow::Error::msg(WAYS_OUT);
    for suite in release.suites() {
        let (path, file) = cache.log(&format!("install-{}", folder_of(suite)))?;
        let log = ToolLog { path, file };
        if on_path("debootstrap").is_none() {
            log.apt_install("debootstrap")?;
        }
        step(&format!(
            "fetching Asterisk from Debian {suite} (about a minute, 0.6 GB in the cache)"
        ));
        match cache.install(&folder_of(suite), |tree| debootstrap(&log, release, suite, tree)) {
            Ok(tree) => return Ok(Installation::Tree(tree)),
            Err(error) => {
                step(&format!("{suite}: {error:#}"));
                last = error;
            }
        }
    }
    let suites = release.suites().join(" or ");
    Err(last.context(format!(
        "no Asterisk could be fetched from Debian {suites}; {WAYS_OUT}"
    )))
}

fn gone(suite: &str) -> Unavailable {
    Unavailable(format!(
        "the suite {suite} cannot be had: it is gone from the mirror, or no mirror can be reached"
    ))
}

fn debootstrap(log: &ToolLog, release: Release, suite: &'static str, tree: &Path) -> Result<()> {
    let include = format!("--include={PACKAGES}");
    let options = ["--variant=minbase", &include].into_iter();
    let options = options.chain(release.exclude()).chain([suite]);
    let mut args: Vec<OsString> = options.map(OsString::from).collect();
    args.push(tree.into());
    log.run(15, "debootstrap", &args)
        .map_err(|error| match fs::read_to_string(&log.path) {
            Ok(said) if said.contains(NO_RELEASE) => error.context(gone(suite)),
            _ => error,
        })?;
    let version = output_of(&Installation::Tree(tree.to_owned()).command(&["-V"]))?;
    if !release.is(&version) {
        bail!("Debian {suite} has {version}");
    }
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
    fn a_suite_that_is_gone_is_told_from_a_fetch_that_failed() {
        let error = anyhow::anyhow!("debootstrap failed: exit status: 1").context(gone("bullseye"));
        let error = error.context("no Asterisk could be fetched from Debian bullseye");
        assert!(error.is::<Unavailable>());
        assert_eq!(
            format!("{error:#}"),
            "no Asterisk could be fetched from Debian bullseye: the suite bullseye cannot be had: it is gone from the \
             mirror, or no mirror can be reached: debootstrap failed: exit status: 1"
        );
        assert!(!anyhow::anyhow!("debootstrap failed").is::<Unavailable>());
    }

    #[test]
    fn an_older_release_is_known_by_its_version() {
        assert!(Release::Sixteen.is("Asterisk 16.28.0~dfsg-0+deb11u4"));
        assert!(!Release::Sixteen.is("Asterisk 22.10.1"));
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
