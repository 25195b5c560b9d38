//! What one version of the interface has that another has not, and what that breaks.
//!
//! Compared is what fixups made of both specifications, so that the names are those of the bindings.

mod enums;
mod models;
mod operations;
mod params;
mod report;
#[cfg(test)]
mod tests;
mod types;

use crate::error::Result;
use crate::ir::Interface;
use crate::swagger::Spec;

/// The differences between two specifications; `Display` is a report of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    old: String,
    new: String,
    changes: Vec<Change>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Change {
    /// Whom it concerns.
    pub effect: Effect,
    /// What kind of thing is concerned.
    pub topic: Topic,
    /// What became of it.
    pub verb: Verb,
    /// Which thing: `channels.originate`, `channels.originate timeout`, `Channel.state`.
    pub item: String,
    /// How it is now, in a few words.
    pub detail: String,
}

/// Whom a difference concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Effect {
    /// Programs with the old bindings, as they run: a request is no longer accepted as it was, a reply or an event
    /// no longer decodes or no longer comes.
    BreaksWire,
    /// Programs that are compiled with the new bindings: a type, an argument or a name is another one.
    BreaksRust,
    /// Nobody who does not want it: there is more than before.
    Adds,
    /// What a server does is told otherwise, and nothing breaks: defaults and error statuses.
    Tells,
}

/// What kind of thing a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Topic {
    /// An operation: its name, method or path.
    Operation,
    /// A parameter of an operation.
    Parameter,
    /// What a parameter is where none is given.
    Default,
    /// The reply of an operation.
    Reply,
    /// An error status of an operation.
    Status,
    /// An event.
    Event,
    /// A model that is no event.
    Model,
    /// A property of a model or an event.
    Property,
    /// A value of an enumeration.
    Value,
}

/// What became of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// It is no more.
    Removed,
    /// It is another.
    Changed,
    /// It is new.
    Added,
}

/// The differences that `new` makes for those who know `old`.
///
/// # Errors
/// A specification that could not be generated from.
pub fn diff(old: &Spec, new: &Spec) -> Result<Diff> {
    let (old, new) = (crate::interface(old)?, crate::interface(new)?);
    let mut notes = Notes::default();
    operations::compare(&old, &new, &mut notes);
    models::compare(&old, &new, &mut notes);
    enums::compare(&old, &new, &mut notes);
    let mut changes = notes.0;
    changes.sort();
    Ok(Diff {
        old: old.version,
        new: new.version,
        changes,
    })
}

impl Diff {
    /// All differences, sorted by what they break, by kind and by name.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether programs with the old bindings may fail on the new server.
    #[must_use]
    pub fn breaks_wire(&self) -> bool {
        self.changes
            .iter()
            .any(|change| change.effect == Effect::BreaksWire)
    }
}

/// The differences found so far.
#[derive(Debug, Default)]
struct Notes(Vec<Change>);

impl Notes {
    fn add(
        &mut self,
        effect: Effect,
        (topic, verb): (Topic, Verb),
        item: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.0.push(Change {
            effect,
            topic,
            verb,
            item: item.into(),
            detail: detail.into(),
        });
    }
}

/// What is compared, of two versions of one thing.
struct Both<'i, T> {
    old: &'i T,
    new: &'i T,
}

// Derived, these would ask the same of the thing itself.
impl<T> Clone for Both<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Both<'_, T> {}

/// Pairs what has the same key, and leaves what only one side has: `(removed, both, added)`.
fn paired<'i, T, K: PartialEq>(
    old: impl IntoIterator<Item = &'i T>,
    new: impl IntoIterator<Item = &'i T>,
    key: impl Fn(&'i T) -> K,
) -> (Vec<&'i T>, Vec<Both<'i, T>>, Vec<&'i T>) {
    let (mut removed, mut both) = (Vec::new(), Vec::new());
    let mut added: Vec<_> = new.into_iter().collect();
    for old in old {
        match added.iter().position(|new| key(new) == key(old)) {
            Some(at) => both.push(Both {
                old,
                new: added.remove(at),
            }),
            None => removed.push(old),
        }
    }
    (removed, both, added)
}

/// The two interfaces, for looking up what a name stands for.
type Interfaces<'i> = Both<'i, Interface>;
