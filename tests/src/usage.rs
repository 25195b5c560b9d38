//! What a process has used: processor time and memory, as Linux counts them.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The processor time of a process since it started, that of threads that have ended included, in hundredths of a
/// second.
///
/// # Errors
/// Fails if there is no such process.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = read(pid, "stat")?;
    // The name in parentheses may hold anything; the numbers follow it.
    let (_, numbers) = stat.rsplit_once(')').context("no process name")?;
    let ticks = numbers.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(Duration::from_millis(ticks.sum::<Result<u64, _>>()? * 10))
}

/// The processor time of the threads that a process has now, in nanoseconds: finer than [`cpu_time`], for a process
/// whose threads stay.
///
/// # Errors
/// Fails if there is no such process, or if the kernel does not count.
pub fn threads_cpu_time(pid: u32) -> Result<Duration> {
    let folder = format!("/proc/{pid}/task");
    let mut sum = 0;
    for thread in fs::read_dir(&folder).with_context(|| format!("cannot read {folder}"))? {
        let thread = thread?.file_name();
        let times = read(pid, &format!("task/{}/schedstat", thread.display()))?;
        let ran = times.split_whitespace().next().context("schedstat is empty")?;
        sum += ran.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(sum))
}

/// The memory that a process has in RAM, in bytes.
///
/// # Errors
/// Fails if there is no such process.
pub fn memory(pid: u32) -> Result<u64> {
    status(pid, "VmRSS")
}

/// The most memory that a process had in RAM, in bytes.
///
/// # Errors
/// Fails if there is no such process.
pub fn peak_memory(pid: u32) -> Result<u64> {
    status(pid, "VmHWM")
}

fn status(pid: u32, name: &str) -> Result<u64> {
    let status = read(pid, "status")?;
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.strip_suffix("kB"))
        .with_context(|| format!("the status of process {pid} has no {name}"))?;
    Ok(value.trim().parse::<u64>()? * 1024)
}

fn read(pid: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn work_is_counted_as_processor_time() {
        let ours = std::process::id();
        let (coarse, fine) = (cpu_time(ours).unwrap(), threads_cpu_time(ours).unwrap());
        let enough = Duration::from_millis(50);
        while cpu_time(ours).unwrap() < coarse + enough {
            black_box((0..100_000).map(black_box).sum::<u64>());
        }
        // The threads of tests that ended meanwhile are in the one and not in the other.
        assert!(threads_cpu_time(ours).unwrap() != fine);
    }

    #[test]
    fn memory_that_is_written_to_is_counted() {
        let ours = std::process::id();
        let before = memory(ours).unwrap();
        let block = black_box(vec![1_u8; 64 << 20]);
        assert!(memory(ours).unwrap() > before + (32 << 20));
        drop(block);
        assert!(peak_memory(ours).unwrap() > before + (32 << 20));
    }

    #[test]
    fn a_process_that_is_not_there_is_named() {
        let error = memory(u32::MAX).unwrap_err();
        assert_eq!(error.to_string(), "cannot read /proc/4294967295/status");
    }
}
