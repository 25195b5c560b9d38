//! What a load cost, in words and figures.

use std::fmt;
use std::time::Duration;

use super::{Account, Plan};
use crate::sipp::Counts;

/// What came of calls at a steady rate.
#[derive(Debug, Clone)]
pub struct Load {
    pub(super) plan: Plan,
    pub(super) counts: Counts,
    pub(super) account: Account,
    pub(super) took: Duration,
    /// The processor time of the application, and of Asterisk.
    pub(super) application: Duration,
    pub(super) asterisk: Duration,
    pub(super) peak_memory: u64,
}

/// What came of calls that were all there at once.
#[derive(Debug, Clone)]
pub struct Held {
    pub(super) calls: u32,
    /// Calls that came before, to warm up.
    pub(super) first: u32,
    pub(super) counts: Counts,
    pub(super) account: Account,
    /// The application's memory in bytes, before the calls and with them.
    pub(super) before: u64,
    pub(super) after: u64,
}

impl Load {
    /// How many calls did not go as they should, for the callers or for the application.
    #[must_use]
    pub fn failed(&self) -> u32 {
        failed(self.plan.calls, self.counts.ok, self.account.ok)
    }
}

impl Held {
    /// How many calls did not go as they should, for the callers or for the application.
    #[must_use]
    pub fn failed(&self) -> u32 {
        failed(
            self.calls,
            self.counts.ok,
            self.account.ok.saturating_sub(self.first),
        )
    }

    /// How many bytes the application's memory grew by for each call.
    #[must_use]
    pub fn bytes_per_call(&self) -> u64 {
        self.after.saturating_sub(self.before) / u64::from(self.calls)
    }
}

/// A call that went well for one side only has failed.
fn failed(calls: u32, callers: u32, application: u32) -> u32 {
    calls.saturating_sub(callers.min(application))
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            duty, calls, rate, ..
        } = self.plan;
        let each = |time: Duration| format!("{:.3} ms per call", milliseconds(time) / f64::from(calls));
        let took = self.took.as_secs_f64();
        let duty = duty.name();
        line(
            f,
            "calls",
            &format!("{calls} at {rate}/s ({duty}), over in {took:.1} s"),
        )?;
        failures(f, self.counts, &self.account)?;
        if let Some(answered) = &self.account.answered {
            let (p50, p99) = (milliseconds(answered.p50), milliseconds(answered.p99));
            line(
                f,
                "StasisStart to answered",
                &format!("p50 {p50:.1} ms, p99 {p99:.1} ms"),
            )?;
        }
        line(f, "CPU of the application", &each(self.application))?;
        line(f, "CPU of Asterisk", &each(self.asterisk))?;
        line(f, "peak memory of the application", &mebibytes(self.peak_memory))?;
        let (failed, cpu) = (self.failed(), each(self.application));
        write!(f, "load: {calls} calls, {failed} failed, application CPU {cpu}")
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.calls;
        line(f, "calls", &format!("{calls}, held and idle"))?;
        failures(f, self.counts, &self.account)?;
        let (before, after) = (mebibytes(self.before), mebibytes(self.after));
        line(
            f,
            "memory of the application",
            &format!("{before} before, {after} with them"),
        )?;
        let (failed, bytes) = (self.failed(), self.bytes_per_call());
        write!(
            f,
            "load: {calls} calls held, {failed} failed, {bytes} bytes of application memory per call"
        )
    }
}

fn failures(f: &mut fmt::Formatter<'_>, counts: Counts, account: &Account) -> fmt::Result {
    let (callers, application) = (counts.failed, account.failed);
    line(
        f,
        "failed",
        &format!("{callers} for the callers, {application} for the application"),
    )?;
    match &account.first_failure {
        Some(failure) => line(f, "the first failure", failure),
        None => Ok(()),
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    writeln!(f, "{name:32}{value}")
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Duty, Spread};

    fn load(callers: u32, application: u32) -> Load {
        Load {
            plan: Plan {
                duty: Duty::Answer,
                calls: 100,
                rate: 50,
                patience: Duration::from_secs(1),
            },
            counts: Counts {
                ok: callers,
                failed: 100 - callers,
                current: 0,
            },
            account: Account {
                ok: application,
                failed: 100 - application,
                first_failure: (application < 100).then(|| "Call(1 to 1000): gone".to_owned()),
                answered: Some(Spread {
                    p50: Duration::from_millis(2),
                    p99: Duration::from_micros(7500),
                }),
            },
            took: Duration::from_secs(2),
            application: Duration::from_millis(31),
            asterisk: Duration::from_millis(400),
            peak_memory: 6 << 20,
        }
    }

    #[test]
    fn a_call_must_go_well_for_both_sides() {
        assert_eq!(load(100, 100).failed(), 0);
        assert_eq!(load(97, 100).failed(), 3);
        assert_eq!(load(100, 98).failed(), 2);
    }

    #[test]
    fn the_figures_are_per_call_and_the_last_line_sums_up() {
        let text = load(100, 98).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "calls                           100 at 50/s (answer), over in 2.0 s",
                "failed                          0 for the callers, 2 for the application",
                "the first failure               Call(1 to 1000): gone",
                "StasisStart to answered         p50 2.0 ms, p99 7.5 ms",
                "CPU of the application          0.310 ms per call",
                "CPU of Asterisk                 4.000 ms per call",
                "peak memory of the application  6.0 MiB",
                "load: 100 calls, 2 failed, application CPU 0.310 ms per call",
            ]
        );
    }

    #[test]
    fn what_came_before_is_not_counted_as_held() {
        let Load { counts, account, .. } = load(100, 100);
        let held = Held {
            calls: 100,
            first: 10,
            counts,
            account,
            before: 1_000_000,
            after: 1_500_000,
        };
        assert_eq!((held.failed(), held.bytes_per_call()), (10, 5_000));
        assert!(
            held.to_string()
                .ends_with("load: 100 calls held, 10 failed, 5000 bytes of application memory per call")
        );
    }
}
