//! The table at the end.

use std::fmt;
use std::time::Duration;

use anyhow::Result;

use super::judge::Wrong;

/// How one fault went.
#[derive(Debug, Clone)]
pub struct Row {
    fault: &'static str,
    pub(super) calls: u32,
    /// From the fault's end until the way was whole, each channel had a task, and each task a channel.
    pub(super) recovery: Option<Duration>,
    pub(super) lost: Vec<(String, Wrong)>,
    pub(super) channels: usize,
    pub(super) bridges: usize,
    pub(super) stuck: usize,
    pub(super) knocked: usize,
    pub(super) dials: u32,
    /// What went wrong otherwise.
    complaints: Vec<String>,
}

impl Row {
    pub(super) fn new(fault: &'static str) -> Self {
        Self {
            fault,
            calls: 0,
            recovery: None,
            lost: Vec::new(),
            channels: 0,
            bridges: 0,
            stuck: 0,
            knocked: 0,
            dials: 0,
            complaints: Vec::new(),
        }
    }

    /// Notes what went wrong, if it did.
    pub(super) fn note(&mut self, when: &str, result: Result<()>) {
        if let Err(error) = result {
            self.complaints.push(format!("{when}: {error:#}"));
        }
    }

    fn leaks(&self) -> usize {
        self.channels + self.bridges + self.stuck
    }

    /// Whether nothing at all went wrong.
    fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.leaks() == 0 && self.complaints.is_empty()
    }

    /// The heads of the columns.
    #[must_use]
    pub fn head() -> String {
        format!(
            "{:<34}{:>6}{:>10}{:>6}{:>10}{:>9}{:>7}{:>9}{:>7}",
            "fault", "calls", "recovery", "lost", "channels", "bridges", "stuck", "knocked", "dials"
        )
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recovery = self
            .recovery
            .map_or("never".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()));
        write!(
            f,
            "{:<34}{:>6}{:>10}{:>6}{:>10}{:>9}{:>7}{:>9}{:>7}",
            self.fault,
            self.calls,
            recovery,
            self.lost.len(),
            self.channels,
            self.bridges,
            self.stuck,
            self.knocked,
            self.dials
        )?;
        for (channel, wrong) in &self.lost {
            let how = match wrong {
                Wrong::NoTask => "lives and has no task",
                Wrong::NotTold => "is gone, and its task was not told",
            };
            write!(f, "\n    lost: channel {channel} {how}")?;
        }
        self.complaints
            .iter()
            .try_for_each(|complaint| write!(f, "\n    {complaint}"))
    }
}

/// How all faults went.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub(super) rows: Vec<Row>,
}

impl Report {
    /// Whether no call was lost, nothing was left behind, and nothing else went wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(Row::is_clean)
    }

    /// How many faults there were.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.rows.len()
    }
}

/// The last line: what it comes to.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost: usize = self.rows.iter().map(|row| row.lost.len()).sum();
        let leaks: usize = self.rows.iter().map(Row::leaks).sum();
        let complaints: usize = self.rows.iter().map(|row| row.complaints.len()).sum();
        if complaints > 0 {
            writeln!(f, "chaos: {complaints} complaints")?;
        }
        write!(
            f,
            "chaos: {} faults, {lost} calls lost, {leaks} leaks",
            self.faults()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(row: Row) -> Report {
        Report { rows: vec![row] }
    }

    #[test]
    fn nothing_that_goes_wrong_leaves_the_report_clean() {
        let clean = Row::new("x");
        assert!(of(clean.clone()).is_clean());
        assert_eq!(
            of(clean.clone()).to_string(),
            "chaos: 1 faults, 0 calls lost, 0 leaks"
        );
        let changes: [fn(&mut Row); 5] = [
            |row| row.lost.push(("a".into(), Wrong::NoTask)),
            |row| row.channels = 1,
            |row| row.bridges = 1,
            |row| row.stuck = 1,
            |row| row.note("then", Err(anyhow::anyhow!("no"))),
        ];
        for change in changes {
            let mut row = clean.clone();
            change(&mut row);
            assert!(!of(row.clone()).is_clean(), "{row}");
        }
        assert!(!Report::default().is_clean(), "nothing was tried");
    }

    #[test]
    fn what_is_lost_and_left_is_counted_and_named() {
        let mut row = Row::new("x");
        row.lost.push(("a".into(), Wrong::NotTold));
        (row.channels, row.bridges, row.stuck) = (1, 2, 3);
        assert_eq!(
            of(row.clone()).to_string(),
            "chaos: 1 faults, 1 calls lost, 6 leaks"
        );
        assert!(
            row.to_string()
                .contains("channel a is gone, and its task was not told")
        );
    }
}
