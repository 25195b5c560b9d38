//! What an older Asterisk does not have: what is in the committed specification and not in the one that it ships.

use std::collections::BTreeSet;

use anyhow::Result;

use super::facts::Facts;
use crate::install::Installation;

/// Why an operation or an event of the specification cannot be seen.
pub(super) const WHY: &str = "not in this Asterisk's interface";

/// Operations and events that one Asterisk lacks, by name.
#[derive(Debug, Default, Clone)]
pub(super) struct Lacks {
    operations: BTreeSet<String>,
    events: BTreeSet<String>,
}

/// Ends a step that needs what this Asterisk does not have. It is no fault: the report tells of it.
#[derive(Debug)]
pub(super) struct NotOffered(pub(super) String);

impl std::fmt::Display for NotOffered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {WHY}", self.0)
    }
}

impl std::error::Error for NotOffered {}

impl Lacks {
    /// Compares the specification that the installation ships; one that ships none is taken for a new one.
    pub(super) fn of(installation: &Installation) -> Result<Self> {
        match installation.swagger() {
            Some(folder) => Ok(Self::between(Facts::read()?, &Facts::shipped(&folder)?)),
            None => Ok(Self::default()),
        }
    }

    fn between(all: Facts, offered: &Facts) -> Self {
        let names = all.operations.into_iter().map(|operation| operation.name);
        Self {
            operations: names.filter(|name| offered.operation(name).is_err()).collect(),
            events: { all.events.into_iter() }
                .filter(|event| !offered.events.contains(event))
                .collect(),
        }
    }

    #[cfg(test)]
    pub(super) fn of_names<const O: usize, const E: usize>(operations: [&str; O], events: [&str; E]) -> Self {
        Self {
            operations: operations.map(str::to_owned).into(),
            events: events.map(str::to_owned).into(),
        }
    }

    pub(super) fn operation(&self, name: &str) -> bool {
        self.operations.contains(name)
    }

    pub(super) fn event(&self, name: &str) -> bool {
        self.events.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_offered_is_lacking() {
        let mut offered = Facts::read().unwrap();
        offered
            .operations
            .retain(|operation| operation.name != "channels.progress");
        offered.events.retain(|event| event != "ChannelTransfer");
        let lacks = Lacks::between(Facts::read().unwrap(), &offered);
        assert!(lacks.operation("channels.progress") && !lacks.operation("channels.ring"));
        assert!(lacks.event("ChannelTransfer") && !lacks.event("StasisStart"));
    }
}
