//! The report: what breaks first, then what is new.

use std::fmt;

use super::{Change, Diff, Effect, Topic, Verb};

/// All effects, in the order of the report, with their headings.
const EFFECTS: [(Effect, &str); 4] = [
    (Effect::BreaksWire, "Breaks on the wire"),
    (Effect::BreaksRust, "Breaks in the Rust API"),
    (Effect::Adds, "Additions"),
    (Effect::Tells, "Told otherwise, and breaking nothing"),
];

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "From Asterisk {} to {}", self.old, self.new)?;
        for (effect, heading) in EFFECTS {
            let changes: Vec<_> = self
                .changes
                .iter()
                .filter(|change| change.effect == effect)
                .collect();
            if changes.is_empty() {
                writeln!(f, "\n{heading}: none")?;
            } else {
                writeln!(f, "\n{heading}: {}", changes.len())?;
            }
            for group in changes.chunk_by(|a, b| (a.topic, a.verb) == (b.topic, b.verb)) {
                list(f, group)?;
            }
        }
        writeln!(f, "\n{}", self.summary())
    }
}

/// The changes of one kind, below their number.
fn list(f: &mut fmt::Formatter<'_>, group: &[&Change]) -> fmt::Result {
    if let [first, ..] = group {
        writeln!(
            f,
            "  {} {}: {}",
            topic(first.topic),
            verb(first.verb),
            group.len()
        )?;
    }
    for change in group {
        match change.detail.as_str() {
            "" => writeln!(f, "    {}", change.item)?,
            detail => writeln!(f, "    {}: {detail}", change.item)?,
        }
    }
    Ok(())
}

impl Diff {
    /// One line of numbers.
    fn summary(&self) -> String {
        let count =
            |wanted: &dyn Fn(&Change) -> bool| self.changes.iter().filter(|change| wanted(change)).count();
        let of = |topic, verb| count(&|change| (change.topic, change.verb) == (topic, verb));
        let parts = [Topic::Operation, Topic::Parameter, Topic::Event].map(|about| {
            let (added, removed) = (of(about, Verb::Added), of(about, Verb::Removed));
            format!("{} {added} added {removed} removed", topic(about))
        });
        let breaks = |effect| count(&|change| change.effect == effect);
        format!(
            "{}; breaks: {} on the wire, {} in the Rust API",
            parts.join(", "),
            breaks(Effect::BreaksWire),
            breaks(Effect::BreaksRust)
        )
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Operation => "operations",
        Topic::Parameter => "parameters",
        Topic::Default => "defaults",
        Topic::Reply => "replies",
        Topic::Status => "error statuses",
        Topic::Event => "events",
        Topic::Model => "models",
        Topic::Property => "properties",
        Topic::Value => "values of enumerations",
    }
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Removed => "removed",
        Verb::Changed => "changed",
        Verb::Added => "added",
    }
}
