//! Compares how long a short and a long input take.

use std::hint::black_box;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// How many times longer an input is than the one that it is compared with.
const LONGER: usize = 8;

/// How many times as long it may take: caches are in its way. A square would be 64.
const LIMIT: u32 = 5 * 8;

/// Reads `count` and [`LONGER`] times `count` of what `make` makes; panics where the time grows by more than [`LIMIT`].
pub(crate) fn grows_evenly<T>(what: &str, count: usize, make: impl Fn(usize) -> T, read: impl Fn(&T)) {
    let (short, long) = (make(count), make(count * LONGER));
    let mut times = Vec::new();
    // A machine that has other things to do spoils one try, not three.
    for _ in 0..3 {
        let (short, long) = (shortest(&read, &short), shortest(&read, &long));
        if long < short * LIMIT {
            return;
        }
        times.push((short, long));
    }
    panic!("{what}: {times:?}");
}

/// The shortest of several runs.
fn shortest<T>(read: &impl Fn(&T), input: &T) -> Duration {
    let run = || {
        let start = on_cpu();
        read(black_box(input));
        on_cpu().saturating_sub(start)
    };
    (0..3).map(|_| run()).min().unwrap_or_default()
}

/// How long this thread has had a processor; where the system does not tell, how long it has been there.
fn on_cpu() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    // Linux counts when a thread gives way.
    thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// `count` of what `item` makes, as the members of an array or an object.
pub(crate) fn many(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}
