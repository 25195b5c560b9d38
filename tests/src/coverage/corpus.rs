//! What Asterisk sent, as files: test data for those who decode it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde_json::Value;

use super::ledger::Ledger;
use super::scrub::Scrub;

/// How many frames of one type are kept; they differ in their fields.
const MOST_FRAMES: usize = 5;

/// Frames and replies by the names of their files, without what tells of this machine.
#[derive(Debug)]
pub struct Corpus {
    files: BTreeMap<String, String>,
}

impl Corpus {
    pub(super) fn new(ledger: &Ledger, frames: &[Bytes], scrub: &Scrub) -> Self {
        let mut files = BTreeMap::new();
        for (name, body) in replies(ledger).chain(events(frames)) {
            files.insert(name, scrub.clean(&body));
        }
        Self { files }
    }

    /// Writes the files below `folder`: `events/<type>-<n>.json` and `replies/<operation>-<status>.json`.
    ///
    /// # Errors
    /// Fails if a file cannot be written, and names it.
    pub fn write(&self, folder: &Path) -> Result<()> {
        for (name, text) in &self.files {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// Replies that are JSON; some have no body, and one is a file.
fn replies(ledger: &Ledger) -> impl Iterator<Item = (String, String)> {
    ledger.replies.iter().filter_map(|((operation, status), reply)| {
        reply.json().ok()?;
        let text = String::from_utf8(reply.body.to_vec()).ok()?;
        Some((format!("replies/{operation}-{status}.json"), text))
    })
}

/// The first frames of each type that have other fields than those before.
fn events(frames: &[Bytes]) -> impl Iterator<Item = (String, String)> {
    let mut shapes: BTreeMap<String, BTreeSet<Vec<String>>> = BTreeMap::new();
    frames.iter().filter_map(move |frame| {
        let event: Value = serde_json::from_slice(frame).ok()?;
        let kind = event["type"].as_str()?;
        let seen = shapes.entry(kind.to_owned()).or_default();
        let is_new = seen.len() < MOST_FRAMES && seen.insert(shape(&event));
        let name = is_new.then(|| format!("events/{kind}-{}.json", seen.len()))?;
        Some((name, String::from_utf8(frame.to_vec()).ok()?))
    })
}

/// The paths of all fields that have a value.
fn shape(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let below = |(key, value): (&String, &Value)| {
                let paths = shape(value).into_iter();
                paths.map(|path| format!("{key}.{path}")).collect::<Vec<_>>()
            };
            fields.iter().flat_map(below).collect()
        }
        Value::Array(items) => items
            .iter()
            .flat_map(shape)
            .map(|path| format!("[].{path}"))
            .collect(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::Null => Vec::new(),
        _ => vec![String::new()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::facts::Facts;
    use crate::coverage::typed::checked;

    const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/asterisk-22");

    fn recorded(folder: &str) -> Vec<(String, Bytes)> {
        let files = fs::read_dir(Path::new(RECORDED).join(folder)).unwrap();
        let read = |path: std::path::PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, Bytes::from(fs::read(&path).unwrap()))
        };
        files.map(|file| read(file.unwrap().path())).collect()
    }

    #[test]
    fn frames_of_a_type_are_kept_while_they_differ() {
        let frames = [
            r#"{"type":"Dial","peer":"a"}"#,
            r#"{"type":"Dial","peer":"b"}"#,
            r#"{"type":"Dial","peer":"b","caller":"c"}"#,
            "no JSON",
        ];
        let kept: Vec<_> = events(&frames.map(Bytes::from)).collect();
        let names: Vec<_> = kept.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["events/Dial-1.json", "events/Dial-2.json"]);
        assert_eq!(kept[1].1, frames[2]);
    }

    #[test]
    fn what_was_recorded_decodes_whole_and_holds_all_events() {
        let mut kinds = BTreeSet::new();
        for (name, frame) in recorded("events") {
            let (kind, judged) = checked(&frame);
            judged.unwrap_or_else(|error| panic!("{name}: {error}"));
            kinds.insert(kind);
        }
        let facts = Facts::read().unwrap();
        assert_eq!(kinds, facts.events.into_iter().collect());
    }

    #[test]
    fn what_was_recorded_tells_nothing_of_a_machine() {
        let scrub = Scrub::default();
        for (name, body) in recorded("events").into_iter().chain(recorded("replies")) {
            let text = std::str::from_utf8(&body).unwrap();
            assert_eq!(scrub.clean(text), text, "{name} holds an address");
            for told in ["/var/lab", "/home", "/tmp"] {
                assert!(!text.contains(told), "{name} holds {told}");
            }
        }
    }
}
