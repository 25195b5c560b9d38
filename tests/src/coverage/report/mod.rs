//! What was seen, counted; prints as a table with three numbers under it.

mod complaints;
mod table;

use std::collections::BTreeMap;

use bytes::Bytes;

use super::facts::{Facts, Operation};
use super::lacks;
use super::ledger::{Ledger, Row, Side};
use super::typed::checked;

/// Operations that name a failure and have none, each with the reason.
const NEVER_FAILS: [(&str, &str); 1] = [(
    "mailboxes.update",
    "it names 404, and Asterisk's source makes the mailbox where there is none",
)];

/// What was covered.
#[derive(Debug)]
pub struct Report {
    operations: Vec<Line>,
    events: BTreeMap<String, Sightings>,
    complaints: Vec<String>,
}

/// What was seen of one operation.
#[derive(Debug)]
struct Line {
    operation: Operation,
    row: Row,
    absent: Option<Absent>,
}

/// An operation that this Asterisk does not have.
#[derive(Debug)]
struct Absent {
    why: String,
    /// What the fake answers, which has to stand in unless the operation is of a newer interface.
    fake: Option<Row>,
}

/// What was seen of one event type.
#[derive(Debug, Default)]
struct Sightings {
    /// Not in this Asterisk's interface.
    absent: bool,
    whole: usize,
    problems: Vec<String>,
}

impl Report {
    /// Counts what the ledgers and the frames hold.
    pub(super) fn new(facts: &Facts, ledger: &Ledger, on_fake: &Ledger, frames: &[Bytes]) -> Self {
        let line = |operation: &Operation| Line::new(operation, ledger, on_fake);
        let nothing = |name: &String| (name.clone(), Sightings::none(ledger.lacks.event(name)));
        let mut report = Self {
            operations: facts.operations.iter().map(line).collect(),
            events: facts.events.iter().map(nothing).collect(),
            complaints: [&ledger.broken[..], &on_fake.broken[..]].concat(),
        };
        report.look_at(frames);
        report.complain();
        report
    }

    /// How many operations succeeded, how many failed as they say, and how many events came; each whole.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |side: fn(&Row) -> &Side| {
            let lines = self.operations.iter();
            lines.filter(|line| side(&line.row).is_covered()).count()
        };
        let seen = self.events.values().filter(|seen| seen.is_covered()).count();
        (count(|row| &row.success), count(|row| &row.failure), seen)
    }

    /// Whether all is covered that this Asterisk has: what was not seen, and is not explained, is a complaint.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complaints.is_empty()
    }

    /// What is wrong, or missing without an explanation: a line for each.
    #[must_use]
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    fn look_at(&mut self, frames: &[Bytes]) {
        for (kind, judged) in frames.iter().map(checked) {
            let Some(seen) = self.events.get_mut(&kind) else {
                let complaint = format!("{kind}: no event of the specification");
                self.complaints.push(complaint);
                continue;
            };
            match judged.map_err(|error| error.to_string()) {
                Ok(()) => seen.whole += 1,
                Err(problem) if seen.problems.contains(&problem) => {}
                Err(problem) => seen.problems.push(problem),
            }
        }
    }
}

impl Line {
    fn new(operation: &Operation, ledger: &Ledger, on_fake: &Ledger) -> Self {
        let name = &*operation.name;
        let row = |ledger: &Ledger| ledger.rows.get(name).cloned().unwrap_or_default();
        let absent = if ledger.lacks.operation(name) {
            let why = lacks::WHY.to_owned();
            Some(Absent { why, fake: None })
        } else {
            let why = ledger.absent.get(name).cloned();
            let fake = Some(row(on_fake));
            why.map(|why| Absent { why, fake })
        };
        Self {
            operation: operation.clone(),
            row: row(ledger),
            absent,
        }
    }

    /// Whether a wrong password is the only way to make it fail.
    fn fails_by_password(&self) -> bool {
        self.operation.failures.is_empty()
    }

    /// Why it cannot be made to fail, where that is known.
    fn never_fails(&self) -> Option<&'static str> {
        let name = &*self.operation.name;
        let found = NEVER_FAILS.iter().find(|(known, _)| *known == name);
        found.map(|(_, why)| *why)
    }
}

impl Absent {
    /// Whether nothing is asked of the fake, or it has it.
    fn is_covered(&self, side: fn(&Row) -> &Side) -> bool {
        self.fake.as_ref().is_none_or(|row| side(row).is_covered())
    }
}

