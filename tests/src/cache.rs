//! The folder in which the lab keeps what it fetched.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The lab's cache folder: `ARI_LAB_CACHE`, by default `ari-lab` in the user's cache folder.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// The cache that the environment names.
    pub fn from_env() -> Result<Self> {
        let var = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let root = var("ARI_LAB_CACHE")
            .or_else(|| var("XDG_CACHE_HOME").map(|cache| cache.join("ari-lab")))
            .or_else(|| var("HOME").map(|home| home.join(".cache/ari-lab")));
        match root {
            Some(root) => Ok(Self::at(std::path::absolute(root)?)),
            None => bail!("no cache folder: set ARI_LAB_CACHE, XDG_CACHE_HOME or HOME"),
        }
    }

    /// The cache in `root`.
    #[must_use]
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where the finished folder `name` lies, or would lie.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Makes a place for a log file named `name` and opens it.
    pub fn log(&self, name: &str) -> Result<(PathBuf, File)> {
        fs::create_dir_all(&self.root).with_context(|| format!("cannot create {}", self.root.display()))?;
        let path = self.root.join(format!("{name}.log"));
        let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok((path, file))
    }

    /// Waits until no other lab installs, and keeps others from it while the answer lives.
    ///
    /// Blocks; calls `on_wait` once before it does.
    pub fn lock(&self, on_wait: impl FnOnce()) -> Result<File> {
        fs::create_dir_all(&self.root).with_context(|| format!("cannot create {}", self.root.display()))?;
        let path = self.root.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                on_wait();
                lock.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(lock)
    }

    /// Builds the folder `name` with `build` and puts it in place in one step, so that what lies at
    /// [`Cache::path`] is always whole. The caller holds the [lock](Cache::lock).
    pub fn install(&self, name: &str, build: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        let half = self.root.join(format!("{name}.half"));
        discard(&half)?;
        fs::create_dir_all(&half).with_context(|| format!("cannot create {}", half.display()))?;
        if let Err(error) = build(&half) {
            discard(&half)?;
            return Err(error);
        }
        let whole = self.path(name);
        fs::rename(&half, &whole).with_context(|| format!("cannot put {} in place", whole.display()))?;
        Ok(whole)
    }
}

/// Removes a half-built folder. Debootstrap mounts `proc` and `sys` in its tree, and an interrupted one
/// leaves them there: they go first, for nothing may be removed through a mount.
fn discard(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for mount in mounts_below(&fs::read_to_string("/proc/self/mounts")?, folder)
        .iter()
        .rev()
    {
        let status = std::process::Command::new("umount")
            .arg(mount)
            .status()
            .context("cannot run umount")?;
        if !status.success() {
            bail!("cannot unmount {}", mount.display());
        }
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

fn mounts_below(mounts: &str, folder: &Path) -> Vec<PathBuf> {
    // The kernel writes a space within a path as \040.
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let points = points.map(|point| PathBuf::from(point.replace("\\040", " ")));
    points.filter(|point| point.starts_with(folder)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> Cache {
        Cache::at(std::env::temp_dir().join(format!("ari-lab-cache-{:016x}", fastrand::u64(..))))
    }

    #[test]
    fn what_was_built_whole_is_in_place() {
        let cache = scratch();
        let path = cache
            .install("thing", |half| Ok(fs::write(half.join("file"), "x")?))
            .unwrap();
        assert_eq!(path, cache.path("thing"));
        assert_eq!(fs::read_to_string(path.join("file")).unwrap(), "x");
        fs::remove_dir_all(&cache.root).unwrap();
    }

    #[test]
    fn a_failed_build_leaves_nothing() {
        let cache = scratch();
        let failed = cache.install("thing", |half| {
            fs::write(half.join("file"), "x")?;
            bail!("broken off")
        });
        assert_eq!(failed.unwrap_err().to_string(), "broken off");
        assert_eq!(fs::read_dir(&cache.root).unwrap().count(), 0);
        fs::remove_dir_all(&cache.root).unwrap();
    }

    #[test]
    fn a_half_built_one_is_thrown_away() {
        let cache = scratch();
        fs::create_dir_all(cache.root.join("thing.half/old")).unwrap();
        let path = cache
            .install("thing", |half| Ok(fs::write(half.join("new"), "x")?))
            .unwrap();
        assert!(path.join("new").exists() && !path.join("old").exists());
        fs::remove_dir_all(&cache.root).unwrap();
    }

    #[test]
    fn the_lock_keeps_a_second_lab_out() {
        let cache = scratch();
        let held = cache.lock(|| {}).unwrap();
        let second = cache.clone();
        let (tell, told) = std::sync::mpsc::channel();
        let waiter = std::thread::spawn(move || second.lock(|| tell.send(()).unwrap()).map(drop));
        told.recv_timeout(std::time::Duration::from_secs(5))
            .expect("the second lab waits");
        drop(held);
        waiter.join().unwrap().unwrap();
        fs::remove_dir_all(&cache.root).unwrap();
    }

    #[test]
    fn mounts_are_found_by_whole_path_components() {
        let mounts = "proc /proc proc rw 0 0\nproc /c/t.half/proc proc rw 0 0\nx /c/t.half2/proc x rw 0 0\n";
        assert_eq!(
            mounts_below(mounts, Path::new("/c/t.half")),
            [PathBuf::from("/c/t.half/proc")]
        );
    }
}
