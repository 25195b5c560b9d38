//! What is wrong, or missing and not explained.

use super::{Line, Report, Sightings};
use crate::coverage::ledger::Side;

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
        let fake = self.absent.as_ref().map(|(_, row)| row);
        let success = judged(&self.row.success, fake.map(|row| &row.success), false);
        let fails = self.never_fails().is_none();
        let failure = judged(&self.row.failure, fake.map(|row| &row.failure), !fails);
        let name = &self.operation.name;
        let success = success.into_iter().map(|what| format!("{name} success: {what}"));
        let failure = failure.into_iter().map(|what| format!("{name} failure: {what}"));
        success.chain(failure).collect()
    }
}

/// What is wrong with a side, given the fake's where the operation is absent, and whether it may be missing.
fn judged(side: &Side, fake: Option<&Side>, may_be_missing: bool) -> Vec<String> {
    let told = match (side.status.is_some(), fake) {
        (true, Some(_)) => Some("said to be absent, and it was seen"),
        (false, Some(fake)) if fake.is_covered() => None,
        (false, _) if may_be_missing => None,
        (false, Some(_)) => Some("not seen on the fake either"),
        (false, None) => Some("not seen, and nobody says why"),
        (true, None) => None,
    };
    let on_fake = fake.into_iter().flat_map(|fake| &fake.problems);
    let problems = side.problems.iter().chain(on_fake).cloned();
    problems.chain(told.map(str::to_owned)).collect()
}

impl Sightings {
    fn complaints(&self) -> Vec<String> {
        if self.whole == 0 && self.problems.is_empty() {
            return vec!["not seen, and nobody says why".to_owned()];
        }
        self.problems.clone()
    }
}
