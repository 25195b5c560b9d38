//! The table of what was seen, and the three numbers under it.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use super::absent;
use super::facts::{Facts, Operation};
use super::ledger::{Ledger, Row, Side};
use super::typed::checked;

/// What has to be covered at least: all that is known to be possible.
const LEAST_OPERATIONS: usize = 104;
const LEAST_EVENTS: usize = 42;

/// What was seen of one event type.
#[derive(Debug, Default)]
struct Sightings {
    whole: usize,
    problems: Vec<String>,
}

/// What was covered; prints as the table.
#[derive(Debug)]
pub struct Report {
    operations: Vec<(Operation, Row)>,
    events: BTreeMap<String, Sightings>,
    /// What is absent there, seen on the fake.
    on_fake: Ledger,
    complaints: Vec<String>,
}

impl Report {
    pub(super) fn new(facts: &Facts, ledger: &Ledger, frames: &[Bytes], on_fake: Ledger) -> Self {
        let row = |operation: &Operation| ledger.rows.get(&*operation.name).cloned().unwrap_or_default();
        let mut report = Self {
            operations: facts
                .operations
                .iter()
                .map(|one| (one.clone(), row(one)))
                .collect(),
            events: facts
                .events
                .iter()
                .map(|name| (name.clone(), Sightings::default()))
                .collect(),
            complaints: ledger.broken.iter().chain(&on_fake.broken).cloned().collect(),
            on_fake,
        };
        report.look_at(frames);
        report.complain();
        report.complain_of_fake();
        report
    }

    /// How many operations succeeded, how many failed as they say, and how many events came; each whole.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |side: fn(&Row) -> &Side| {
            self.operations
                .iter()
                .filter(|(_, row)| side(row).is_covered())
                .count()
        };
        let seen = self.events.values().filter(|seen| seen.is_covered()).count();
        (count(|row| &row.success), count(|row| &row.failure), seen)
    }

    /// Whether all is covered that can be, and the rest is explained.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let (successes, failures, events) = self.counts();
        let enough = successes.min(failures) >= LEAST_OPERATIONS && events >= LEAST_EVENTS;
        enough && self.complaints.is_empty()
    }

    fn look_at(&mut self, frames: &[Bytes]) {
        for (kind, judged) in frames.iter().map(checked) {
            let Some(seen) = self.events.get_mut(&kind) else {
                self.complaints
                    .push(format!("{kind}: no event of the specification"));
                continue;
            };
            match judged.map_err(|error| error.to_string()) {
                Ok(()) => seen.whole += 1,
                Err(problem) if seen.problems.contains(&problem) => {}
                Err(problem) => seen.problems.push(problem),
            }
        }
    }

    /// Notes what is missing or wrong and not explained.
    fn complain(&mut self) {
        let mut complaints = Vec::new();
        for (operation, row) in &self.operations {
            for (which, side) in [("success", &row.success), ("failure", &row.failure)] {
                complaints.extend(
                    side.complaint()
                        .map(|what| format!("{} {which}: {what}", operation.name)),
                );
                complaints.extend(
                    unexplained(&operation.name, side.status.is_some())
                        .map(|what| format!("{what} ({which})")),
                );
            }
        }
        for (name, seen) in &self.events {
            complaints.extend(seen.problems.iter().map(|problem| format!("{name}: {problem}")));
            complaints.extend(unexplained(name, seen.whole + seen.problems.len() > 0));
        }
        let known = |name: &&str| {
            self.events.contains_key(*name) || self.operations.iter().any(|(one, _)| one.name == *name)
        };
        let strangers = absent::names().filter(|name| !known(name));
        complaints.extend(strangers.map(|name| format!("{name}: explained, and there is no such thing")));
        self.complaints.extend(complaints);
    }

    /// Notes what is absent and not covered on the fake either.
    fn complain_of_fake(&mut self) {
        let absent = |(operation, _): &&(Operation, Row)| absent::reason(&operation.name).is_some();
        for (operation, _) in self.operations.iter().filter(absent) {
            let name = &*operation.name;
            let row = self.on_fake.rows.get(name).cloned().unwrap_or_default();
            let fails = row.failure.is_covered() || absent::never_fails(name).is_some();
            if !row.success.is_covered() || !fails {
                self.complaints.push(format!("{name}: not covered on the fake"));
            }
        }
    }
}

