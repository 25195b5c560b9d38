//! The file that tells the conferences and their profiles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};

use ari_client::Pattern;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::rooms::Entry;
use super::{Profile, Rooms};

/// The profile of rooms that name none. It need not be in the file.
pub(super) const DEFAULT: &str = "default";

/// Why a file of rooms cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoomsError {
    /// It could not be read.
    #[error("{}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{}:{place}: {problem}", file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// Where in the file.
        place: Position,
        /// What is wrong.
        problem: String,
    },
}

/// A place in a text, both counted from 1. It prints as `line:column`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Rooms {
    /// Reads a file of rooms and checks all that is in it.
    ///
    /// # Errors
    /// What is wrong first, and where.
    pub fn read(file: &Path) -> Result<Self, RoomsError> {
        let text = fs::read_to_string(file).map_err(|source| RoomsError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|(offset, problem)| RoomsError::Wrong {
            file: file.to_owned(),
            place: Position::of(offset, &text),
            problem,
        })
    }

    /// Reads the text of a file; where that fails, tells at which byte, and what is wrong.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let file: File = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(text.len(), |span| span.start);
            (offset, one_line(error.message()))
        })?;
        if file.rooms.is_empty() {
            return Err((text.len(), "no [[rooms]]: no call could be taken".into()));
        }
        let mut profiles: BTreeMap<String, Arc<Profile>> = file
            .profiles
            .into_iter()
            .map(|(name, profile)| (name, Arc::new(profile)))
            .collect();
        profiles.entry(DEFAULT.into()).or_default();
        let mut entries = Vec::new();
        let mut lines = Vec::new();
        for room in file.rooms {
            let offset = room.span().start;
            let entry = room
                .into_inner()
                .entry(&profiles)
                .map_err(|(at, problem)| (at.unwrap_or(offset), problem))?;
            let same = |other: &Entry| other.extension == entry.extension && other.caller == entry.caller;
            if let Some(earlier) = entries.iter().position(same) {
                let line: usize = lines[earlier];
                return Err((
                    offset,
                    format!("this room takes the same calls as the one on line {line}"),
                ));
            }
            entries.push(entry);
            lines.push(Position::of(offset, text).line);
        }
        Ok(Self { entries })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
    #[serde(default)]
    rooms: Vec<Spanned<Room>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    #[serde(default, deserialize_with = "pattern")]
    extension: Option<Pattern>,
    #[serde(default, deserialize_with = "pattern")]
    caller: Option<Pattern>,
    name: Option<Spanned<String>>,
    profile: Option<Spanned<String>>,
}

impl Room {
    fn entry(self, profiles: &BTreeMap<String, Arc<Profile>>) -> Result<Entry, (Option<usize>, String)> {
        if self.extension.is_none() && self.caller.is_none() {
            return Err((None, "a room needs an `extension`, a `caller`, or both".into()));
        }
        if let Some(name) = &self.name
            && name.get_ref().is_empty()
        {
            return Err((Some(name.span().start), "the name is empty".into()));
        }
        let at = self.profile.as_ref().map(|name| name.span().start);
        let profile_name = self
            .profile
            .map_or_else(|| DEFAULT.to_owned(), Spanned::into_inner);
        let Some(profile) = profiles.get(&profile_name) else {
            let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
            return Err((
                at,
                format!("unknown profile `{profile_name}`, known are {}", known.join(", ")),
            ));
        };
        Ok(Entry {
            extension: self.extension,
            caller: self.caller,
            name: self.name.map(Spanned::into_inner),
            profile: Arc::clone(profile),
            profile_name: profile_name.into(),
        })
    }
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pattern>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}

impl Position {
    fn of(offset: usize, text: &str) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests;
