//! Free ports on 127.0.0.1, never handed out twice.

use std::fs::{self, File};
use std::net::{TcpListener, UdpSocket};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context as _, Result, bail};

/// Below the range from which the kernel picks the ports of outgoing connections.
const FIRST: u16 = 10_000;
const LAST: u16 = 31_999;
const BLOCK: u16 = 1_000;
const BLOCKS: u16 = (LAST + 1 - FIRST) / BLOCK;
/// What follows these in a lease is for RTP, two ports for each call.
const SINGLES: u16 = 100;

/// How many calls one block has ports for.
pub const CALLS: u16 = (BLOCK - SINGLES) / 2;

/// One or more blocks of ports, side by side, that are ours alone for as long as this value lives.
///
/// Each block has a file, and whoever holds the file's lock has the block. The kernel lets go of the lock
/// when the holder dies, so two labs at once do not meet, and nothing is left behind.
#[derive(Debug)]
pub struct Ports {
    base: u16,
    last: u16,
    next: AtomicU16,
    _locks: Vec<File>,
}

impl Ports {
    /// Takes a block that nobody holds.
    pub fn lease() -> Result<Self> {
        Self::for_calls(CALLS)
    }

    /// Takes as many blocks as so many calls at once need.
    pub fn for_calls(calls: u16) -> Result<Self> {
        let folder = locks_folder()?;
        let ports = u32::from(SINGLES) + 2 * u32::from(calls);
        let Some(blocks) = u16::try_from(ports.div_ceil(BLOCK.into()))
            .ok()
            .filter(|blocks| *blocks <= BLOCKS)
        else {
            bail!("{calls} calls need {ports} ports; there are {}", BLOCKS * BLOCK);
        };
        let places = BLOCKS + 1 - blocks;
        // A random start keeps two labs from racing through the same blocks.
        let start = fastrand::u16(0..places);
        for place in (0..places).map(|i| (start + i) % places) {
            let locks: Option<Vec<File>> = (place..place + blocks)
                .map(|block| lock(&folder, FIRST + block * BLOCK))
                .collect();
            if let Some(locks) = locks {
                let base = FIRST + place * BLOCK;
                return Ok(Self {
                    base,
                    last: base + blocks * BLOCK - 1,
                    next: AtomicU16::new(base),
                    _locks: locks,
                });
            }
        }
        bail!("running labs have taken too many of the ports between {FIRST} and {LAST}");
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
        self.base + SINGLES..=self.last
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

/// The lock of the block that begins at `base`, if nobody has it.
fn lock(folder: &Path, base: u16) -> Option<File> {
    let path = folder.join(base.to_string());
    let mut open = File::options();
    // A file that cannot be opened belongs to another user's lab.
    let lock = open.create(true).truncate(false).write(true).open(path).ok()?;
    lock.try_lock().is_ok().then_some(lock)
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
    fn many_calls_get_blocks_side_by_side() {
        let ports = Ports::for_calls(2 * CALLS).unwrap();
        assert!(ports.rtp().len() >= usize::from(4 * CALLS));
        let folder = locks_folder().unwrap();
        assert!(
            lock(&folder, ports.base + BLOCK).is_none(),
            "the second block is held"
        );
        let refusal = Ports::for_calls(u16::MAX).unwrap_err().to_string();
        assert_eq!(refusal, "65535 calls need 131170 ports; there are 22000");
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
