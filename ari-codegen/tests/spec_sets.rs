//! Asterisk's own files, of five versions. They lie beside the project, where they are at hand at all.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use ari_codegen::{Counts, Spec};
use serde_json::Value;

/// Operations, parameters, models, properties and events of each version.
const VERSIONS: [(&str, [usize; 5]); 5] = [
    ("asterisk-16.28.0", [98, 235, 70, 245, 38]),
    ("asterisk-20.20.1", [109, 275, 84, 290, 44]),
    ("asterisk-22.4.0", [101, 251, 80, 282, 41]),
    ("asterisk-22.10.1", [109, 275, 85, 291, 45]),
    ("asterisk-master", [109, 275, 85, 291, 45]),
];

/// The folder of the specifications, or a word on the terminal that there is none.
fn sets() -> Option<PathBuf> {
    let sets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/specs");
    if sets.is_dir() {
        return Some(sets);
    }
    // Past the test harness, which shows what is printed only where a test fails.
    let _ = writeln!(std::io::stderr(), "not run: no spec sets");
    None
}

fn numbers(counts: Counts) -> [usize; 5] {
    [
        counts.operations,
        counts.parameters,
        counts.models,
        counts.properties,
        counts.events,
    ]
}

#[test]
#[ignore = "shared spec sets"]
fn every_version_is_read_whole_and_generates() {
    let Some(sets) = sets() else { return };
    for (name, expected) in VERSIONS {
        let spec = Spec::read(&sets.join(name)).unwrap();
        assert_eq!(spec.unknown_keys(), [""; 0], "{name}");
        assert_eq!(numbers(spec.counts()), expected, "{name}");
        let files = ari_codegen::generate(&spec).unwrap();
        let requests: usize = files
            .iter()
            .map(|(_, text)| text.matches("rt::Operation for ").count())
            .sum();
        assert_eq!(requests, expected[0] - 1, "{name}");
    }
}

#[cfg(feature = "progenitor")]
#[test]
#[ignore = "shared spec sets"]
fn every_version_has_a_document_and_a_progenitor_client() {
    let Some(sets) = sets() else { return };
    for (name, expected) in VERSIONS {
        let spec = Spec::read(&sets.join(name)).unwrap();
        let document = ari_codegen::openapi(&spec).unwrap();
        assert_eq!(
            document.matches("\"operationId\"").count(),
            expected[0] - 1,
            "{name}"
        );
        let files = ari_codegen::progenitor(&spec).unwrap();
        let client = files.get("client.rs").unwrap();
        assert_eq!(
            client.matches("pub async fn send(").count(),
            expected[0] - 1,
            "{name}"
        );
        for foreign in ["reqwest", "progenitor_client", "header_map", "baseurl"] {
            assert!(!client.contains(foreign), "{name}: {foreign}");
        }
    }
}

#[test]
#[ignore = "shared spec sets"]
fn the_facts_of_every_version_give_the_same_bindings_but_for_the_prose() {
    let Some(sets) = sets() else { return };
    for (name, _) in VERSIONS {
        let original = Spec::read(&sets.join(name)).unwrap();
        let version = original.version().unwrap_or("master").to_owned();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        ari_codegen::import(&original, &version)
            .unwrap()
            .write(&folder)
            .unwrap();
        let facts = Spec::read(&folder).unwrap();
        assert_eq!(facts.counts(), original.counts(), "{name}");
        for ((file, ours), (_, theirs)) in ari_codegen::generate(&facts)
            .unwrap()
            .iter()
            .zip(ari_codegen::generate(&original).unwrap().iter())
        {
            assert_eq!(code(ours), code(theirs), "{name}: {file}");
        }
    }
}

/// The lines of code in `text`.
fn code(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect()
}

#[test]
#[ignore = "shared spec sets"]
fn the_committed_facts_are_those_of_22_10_1() {
    let Some(sets) = sets() else { return };
    let spec = Spec::read(&sets.join("asterisk-22.10.1")).unwrap();
    let files = ari_codegen::import(&spec, "22.10.1").unwrap();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/asterisk-22");
    assert_eq!(files.differences(&committed).unwrap(), [""; 0]);
}

#[test]
#[ignore = "shared spec sets"]
fn every_known_misspelt_key_still_occurs() {
    let Some(sets) = sets() else { return };
    let text: String = VERSIONS
        .iter()
        .map(|(name, _)| std::fs::read_dir(sets.join(name)).unwrap())
        .flat_map(|files| files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()))
        .collect();
    for misspelt in ["descriptioni", "defalutValue"] {
        assert!(text.contains(&format!("\"{misspelt}\"")), "{misspelt}");
    }
}

/// So many words in a row are no accident.
const ROW: usize = 8;

#[test]
#[ignore = "shared spec sets"]
fn no_words_of_ours_are_asterisks() {
    let Some(sets) = sets() else { return };
    let mut theirs = HashSet::new();
    for (set, _) in VERSIONS {
        for file in std::fs::read_dir(sets.join(set)).unwrap() {
            let json = std::fs::read_to_string(file.unwrap().path()).unwrap();
            collect_rows(&serde_json::from_str(&json).unwrap(), &mut theirs);
        }
    }
    assert!(theirs.len() > 1_000, "{}", theirs.len());
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/docs");
    let mut copied = Vec::new();
    for file in std::fs::read_dir(docs).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        // What stands in backticks is a name or a value: a fact.
        let prose: Vec<_> = text.split('`').step_by(2).collect();
        let ours = rows(&prose.join("a_value"));
        let shared = ours.into_iter().filter(|row| theirs.contains(row));
        copied.extend(shared.map(|row| format!("{}: {row}", path.display())));
    }
    assert_eq!(copied, [""; 0]);
}

/// Notes every row of words in the texts of `json`.
fn collect_rows(json: &Value, found: &mut HashSet<String>) {
    match json {
        Value::String(text) => found.extend(rows(text)),
        Value::Array(items) => items.iter().for_each(|item| collect_rows(item, found)),
        Value::Object(members) => members.values().for_each(|value| collect_rows(value, found)),
        _ => {}
    }
}

/// The runs of [`ROW`] words in `text`; a whole sentence of at least five words is one, too.
fn rows(text: &str) -> Vec<String> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let mut rows: Vec<_> = words(text).windows(ROW).map(|row| row.join(" ")).collect();
    let sentences = text.split(['.', '\n']).map(words);
    rows.extend(
        sentences
            .filter(|words| (5..ROW).contains(&words.len()))
            .map(|words| words.join(" ")),
    );
    rows
}