/// What is to be said of `name`, given whether it was seen.
fn unexplained(name: &str, seen: bool) -> Option<String> {
    match (seen, absent::reason(name)) {
        (true, None) | (false, Some(_)) => None,
        (true, Some(_)) => Some(format!("{name}: explained as absent, and it was seen")),
        (false, None) => Some(format!("{name}: not seen, and nobody says why")),
    }
}

impl Side {
    fn complaint(&self) -> Option<String> {
        (!self.problems.is_empty()).then(|| self.problems.join("; "))
    }
}

impl Sightings {
    fn is_covered(&self) -> bool {
        self.whole > 0 && self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<34}{:<11}{:<11}request", "operation", "success", "failure")?;
        for (operation, row) in &self.operations {
            let auth = operation.failures.is_empty();
            let (success, failure) = (cell(&row.success, false), cell(&row.failure, auth));
            writeln!(
                f,
                "{:<34}{success:<11}{failure:<11}{}",
                operation.name, operation.request
            )?;
        }
        writeln!(f, "\n{:<34}seen", "event")?;
        for (name, seen) in &self.events {
            writeln!(f, "{name:<34}{}", seen.whole)?;
        }
        writeln!(f)?;
        for name in absent::names() {
            writeln!(f, "absent: {name}: {}", absent::reason(name).unwrap_or_default())?;
        }
        for (name, row) in &self.on_fake.rows {
            let failure = absent::never_fails(name).unwrap_or_default();
            let statuses = [&row.success, &row.failure].map(|side| cell(side, false));
            writeln!(f, "on the fake: {name}: {} {failure}", statuses.join(" "))?;
        }
        for complaint in &self.complaints {
            writeln!(f, "wrong: {complaint}")?;
        }
        let (successes, failures, seen) = self.counts();
        let (operations, events) = (self.operations.len(), self.events.len());
        write!(
            f,
            "operations {successes}/{operations} errors {failures}/{operations} events {seen}/{events}"
        )
    }
}

/// The status that was seen; `auth` where a wrong password was the only way to fail.
fn cell(side: &Side, auth: bool) -> String {
    match side.status {
        None => "-".to_owned(),
        Some(status) if auth => format!("{status} auth"),
        Some(status) => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Answer;

    fn report(change: impl FnOnce(&mut Ledger)) -> Report {
        let facts = Facts::read().unwrap();
        let mut ledger = Ledger::default();
        change(&mut ledger);
        let frame = r#"{"type":"ApplicationReplaced","application":"a","timestamp":"t"}"#;
        Report::new(&facts, &ledger, &[frame.into()], Ledger::default())
    }

    fn answer(status: u16) -> Answer {
        Answer {
            status: http::StatusCode::from_u16(status).unwrap(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn only_what_was_seen_is_counted() {
        let report = report(|ledger| {
            ledger.succeeded("channels.list", &answer(200), Vec::new());
            ledger.failed("channels.list", &answer(401), Vec::new());
            ledger.succeeded("bridges.list", &answer(200), vec![".x is lost: 1".to_owned()]);
        });
        assert_eq!(report.counts(), (1, 1, 1));
        assert!(!report.is_complete());
        let text = report.to_string();
        let says = |line: &str| {
            assert!(
                text.lines().any(|said| said == line),
                "no line `{line}` in {text}"
            );
        };
        says("channels.list                     200        401 auth   GET /channels");
        says("ApplicationReplaced               1");
        says("wrong: bridges.list success: .x is lost: 1");
        says("wrong: channels.get: not seen, and nobody says why (failure)");
        says("wrong: StasisStart: not seen, and nobody says why");
        assert_eq!(
            text.lines().last(),
            Some("operations 1/108 errors 1/108 events 1/45")
        );
        says("wrong: mailboxes.get: not covered on the fake");
    }

    #[test]
    fn what_is_seen_and_explained_as_absent_is_wrong() {
        let text = report(|ledger| ledger.succeeded("mailboxes.list", &answer(200), Vec::new())).to_string();
        assert!(
            text.contains("wrong: mailboxes.list: explained as absent, and it was seen (success)"),
            "{text}"
        );
    }
}
