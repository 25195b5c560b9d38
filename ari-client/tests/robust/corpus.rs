//! What a real Asterisk sent: all of it decodes, and nothing of it is lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ari_client::request::RawResponse;
use ari_client::{Event, EventType};
use serde_json::Value;

use crate::properties::event::{holds, typed};
use crate::properties::reply::decoders;
use crate::schema::{is_whole, schema};

/// The recordings of one version of Asterisk, by name.
fn recordings(version: &Path, kind: &str) -> Vec<(String, String)> {
    let folder = version.join(kind);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(&path).unwrap())
    };
    let files: Vec<_> = files.map(|file| read(file.unwrap().path())).collect();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
}

fn versions() -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path());
    let versions: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    assert!(!versions.is_empty());
    versions
}

/// `StasisStart` and `1` of `StasisStart-1`.
fn halves(name: &str) -> (&str, &str) {
    name.rsplit_once('-').unwrap()
}

#[test]
fn every_event_is_typed_and_whole() {
    for (name, text) in versions()
        .iter()
        .flat_map(|version| recordings(version, "events"))
    {
        holds(text.as_bytes());
        let event = Event::decode(text.clone().into());
        assert_eq!(event.event_type().name(), halves(&name).0, "{name}: {event:?}");
        let (sent, kept): (Value, _) = (serde_json::from_str(&text).unwrap(), typed(&event.kind));
        assert!(is_whole(&sent, &kept), "{name}: {sent} became {kept}");
    }
}

#[test]
fn every_reply_decodes_and_is_whole() {
    let decoders = decoders();
    for (name, text) in versions()
        .iter()
        .flat_map(|version| recordings(version, "replies"))
    {
        let (operation, status) = halves(&name);
        let status: u16 = status.parse().unwrap();
        let decoder = decoders.iter().find(|decoder| decoder.name == operation).unwrap();
        match (decoder.decode)(RawResponse::new(status, text.clone())) {
            Ok(kept) => {
                let sent: Value = serde_json::from_str(&text).unwrap();
                assert!(is_whole(&sent, &kept), "{name}: {sent} became {kept}");
            }
            Err(error) => {
                assert_eq!(
                    (error.status(), &error.body().unwrap()[..]),
                    (Some(status), text.as_bytes()),
                    "{name}"
                );
                let told: Value = serde_json::from_str(&text).unwrap();
                assert!(status >= 400 && told.is_object(), "{name}: {error}");
            }
        }
    }
}

#[test]
fn version_22_has_every_event_and_every_reply() {
    let version = corpus().join("asterisk-22");
    let events = recordings(&version, "events");
    let events: BTreeSet<_> = events.iter().map(|(name, _)| halves(name).0).collect();
    assert_eq!(events, EventType::ALL.iter().map(|event| event.name()).collect());
    let replies = recordings(&version, "replies");
    let seen: BTreeSet<_> = replies.iter().map(|(name, _)| halves(name)).collect();
    let seen = |operation: &str| {
        seen.iter()
            .any(|(name, status)| *name == operation && status.starts_with('2'))
    };
    // Debian's package leaves out the module of the mailboxes.
    let is_recorded = |(name, class): &&(String, String)| {
        !matches!(class.as_str(), "void" | "binary") && !name.starts_with("mailboxes.")
    };
    let missing: Vec<_> = schema()
        .operations()
        .iter()
        .filter(is_recorded)
        .map(|(name, _)| name.clone())
        .filter(|name| !seen(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}
