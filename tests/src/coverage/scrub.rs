//! Takes out of recorded text what tells of the machine it was recorded on.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::asterisk::Asterisk;

/// Stands for a folder of the run.
const FOLDER: &str = "/asterisk";
/// Stands for the name of the machine.
const HOST: &str = "lab";
/// Stands for an Ethernet address, which Asterisk takes for its id: one for documents (RFC 9542).
const ETHERNET: &str = "00:00:5e:00:53:01";
/// Stands for an address: one for documents (RFC 5737).
const ADDRESS: &str = "192.0.2.1";
/// Fields that tell of the machine that built Asterisk, and what stands there instead.
const BUILD: [(&str, &str); 5] = [
    ("os", "Linux"),
    ("kernel", "6.1.0"),
    ("machine", "x86_64"),
    ("date", "2026-01-01 00:00:00 UTC"),
    ("user", "builder"),
];

/// What is to be replaced, and by what.
#[derive(Debug, Default)]
pub(super) struct Scrub {
    replacements: Vec<(String, String)>,
    host: String,
}

impl Scrub {
    /// Learns what to take out; `info` is what Asterisk tells of itself.
    pub(super) fn of(asterisk: &Asterisk, info: &Value) -> Self {
        let mut scrub = Self::default();
        scrub.replace(asterisk.folder().display().to_string(), FOLDER);
        scrub.replace(text(&info["system"]["entity_id"]), ETHERNET);
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        host.trim().clone_into(&mut scrub.host);
        for (field, instead) in BUILD {
            let pair = |value: &str| format!("\"{field}\":{}", Value::from(value));
            scrub.replace(pair(&text(&info["build"][field])), &pair(instead));
        }
        scrub
    }

    /// The text without what was learned, and without addresses other than 127.0.0.1.
    pub(super) fn clean(&self, text: &str) -> String {
        let replaced = |text: String, (old, new): &(String, String)| text.replace(old, new);
        let text = self.replacements.iter().fold(text.to_owned(), replaced);
        without_addresses(&without_word(&text, &self.host))
    }

    fn replace(&mut self, old: String, new: &str) {
        if !old.is_empty() {
            self.replacements.push((old, new.to_owned()));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Puts [`HOST`] in the place of a name where it stands alone: it may well be part of other names.
fn without_word(text: &str, host: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    in_runs(text, is_part, |run| if run == host { HOST } else { run })
}

/// Puts another address in the place of each that is not our own.
fn without_addresses(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let ours = |address: Ipv4Addr| address == Ipv4Addr::LOCALHOST;
    in_runs(text, is_part, |run| match run.parse() {
        Ok(address) if !ours(address) => ADDRESS,
        _ => run,
    })
}

/// The text with each run of characters that are `part` of a word changed.
fn in_runs<'t>(text: &'t str, part: impl Fn(char) -> bool, change: impl Fn(&'t str) -> &'t str) -> String {
    let mut changed = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(&part) {
        let run = &rest[start..];
        let end = run.find(|c| !part(c)).unwrap_or(run.len());
        changed.push_str(&rest[..start]);
        changed.push_str(change(&run[..end]));
        rest = &run[end..];
    }
    changed + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_other_machines_are_replaced() {
        assert_eq!(
            without_addresses(r#"{"a":"sip:x@10.1.2.3:5060","b":"127.0.0.1","v":"22.10.1","n":4.5}"#),
            r#"{"a":"sip:x@192.0.2.1:5060","b":"127.0.0.1","v":"22.10.1","n":4.5}"#
        );
    }

    #[test]
    fn what_was_learned_is_replaced_wherever_it_stands() {
        let mut scrub = Scrub::default();
        scrub.replace("/var/lab/1a2b".to_owned(), FOLDER);
        scrub.replace(String::new(), HOST);
        assert_eq!(
            scrub.clean("/var/lab/1a2b/log on 8.8.8.8"),
            "/asterisk/log on 192.0.2.1"
        );
    }

    #[test]
    fn the_name_of_the_machine_is_replaced_where_it_stands_alone() {
        let scrub = Scrub {
            host: "vm".to_owned(),
            ..Scrub::default()
        };
        assert_eq!(
            scrub.clean("a@vm:5060 vm-goodbye vm"),
            "a@lab:5060 vm-goodbye lab"
        );
    }
}
