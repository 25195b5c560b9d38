//! The application's own account of its calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What became of the calls, as the application saw them; it prints this as its last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Calls that went as they should.
    pub ok: u32,
    /// Calls that did not.
    pub failed: u32,
    /// Why the first of these did not.
    pub first_failure: Option<String>,
    /// The time from `StasisStart`, as Asterisk dates it, to the answer's confirmation. Asterisk counts whole
    /// milliseconds, rounded down.
    pub answered: Option<Spread>,
}

/// How times spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Half of them were no longer.
    pub p50: Duration,
    /// 99 of 100 were no longer.
    pub p99: Duration,
}

impl Spread {
    /// The spread of `times`, if there are any.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1));
        Some(Self {
            p50: *at(50)?,
            p99: *at(99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_by_rank() {
        let milliseconds = |times: std::ops::RangeInclusive<u64>| times.map(Duration::from_millis).collect();
        let spread = Spread::of(milliseconds(1..=200)).unwrap();
        assert_eq!(
            (spread.p50, spread.p99),
            (Duration::from_millis(100), Duration::from_millis(198))
        );
        let one = Spread::of(milliseconds(7..=7)).unwrap();
        assert_eq!(
            (one.p50, one.p99),
            (Duration::from_millis(7), Duration::from_millis(7))
        );
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
