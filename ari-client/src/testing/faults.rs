//! Misbehaviour that a test asks for.

use std::time::Duration;

use super::api::Reply;
use super::requests::path_matches;

/// What to do with a request instead of carrying it out.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// Answer this.
    Answer(Reply),
    /// Close the connection, before the request is carried out.
    Drop,
    /// Carry it out, and close the connection without an answer.
    DropAnswer,
}

/// The misbehaviour to come.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) delay: Duration,
    once: Vec<(String, String, Fault)>,
}

impl Faults {
    pub(super) fn add(&mut self, method: &str, path: &str, fault: Fault) {
        self.once.push((method.to_owned(), path.to_owned(), fault));
    }

    /// Takes the first fault that is meant for a request.
    pub(super) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let meant = |(m, p, _): &(String, String, Fault)| m == method && path_matches(p, path);
        let at = self.once.iter().position(meant)?;
        Some(self.once.remove(at).2)
    }
}
