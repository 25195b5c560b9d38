//! The report in print.

use std::fmt;

use super::{Absent, Line, NEVER_FAILS, Report};
use crate::coverage::lacks::WHY;
use crate::coverage::ledger::Side;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.operations(f)?;
        self.events(f)?;
        self.remarks(f)?;
        let (successes, failures, seen) = self.counts();
        let (operations, events) = (self.operations.len(), self.events.len());
        write!(
            f,
            "operations {successes}/{operations} errors {failures}/{operations} events {seen}/{events}"
        )
    }
}

impl Report {
    fn operations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<34}{:<11}{:<11}request", "operation", "success", "failure")?;
        for line in &self.operations {
            let name = &line.operation.name;
            let success = status(&line.row.success);
            let failure = failure(line);
            let request = &line.operation.request;
            writeln!(f, "{name:<34}{success:<11}{failure:<11}{request}")?;
        }
        writeln!(f)
    }

    fn events(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<34}seen", "event")?;
        for (name, seen) in &self.events {
            writeln!(f, "{name:<34}{}", seen.whole)?;
        }
        writeln!(f)
    }

    fn remarks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.operations {
            let name = &line.operation.name;
            let Some(Absent { why, fake }) = &line.absent else {
                continue;
            };
            write!(f, "absent: {name}: {why}")?;
            if let Some(fake) = fake {
                let (success, failure) = (status(&fake.success), status(&fake.failure));
                write!(f, "; on the fake {success}, {failure}")?;
            }
            writeln!(f)?;
        }
        for (name, _) in self.events.iter().filter(|(_, seen)| seen.absent) {
            writeln!(f, "absent: {name}: {WHY}")?;
        }
        for (name, why) in NEVER_FAILS {
            writeln!(f, "never fails: {name}: {why}")?;
        }
        for complaint in &self.complaints {
            writeln!(f, "wrong: {complaint}")?;
        }
        Ok(())
    }
}

/// How the operation failed; `auth` where a wrong password was the only way.
fn failure(line: &Line) -> String {
    let side = &line.row.failure;
    let auth = side.status.is_some() && line.fails_by_password();
    status(side) + if auth { " auth" } else { "" }
}

fn status(side: &Side) -> String {
    side.status.map_or("-".to_owned(), |status| status.to_string())
}
