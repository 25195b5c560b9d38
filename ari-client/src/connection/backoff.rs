//! How long to wait before the next try.

use std::time::Duration;

/// The wait before try number `attempt` (from 1): doubled each time from `first` up to `cap`, and spread over
/// its upper half, so that many clients do not come back at once.
pub(crate) fn wait(attempt: u32, first: Duration, cap: Duration) -> Duration {
    let doubled = first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    let longest = doubled.min(cap);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_the_cap_and_is_spread() {
        let (first, cap) = (Duration::from_millis(100), Duration::from_secs(1));
        for (attempt, longest) in [(1, 100), (2, 200), (3, 400), (5, 1_000), (u32::MAX, 1_000)] {
            let longest = Duration::from_millis(longest);
            let waits: Vec<_> = (0..100).map(|_| wait(attempt, first, cap)).collect();
            assert!(
                waits.iter().all(|wait| *wait >= longest / 2 && *wait <= longest),
                "{attempt}: {waits:?}"
            );
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
    }
}
