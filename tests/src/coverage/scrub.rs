//! Takes out of recorded text what tells of the machine it was recorded on.

use std::net::{Ipv4Addr, Ipv6Addr};

use anyhow::Result;
use http::Method;
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
/// The same for version 6 of the protocol (RFC 3849).
const ADDRESS_6: &str = "2001:db8::1";
/// Fields that tell of the machine that built Asterisk, and what stands there instead.
const BUILD: [(&str, &str); 5] = [
    ("os", "Linux"),
    ("kernel", "6.1.0"),
    ("machine", "x86_64"),
    ("date", "2026-01-01 00:00:00 UTC"),
    ("user", "builder"),
];

/// What tells of one Asterisk and its machine, and what takes its place.
#[derive(Debug, Default)]
pub struct Scrub {
    replacements: Vec<(String, String)>,
    host: String,
}

impl Scrub {
    /// Asks `asterisk` what it tells of itself, which is what to take out.
    ///
    /// # Errors
    /// Fails if Asterisk does not answer.
    pub async fn of(asterisk: &Asterisk) -> Result<Self> {
        let info = asterisk.request(Method::GET, "/ari/asterisk/info").await?;
        let info = info.json()?;
        let mut scrub = Self::default();
        scrub.replace(asterisk.folder().display().to_string(), FOLDER);
        scrub.replace(text(&info["system"]["entity_id"]), ETHERNET);
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        host.trim().clone_into(&mut scrub.host);
        for (field, instead) in BUILD {
            let pair = |value: &str| format!("\"{field}\":{}", Value::from(value));
            scrub.replace(pair(&text(&info["build"][field])), &pair(instead));
        }
        Ok(scrub)
    }

    /// The text without what was learned, and without addresses other than `127.0.0.1` and `::1`.
    pub(super) fn clean(&self, text: &str) -> String {
        let replaced = |text: String, (old, new): &(String, String)| text.replace(old, new);
        let text = self.replacements.iter().fold(text.to_owned(), replaced);
        without_addresses_6(&without_addresses(&without_word(&text, &self.host)))
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

/// The same for version 6. (`::` alone is no machine's address.)
fn without_addresses_6(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || ":.".contains(c);
    let ours = |address: Ipv6Addr| address.is_loopback() || address.is_unspecified();
    in_runs(text, is_part, |run| match run.parse() {
        Ok(address) if !ours(address) => ADDRESS_6,
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

/// What a scrubbed value still tells of a machine: Ethernet addresses, folders and builds that are not the ones above.
#[cfg(test)]
pub(super) fn told_by(value: &Value) -> Vec<String> {
    let build = value["build"].as_object().into_iter();
    let build = build.flat_map(|build| BUILD.iter().filter(|(field, instead)| build[*field] != *instead));
    let mut told: Vec<_> = build.map(|(field, _)| format!("build.{field}")).collect();
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(fields) => rest.extend(fields.values()),
            Value::Array(items) => rest.extend(items),
            Value::String(text) => told.extend(
                text.split(is_between)
                    .filter(|word| is_told(word))
                    .map(str::to_owned),
            ),
            _ => {}
        }
    }
    told
}

/// What ends a word. No colon: addresses hold them.
#[cfg(test)]
fn is_between(c: char) -> bool {
    c.is_whitespace() || "\"'<>()[]=,;@".contains(c)
}

#[cfg(test)]
fn is_told(word: &str) -> bool {
    let pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ethernet = word.split([':', '-']).count() == 6 && word.split([':', '-']).all(pair);
    let path = word
        .strip_prefix('/')
        .is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    (ethernet && word != ETHERNET) || (path && !word.starts_with(FOLDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_version_6_are_replaced_and_nothing_that_is_like_them() {
        assert_eq!(
            without_addresses_6("sip:[fe80::a:1]:5060 at 03:24:26.378 00:00:5e:00:53:01 ::1 x::add"),
            "sip:[2001:db8::1]:5060 at 03:24:26.378 00:00:5e:00:53:01 ::1 x::add"
        );
    }

    #[test]
    fn what_is_left_is_told() {
        let left = serde_json::json!({
            "build": {"os": "Linux", "kernel": "5", "machine": "x86_64", "date": "", "user": "builder"},
            "id": "52:54:00:12:34:56", "ours": ETHERNET,
            "path": ["/asterisk/log", "in /opt/x, and /?"], "type": "a/b",
        });
        let mut told = told_by(&left);
        told.sort();
        assert_eq!(
            told,
            ["/opt/x", "52:54:00:12:34:56", "build.date", "build.kernel"]
        );
    }

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