impl Sightings {
    fn none(absent: bool) -> Self {
        let nothing = Self::default();
        Self { absent, ..nothing }
    }

    fn is_covered(&self) -> bool {
        self.whole > 0 && self.problems.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::lacks::Lacks;
    use crate::http::Answer;

    fn report(on_asterisk: impl FnOnce(&mut Ledger), on_fake: impl FnOnce(&mut Ledger)) -> Report {
        let facts = Facts::read().unwrap();
        let mut ledgers = [Ledger::default(), Ledger::default()];
        on_asterisk(&mut ledgers[0]);
        on_fake(&mut ledgers[1]);
        let frame = r#"{"type":"ApplicationReplaced","application":"a","timestamp":"t"}"#;
        Report::new(&facts, &ledgers[0], &ledgers[1], &[frame.into()])
    }

    fn answer(status: u16) -> Answer {
        Answer {
            status: http::StatusCode::from_u16(status).unwrap(),
            body: Bytes::new(),
        }
    }

    fn says(report: &Report, line: &str) -> bool {
        report.to_string().lines().any(|said| said == line)
    }

    #[test]
    fn only_what_was_seen_whole_is_counted() {
        let lost = || vec![".x is lost: 1".to_owned()];
        let report = report(
            |ledger| {
                ledger.succeeded("channels.list", &answer(200), Vec::new());
                ledger.failed("channels.list", &answer(401), Vec::new());
                ledger.succeeded("bridges.list", &answer(200), lost());
            },
            |_| (),
        );
        assert_eq!(report.counts(), (1, 1, 1));
        assert!(!report.is_complete());
        for line in [
            "channels.list                     200        401 auth   GET /channels",
            "ApplicationReplaced               1",
            "wrong: bridges.list success: .x is lost: 1",
            "wrong: channels.get failure: not seen, and nobody says why",
            "wrong: StasisStart: not seen, and nobody says why",
        ] {
            assert!(says(&report, line), "no line `{line}` in {report}");
        }
        let text = report.to_string();
        assert_eq!(
            text.lines().last(),
            Some("operations 1/108 errors 1/108 events 1/45")
        );
    }

    #[test]
    fn what_is_absent_is_explained_and_covered_on_the_fake() {
        let why = || "no such module".to_owned();
        let report = report(
            |ledger| {
                ledger.absent.insert("mailboxes.get", why());
                ledger.absent.insert("mailboxes.update", why());
                ledger.absent.insert("mailboxes.list", why());
            },
            |fake| {
                fake.succeeded("mailboxes.get", &answer(200), Vec::new());
                fake.failed("mailboxes.get", &answer(404), Vec::new());
                fake.succeeded("mailboxes.update", &answer(204), Vec::new());
            },
        );
        assert_eq!(report.counts(), (0, 0, 1), "the fake counts for nothing");
        for line in [
            "absent: mailboxes.get: no such module; on the fake 200, 404",
            "absent: mailboxes.update: no such module; on the fake 204, -",
            "wrong: mailboxes.list success: not seen on the fake either",
        ] {
            assert!(says(&report, line), "no line `{line}` in {report}");
        }
        let text = report.to_string();
        assert!(!text.contains("wrong: mailboxes.get"), "{text}");
        assert!(!text.contains("wrong: mailboxes.update"), "{text}");
    }

    #[test]
    fn what_is_not_in_the_interface_is_explained_for_operations_and_events() {
        let lacks = Lacks::of_names(["channels.progress"], ["ChannelTransfer", "ApplicationReplaced"]);
        let report = report(|ledger| ledger.lacks = lacks, |_| ());
        for line in [
            "absent: channels.progress: not in this Asterisk's interface",
            "absent: ChannelTransfer: not in this Asterisk's interface",
            "wrong: ApplicationReplaced: said to be absent, and it was seen",
        ] {
            assert!(says(&report, line), "no line `{line}` in {report}");
        }
        let text = report.to_string();
        assert!(!text.contains("wrong: channels.progress"), "{text}");
        assert!(!text.contains("wrong: ChannelTransfer"), "{text}");
    }

    #[test]
    fn what_is_said_to_be_absent_and_was_seen_is_wrong() {
        let report = report(
            |ledger| {
                ledger.absent.insert("mailboxes.get", "no such module".to_owned());
                ledger.succeeded("mailboxes.get", &answer(200), Vec::new());
            },
            |_| (),
        );
        let line = "wrong: mailboxes.get success: said to be absent, and it was seen";
        assert!(says(&report, line), "{report}");
    }
}
