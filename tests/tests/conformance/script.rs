//! A scenario as it is written down: prose, steps, and below each step what came of it.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::action::Action;

/// What comes of a step is indented.
const INDENT: &str = "  ";
/// An event begins with this; whatever else comes of a step is a reply.
pub(crate) const EVENT: &str = "- ";

/// A scenario.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) name: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// A comment or an empty line.
    Prose(String),
    Step(Step),
}

/// Something that is done, and the lines that came of it.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) action: Action,
    transcript: Vec<String>,
}

impl Step {
    /// How many events are to come of it.
    pub(crate) fn events(&self) -> usize {
        self.transcript
            .iter()
            .filter(|line| line.starts_with(EVENT))
            .count()
    }
}

impl Script {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &text)
    }

    fn parse(name: &str, text: &str) -> Result<Self> {
        let mut parts = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let place = || format!("{name}:{}: {line:?}", index + 1);
            if let Some(result) = line.strip_prefix(INDENT) {
                let Some(Part::Step(step)) = parts.last_mut() else {
                    anyhow::bail!("{}: indented, but not below a step", place());
                };
                step.transcript.push(result.to_owned());
            } else if line.is_empty() || line.starts_with('#') {
                parts.push(Part::Prose(line.to_owned()));
            } else {
                parts.push(Part::Step(Step {
                    line: index + 1,
                    text: line.to_owned(),
                    action: Action::parse(line).with_context(place)?,
                    transcript: Vec::new(),
                }));
            }
        }
        let script = Self {
            name: name.to_owned(),
            parts,
        };
        ensure!(script.steps().next().is_some(), "{name}: no steps");
        Ok(script)
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.parts.iter().filter_map(|part| match part {
            Part::Step(step) => Some(step),
            Part::Prose(_) => None,
        })
    }

    /// How many lines of transcript there are.
    pub(crate) fn lines(&self) -> usize {
        self.steps().map(|step| step.transcript.len()).sum()
    }

    /// The script with other results: a block of lines for each step.
    pub(crate) fn with(&self, results: &[Vec<String>]) -> String {
        let mut results = results.iter();
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Prose(line) => text.extend([line, "\n"]),
                Part::Step(step) => {
                    text.extend([&step.text, "\n"]);
                    for line in results.next().into_iter().flatten() {
                        text.extend([INDENT, line, "\n"]);
                    }
                }
            }
        }
        text
    }

    /// The steps whose results are not those of the transcript, with both; empty where all are as they should be.
    pub(crate) fn differences(&self, results: &[Vec<String>]) -> String {
        let mut report = String::new();
        for (step, result) in self.steps().zip(results) {
            if step.transcript != *result {
                let _ = writeln!(report, "{}:{}: {}", self.name, step.line, step.text);
                compare(&step.transcript, result, &mut report);
            }
        }
        report
    }
}

/// Writes what both have, what only the transcript has (`-`), and what only the result has (`+`).
fn compare(transcript: &[String], result: &[String], report: &mut String) {
    let same =
        |pairs: &mut dyn Iterator<Item = (&String, &String)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut transcript.iter().zip(result));
    let (old, new) = (&transcript[head..], &result[head..]);
    let tail = same(&mut old.iter().rev().zip(new.iter().rev()));
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let unchanged = |lines: &[String]| {
        lines
            .iter()
            .map(|line| ("    ", line.clone()))
            .collect::<Vec<_>>()
    };
    let lines = unchanged(&transcript[..head])
        .into_iter()
        .chain(old.iter().map(|line| ("  - ", line.clone())))
        .chain(new.iter().map(|line| ("  + ", line.clone())))
        .chain(unchanged(&transcript[transcript.len() - tail..]));
    for (mark, line) in lines {
        let _ = writeln!(report, "{mark}{line}");
    }
}

#[test]
fn a_difference_is_shown_with_its_step() {
    let script = Script::parse(
        "s",
        "# A call.\nGET /channels\n  200 []\n  - A\n  - B\nhangup anna\n",
    )
    .unwrap();
    let results = |lines: &[&str]| vec![lines.iter().map(|line| (*line).to_owned()).collect(), Vec::new()];
    assert_eq!(script.differences(&results(&["200 []", "- A", "- B"])), "");
    assert_eq!(
        script.differences(&results(&["200 []", "- C", "- B"])),
        "s:2: GET /channels\n    200 []\n  - - A\n  + - C\n    - B\n"
    );
    assert_eq!(
        script.with(&results(&["404"])),
        "# A call.\nGET /channels\n  404\nhangup anna\n"
    );
}
