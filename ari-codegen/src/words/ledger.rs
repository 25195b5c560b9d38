//! What is said of nothing, and what nothing is said of.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// The disagreements between words and items.
#[derive(Debug, Default)]
pub(super) struct Ledger(Vec<String>);

impl Ledger {
    /// Takes the words for `key` out of `words`: whatever is left there in the end describes nothing.
    pub(super) fn take<T>(&mut self, words: &mut BTreeMap<String, T>, key: &str, at: &str) -> Option<T> {
        let taken = words.remove(key);
        if taken.is_none() {
            self.note(format!("{at}.{key} is missing"));
        }
        taken
    }

    /// Words that are not empty, as they are to be shown.
    pub(super) fn say(&mut self, words: Option<String>, at: &str) -> Option<String> {
        let words = words.map(|words| words.trim().to_owned());
        if words.as_ref().is_some_and(String::is_empty) {
            self.note(format!("{at} is empty"));
        }
        words
    }

    /// Takes and says.
    pub(super) fn words(
        &mut self,
        words: &mut BTreeMap<String, String>,
        key: &str,
        at: &str,
    ) -> Option<String> {
        let taken = self.take(words, key, at);
        self.say(taken, &format!("{at}.{key}"))
    }

    /// Complains about what is left.
    pub(super) fn nothing_left<T>(&mut self, words: &BTreeMap<String, T>, at: &str) {
        for key in words.keys() {
            self.note(format!("{at}.{key} describes nothing in the specification"));
        }
    }

    pub(super) fn note(&mut self, problem: String) {
        self.0.push(problem);
    }

    pub(super) fn close(self) -> Result<()> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Error::Words(self.0)),
        }
    }
}
