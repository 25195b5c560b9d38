//! What is wrong, or missing and not explained.

use super::{Line, Report, Sightings};
use crate::coverage::ledger::{Row, Side};

impl Report {
    /// Notes it.
    pub(super) fn complain(&mut self) {
        let operations = self.operations.iter().flat_map(Line::complaints);
        let events = self.events.iter().flat_map(|(name, seen)| {
            let complaints = seen.complaints().into_iter();
            complaints.map(move |complaint| format!("{name}: {complaint}"))
        });
        let complaints: Vec<_> = operations.chain(events).collect();
        self.complaints.extend(complaints);
    }
}

impl Line {
    fn complaints(&self) -> Vec<String> {
        let success = self.judged(|row| &row.success, false);
        let failure = self.judged(|row| &row.failure, self.never_fails().is_some());
        let name = &self.operation.name;
        let success = success.into_iter().map(|what| format!("{name} success: {what}"));
        let failure = failure.into_iter().map(|what| format!("{name} failure: {what}"));
        success.chain(failure).collect()
    }

    /// What is wrong with a side, given whether it may be missing.
    fn judged(&self, side: fn(&Row) -> &Side, may_be_missing: bool) -> Vec<String> {
        let seen = side(&self.row).status.is_some();
        let told = match &self.absent {
            Some(_) if seen => Some("said to be absent, and it was seen"),
            Some(absent) if may_be_missing || absent.is_covered(side) => None,
            Some(_) => Some("not seen on the fake either"),
            None if seen || may_be_missing => None,
            None => Some("not seen, and nobody says why"),
        };
        let fake = self.absent.as_ref().and_then(|absent| absent.fake.as_ref());
        let rows = [Some(&self.row), fake].into_iter().flatten();
        let problems = rows.flat_map(|row| side(row).problems.clone());
        problems.chain(told.map(str::to_owned)).collect()
    }
}

impl Sightings {
    fn complaints(&self) -> Vec<String> {
        let seen = self.whole > 0 || !self.problems.is_empty();
        let told = match (seen, self.absent) {
            (true, true) => Some("said to be absent, and it was seen"),
            (false, false) => Some("not seen, and nobody says why"),
            _ => None,
        };
        let problems = self.problems.iter().cloned();
        problems.chain(told.map(str::to_owned)).collect()
    }
}
