//! Ids that the server makes differ from run to run. In scripts and transcripts stand names in their place.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The ids of people's channels.
#[derive(Debug, Default)]
pub(crate) struct Names {
    ids: BTreeMap<String, String>,
}

impl Names {
    /// Learns from an event which channel is whose: a person is known by the name that the phone sends.
    pub(crate) fn learn(&mut self, event: &Value) {
        let channel = &event["channel"];
        let person = channel["caller"]["name"].as_str().filter(|name| !name.is_empty());
        if let ("StasisStart" | "CallBroadcast", Some(person), Some(id)) = (
            event["type"].as_str().unwrap_or_default(),
            person,
            channel["id"].as_str(),
        ) {
            self.ids.insert(person.to_owned(), id.to_owned());
        }
    }

    /// Puts ids in the place of the names of people, which are whole words.
    pub(crate) fn with_ids(&self, text: &str) -> String {
        let is_part_of_word = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let mut result = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|c| !is_part_of_word(c)).unwrap_or(rest.len());
            result.push_str(self.ids.get(&rest[..word]).map_or(&rest[..word], String::as_str));
            let next = rest[word..]
                .find(is_part_of_word)
                .map_or(rest.len(), |next| word + next);
            result.push_str(&rest[word..next]);
            rest = &rest[next..];
        }
        result
    }

    /// Puts names in the place of ids, leaves out what nobody needs, and sorts the keys.
    pub(crate) fn tidy(&self, value: Value) -> Value {
        match value {
            Value::Array(list) if list.iter().all(Value::is_string) => self.tidy_strings(list),
            Value::String(text) => self.with_names(&text).into(),
            Value::Array(list) => list.into_iter().map(|value| self.tidy(value)).collect(),
            Value::Object(object) => {
                let sorted: BTreeMap<String, Value> = object.into_iter().collect();
                let kept = sorted.into_iter().filter(|(key, _)| !LEFT_OUT.contains(&&**key));
                let tidied = kept.map(|(key, value)| {
                    let value = stand_in(&key).map_or_else(|| self.tidy(value), Into::into);
                    (key, value)
                });
                Value::Object(tidied.collect::<Map<_, _>>())
            }
            other => other,
        }
    }

    /// A list of ids, perhaps, without those that mean nothing to anybody: of the hidden channels that play sounds in
    /// a bridge. Whether an event lists one that is just leaving is a matter of luck.
    fn tidy_strings(&self, list: Vec<Value>) -> Value {
        let tidied = list.into_iter().map(|value| self.tidy(value));
        tidied.filter(|value| value != MADE).collect()
    }

    /// Puts names in the place of ids in a text.
    pub(crate) fn with_names(&self, text: &str) -> String {
        // The longest first: one id may be the beginning of another.
        let mut ids: Vec<_> = self.ids.iter().collect();
        ids.sort_by_key(|(_, id)| std::cmp::Reverse(id.len()));
        let named = ids
            .iter()
            .fold(text.to_owned(), |text, (name, id)| text.replace(*id, name));
        let words: Vec<&str> = named.split(['/', ':']).collect();
        match words.last() {
            Some(last) if is_made_by_server(last) => {
                format!("{}{MADE}", &named[..named.len() - last.len()])
            }
            _ => without_serial(&named),
        }
    }
}

/// Stands for an id that the server made, of something that has no name.
const MADE: &str = "(made)";

/// Fields that say nothing about behaviour: when and where; who the channel is connected with, which Asterisk fills
/// with what the phones happen to tell; the way in which two channels are bridged, which depends on their codecs.
const LEFT_OUT: &[&str] = &["asterisk_id", "connected", "duration_ms", "technology"];

/// Fields of which it only matters that they are there.
fn stand_in(key: &str) -> Option<&'static str> {
    match key {
        "timestamp" | "creationtime" => Some("(time)"),
        "protocol_id" => Some("(SIP call id)"),
        "UNICASTRTP_LOCAL_PORT" => Some("(port)"),
        _ => None,
    }
}

/// Whether this is an id such as the server makes: of a channel `1700000000.12`, of anything else a UUID.
fn is_made_by_server(id: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_uuid = id.len() == 36 && id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    is_uuid
        || id
            .split_once('.')
            .is_some_and(|(a, b)| a.len() == 10 && is_number(a) && is_number(b))
}

/// Channel names end with a number that counts.
fn without_serial(name: &str) -> String {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.rsplit_once('-') {
        Some((start, serial)) if start.contains('/') && serial.len() == 8 && is_hex(serial) => {
            format!("{start}-(n)")
        }
        Some((start, address)) if start.starts_with("UnicastRTP/") && address.starts_with("0x") => {
            format!("{start}-(n)")
        }
        _ => name.to_owned(),
    }
}

#[test]
fn names_stand_for_ids_both_ways() {
    let mut names = Names::default();
    names.learn(&serde_json::json!({
        "type": "StasisStart", "channel": { "id": "1700000000.1", "caller": { "name": "anna" } }
    }));
    assert_eq!(
        names.with_ids("/bridges/annas/addChannel?channel=anna,bert"),
        "/bridges/annas/addChannel?channel=1700000000.1,bert"
    );
    assert_eq!(names.with_names("channel:1700000000.1"), "channel:anna");
    assert_eq!(names.with_names("1700000000.2"), "(made)");
    names.learn(&serde_json::json!({
        "type": "StasisStart", "channel": { "id": "1700000000.10", "caller": { "name": "bert" } }
    }));
    assert_eq!(names.with_names("1700000000.10"), "bert");
    assert_eq!(
        names.with_names("/ari/playbacks/0a1b2c3d-0000-0000-0000-000000000000"),
        "/ari/playbacks/(made)"
    );
    assert_eq!(
        names.with_names("PJSIP/anonymous-0000001f"),
        "PJSIP/anonymous-(n)"
    );
}
