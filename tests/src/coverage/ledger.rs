//! What was seen of each operation, and what was wrong with it.

use std::collections::BTreeMap;

use super::corpus::Told;
use super::lacks::Lacks;
use crate::http::Answer;

/// One half of an operation's row: how it succeeded, or how it failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    /// The status that was seen first.
    pub(super) status: Option<u16>,
    /// What was not as it should be.
    pub(super) problems: Vec<String>,
}

impl Side {
    pub(super) fn is_covered(&self) -> bool {
        self.status.is_some() && self.problems.is_empty()
    }

    fn note(&mut self, status: u16, problems: impl IntoIterator<Item = String>) {
        self.status.get_or_insert(status);
        for problem in problems {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }
}

/// What was seen of one operation.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) success: Side,
    pub(super) failure: Side,
}

/// All that was seen.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// By the operation's name.
    pub(super) rows: BTreeMap<&'static str, Row>,
    /// Steps that did not come to their end, and why.
    pub(super) broken: Vec<String>,
    /// What is not in this Asterisk's interface.
    pub(super) lacks: Lacks,
    /// Operations that this Asterisk does not have though its interface has, and how that was seen.
    pub(super) absent: BTreeMap<&'static str, String>,
    /// A reply by operation and status, the longest of each.
    pub(super) replies: BTreeMap<(&'static str, u16), Answer>,
}

impl Ledger {
    /// The replies as they came.
    pub(super) fn replies(&self) -> Vec<Told> {
        let replies = self.replies.iter();
        replies
            .map(|((operation, status), reply)| (*operation, *status, reply.body.clone()))
            .collect()
    }

    pub(super) fn succeeded(&mut self, operation: &'static str, reply: &Answer, problems: Vec<String>) {
        let status = self.keep(operation, reply);
        self.rows
            .entry(operation)
            .or_default()
            .success
            .note(status, problems);
    }

    pub(super) fn failed(&mut self, operation: &'static str, reply: &Answer, problems: Vec<String>) {
        let status = self.keep(operation, reply);
        self.rows
            .entry(operation)
            .or_default()
            .failure
            .note(status, problems);
    }

    fn keep(&mut self, operation: &'static str, reply: &Answer) -> u16 {
        let status = reply.status.as_u16();
        let kept = self
            .replies
            .entry((operation, status))
            .or_insert_with(|| reply.clone());
        if kept.body.len() < reply.body.len() {
            *kept = reply.clone();
        }
        status
    }
}
