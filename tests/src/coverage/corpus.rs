//! What Asterisk sent, as files: test data for those who decode it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde_json::Value;

use super::scrub::Scrub;

/// How many frames of one type are kept; they differ in their fields.
const MOST_FRAMES: usize = 5;

/// Frames and replies by the names of their files, without what tells of this machine.
#[derive(Debug, Default)]
pub struct Corpus {
    files: BTreeMap<String, String>,
    /// The fields of the frames of each type.
    shapes: BTreeMap<String, BTreeSet<Vec<String>>>,
}

/// A reply as it came: the name of its operation, its status, its body.
pub type Told = (&'static str, u16, Bytes);

impl Corpus {
    /// Adds what an Asterisk sent: the frames that have other fields than those of their type before, and the replies
    /// that are JSON. Some have no body, and one is a file.
    pub fn gather(&mut self, scrub: &Scrub, frames: &[Bytes], replies: Vec<Told>) {
        for (operation, status, body) in replies {
            if let Some(text) = json(&body) {
                let name = format!("replies/{operation}-{status}.json");
                self.files.insert(name, scrub.clean(text));
            }
        }
        for frame in frames {
            self.add(frame, scrub);
        }
    }

    fn add(&mut self, frame: &Bytes, scrub: &Scrub) {
        let Some(text) = json(frame) else { return };
        let event: Value = serde_json::from_str(text).unwrap_or_default();
        let Some(kind) = event["type"].as_str() else {
            return;
        };
        let seen = self.shapes.entry(kind.to_owned()).or_default();
        if seen.len() < MOST_FRAMES && seen.insert(shape(&event)) {
            let name = format!("events/{kind}-{}.json", seen.len());
            self.files.insert(name, scrub.clean(text));
        }
    }

    /// Writes the files below `folder`: `events/<type>-<n>.json` and `replies/<operation>-<status>.json`; those of an
    /// earlier recording that are not among them are removed.
    ///
    /// # Errors
    /// Fails if a file cannot be written or removed, and names it.
    pub fn write(&self, folder: &Path) -> Result<()> {
        for (name, text) in &self.files {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        ["events", "replies"]
            .iter()
            .try_for_each(|kind| self.remove_others(folder, kind))
    }

    /// Removes the JSON files of one folder that are not ours.
    fn remove_others(&self, folder: &Path, kind: &str) -> Result<()> {
        let below = folder.join(kind);
        if !below.is_dir() {
            return Ok(());
        }
        let files = fs::read_dir(&below).with_context(|| format!("cannot read {}", below.display()))?;
        for file in files {
            let file = file?;
            let name = file.file_name().to_string_lossy().into_owned();
            if name.ends_with(".json") && !self.files.contains_key(&format!("{kind}/{name}")) {
                let path = file.path();
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }
}

/// The text of what is JSON.
fn json(body: &Bytes) -> Option<&str> {
    serde_json::from_slice::<Value>(body).ok()?;
    std::str::from_utf8(body).ok()
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
    use crate::coverage::scrub;
    use crate::coverage::typed::checked;

    /// What was recorded of a version: names of files, and what they hold.
    fn recorded(version: &str, folder: &str) -> Vec<(String, Bytes)> {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let files = fs::read_dir(corpus.join(version).join(folder)).unwrap();
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
        let mut corpus = Corpus::default();
        for frame in &frames {
            corpus.add(&Bytes::from_static(frame.as_bytes()), &Scrub::default());
        }
        let names: Vec<_> = corpus.files.keys().collect();
        assert_eq!(names, ["events/Dial-1.json", "events/Dial-2.json"]);
        assert_eq!(corpus.files["events/Dial-2.json"], frames[2]);
    }

    #[test]
    fn a_recording_takes_the_place_of_the_one_before() {
        let folder = std::env::temp_dir().join(format!("ari-lab-corpus-{:016x}", fastrand::u64(..)));
        let mut corpus = Corpus::default();
        for kind in ["Dial", "StasisEnd"] {
            let frame = format!(r#"{{"type":"{kind}","x":1}}"#);
            corpus.add(&frame.into(), &Scrub::default());
        }
        corpus.write(&folder).unwrap();
        corpus.files.remove("events/Dial-1.json");
        corpus.write(&folder).unwrap();
        let left = fs::read_dir(folder.join("events")).unwrap();
        let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(left, ["StasisEnd-1.json"]);
        fs::remove_dir_all(&folder).unwrap();
    }

    /// The types of the recorded events, each of which must decode whole.
    fn kinds(version: &str) -> BTreeSet<String> {
        let mut kinds = BTreeSet::new();
        for (name, frame) in recorded(version, "events") {
            let (kind, judged) = checked(&frame);
            judged.unwrap_or_else(|error| panic!("{version}: {name}: {error}"));
            kinds.insert(kind);
        }
        kinds
    }

    #[test]
    fn what_was_recorded_decodes_whole_and_holds_all_events() {
        let facts = Facts::read().unwrap();
        assert_eq!(kinds("asterisk-22"), facts.events.into_iter().collect());
    }

    #[test]
    fn what_an_older_asterisk_sent_decodes_whole() {
        let kinds = kinds("asterisk-16");
        for kind in [
            "StasisStart",
            "StasisEnd",
            "ChannelDtmfReceived",
            "BridgeAttendedTransfer",
            "PlaybackFinished",
        ] {
            assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
        }
    }

    #[test]
    fn what_was_recorded_tells_nothing_of_a_machine() {
        let scrub = Scrub::default();
        for version in ["asterisk-16", "asterisk-22"] {
            let files = recorded(version, "events").into_iter();
            for (name, body) in files.chain(recorded(version, "replies")) {
                let text = std::str::from_utf8(&body).unwrap();
                assert_eq!(scrub.clean(text), text, "{version}: {name} holds an address");
                let value = serde_json::from_slice(&body).unwrap();
                assert_eq!(scrub::told_by(&value), Vec::<String>::new(), "{version}: {name}");
            }
        }
    }
}
