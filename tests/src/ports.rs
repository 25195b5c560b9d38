//! Free ports on 127.0.0.1, never handed out twice.

use std::fs::{self, File};
use std::net::{TcpListener, UdpSocket};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context as _, Result, bail};

/// Below the range from which the kernel picks the ports of outgoing connections.
const FIRST: u16 = 10_000;
const LAST: u16 = 31_999;
const BLOCK: u16 = 1_000;
/// The rest of a block is for RTP: 450 calls at two ports each.
const SINGLES: u16 = 100;

/// A block of ports that is ours alone for as long as this value lives.
///
/// Each block has a file, and whoever holds the file's lock has the block. The kernel lets go of the lock
/// when the holder dies, so two labs at once do not meet, and nothing is left behind.
#[derive(Debug)]
pub struct Ports {
    base: u16,
    next: AtomicU16,
    _lock: File,
}

impl Ports {
    /// Takes a block that nobody holds.
    pub fn lease() -> Result<Self> {
        let folder = locks_folder()?;
        // A random start keeps two labs from racing through the same blocks.
        let blocks = (LAST + 1 - FIRST) / BLOCK;
        let start = fastrand::u16(0..blocks);
        for block in (0..blocks).map(|i| (start + i) % blocks) {
            let base = FIRST + block * BLOCK;
            let path = folder.join(base.to_string());
            // A file that cannot be opened belongs to another user's lab.
            let Ok(lock) = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path)
            else {
                continue;
            };
            if lock.try_lock().is_ok() {
                return Ok(Self {
                    base,
                    next: AtomicU16::new(base),
                    _lock: lock,
                });
            }
        }
        bail!("all {blocks} blocks of ports between {FIRST} and {LAST} are taken by running labs");
    }

    /// A UDP port that is free now and was not handed out before.
    pub fn udp(&self) -> Result<u16> {
        self.single(|port| UdpSocket::bind(("127.0.0.1", port)).is_ok())
    }

    /// A TCP port that is free now and was not handed out before.
    pub fn tcp(&self) -> Result<u16> {
        self.single(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
    }

    /// The UDP ports for RTP.
    #[must_use]
    pub fn rtp(&self) -> RangeInclusive<u16> {
        self.base + SINGLES..=self.base + BLOCK - 1
    }

    fn single(&self, is_free: impl Fn(u16) -> bool) -> Result<u16> {
        loop {
            let port = self.next.fetch_add(1, Ordering::Relaxed);
            if port >= self.base + SINGLES {
                bail!("no port left among {}..{}", self.base, self.base + SINGLES);
            }
            if is_free(port) {
                return Ok(port);
            }
        }
    }
}

fn locks_folder() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join("ari-lab-ports");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn two_leases_share_no_port() {
        let (a, b) = (Ports::lease().unwrap(), Ports::lease().unwrap());
        assert_ne!(a.base, b.base);
        let a: HashSet<u16> = a.rtp().collect();
        assert!(b.rtp().all(|port| !a.contains(&port)));
    }

    #[test]
    fn a_port_is_handed_out_once_and_is_free() {
        let ports = Ports::lease().unwrap();
        let singles: HashSet<u16> = (0..10).map(|_| ports.udp().unwrap()).collect();
        assert_eq!(singles.len(), 10);
        assert!(singles.iter().all(|port| !ports.rtp().contains(port)));
        assert!(TcpListener::bind(("127.0.0.1", ports.tcp().unwrap())).is_ok());
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let ports = Ports::lease().unwrap();
        let used = ports.base;
        let Ok(_socket) = UdpSocket::bind(("127.0.0.1", used)) else {
            return assert_ne!(ports.udp().unwrap(), used);
        };
        assert_ne!(ports.udp().unwrap(), used);
    }

    #[test]
    fn a_block_comes_back_when_its_lease_ends() {
        let held = Ports::lease().unwrap();
        let path = locks_folder().unwrap().join(held.base.to_string());
        let second = File::options().write(true).open(&path).unwrap();
        assert!(second.try_lock().is_err(), "the block is held");
        drop(held);
        assert!(second.try_lock().is_ok(), "the block is free again");
    }
}
