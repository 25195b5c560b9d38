//! Patterns for dialled extensions, as in Asterisk's dialplan.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A pattern for dialled extensions.
///
/// Without a leading `_` it stands for itself. With it, `X` is a digit, `Z` one of 1-9, `N` one of 2-9, `[15-7]` one
/// of the characters named, `.` one or more of any character and `!` none or more; anything else is itself. Hyphens
/// outside brackets are there for people and match nothing.
///
/// ```
/// # use ari_client::Pattern;
/// let internal: Pattern = "_2XXX".parse()?;
/// assert!(internal.matches("2042") && !internal.matches("3042") && !internal.matches("20"));
/// # Ok::<(), ari_client::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
    tail: Tail,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(char),
    OneOf(Vec<(char, char)>),
}

/// What may follow the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    Nothing,
    Something,
    Anything,
}

impl Pattern {
    /// Whether the pattern stands for `extension`.
    #[must_use]
    pub fn matches(&self, extension: &str) -> bool {
        let mut characters = extension.chars();
        let fits = self
            .parts
            .iter()
            .all(|part| characters.next().is_some_and(|found| part.matches(found)));
        fits && match self.tail {
            Tail::Nothing => characters.next().is_none(),
            Tail::Something => characters.next().is_some(),
            Tail::Anything => true,
        }
    }
}

impl Part {
    fn matches(&self, found: char) -> bool {
        match self {
            Self::Literal(wanted) => *wanted == found,
            Self::OneOf(ranges) => ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&found)),
        }
    }
}

impl FromStr for Pattern {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the pattern and what is wrong with it.
    fn from_str(text: &str) -> Result<Self> {
        let refuse = |why: &str| Err(Error::invalid(format!("extension pattern `{text}`: {why}")));
        let Some(pattern) = text.strip_prefix('_') else {
            if text.is_empty() {
                return refuse("it is empty");
            }
            let parts = text.chars().map(Part::Literal).collect();
            return Ok(Self {
                text: text.to_owned(),
                parts,
                tail: Tail::Nothing,
            });
        };
        let mut parts = Vec::new();
        let mut tail = Tail::Nothing;
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            if tail != Tail::Nothing {
                return refuse("nothing can follow `.` or `!`");
            }
            match character {
                'X' | 'x' => parts.push(Part::OneOf(vec![('0', '9')])),
                'Z' | 'z' => parts.push(Part::OneOf(vec![('1', '9')])),
                'N' | 'n' => parts.push(Part::OneOf(vec![('2', '9')])),
                '.' => tail = Tail::Something,
                '!' => tail = Tail::Anything,
                '-' => {}
                '[' => match set(&mut characters) {
                    Some(ranges) => parts.push(Part::OneOf(ranges)),
                    None => return refuse("a `[` needs characters, ranges that go upwards, and a `]`"),
                },
                literal => parts.push(Part::Literal(literal)),
            }
        }
        if parts.is_empty() && tail == Tail::Nothing {
            return refuse("it matches nothing");
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
            tail,
        })
    }
}

/// Reads what stands between brackets: characters, and ranges such as `2-5`.
fn set(characters: &mut std::str::Chars<'_>) -> Option<Vec<(char, char)>> {
    let (inside, behind) = characters.as_str().split_once(']')?;
    *characters = behind.chars();
    if inside.is_empty() {
        return None;
    }
    let inside: Vec<char> = inside.chars().collect();
    let mut ranges = Vec::new();
    let mut rest = &inside[..];
    while let Some((&first, after)) = rest.split_first() {
        rest = match after {
            ['-', last, after @ ..] => {
                if *last < first {
                    return None;
                }
                ranges.push((first, *last));
                after
            }
            after => {
                ranges.push((first, first));
                after
            }
        };
    }
    Some(ranges)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_matches_as_the_dialplan_does() {
        for (pattern, yes, no) in [
            ("1000", &["1000"][..], &["100", "10000", "_1000"][..]),
            ("_2XXX", &["2000", "2999"], &["3000", "200", "20000", "2a00"]),
            ("_ZN", &["12", "99"], &["02", "11"]),
            ("_[13-5]0", &["10", "30", "50"], &["20", "60"]),
            ("_0.", &["01", "0x"], &["0", "1"]),
            ("_!", &["", "1", "+49"], &[]),
            ("_555-XXXX", &["5551234"], &["555-1234"]),
            ("*1", &["*1"], &["1"]),
        ] {
            let parsed: Pattern = pattern.parse().unwrap();
            for extension in yes {
                assert!(parsed.matches(extension), "{pattern} {extension}");
            }
            for extension in no {
                assert!(!parsed.matches(extension), "{pattern} {extension}");
            }
        }
    }

    #[test]
    fn unusable_patterns_are_named() {
        for pattern in ["", "_", "_[12", "_[]", "_[9-1]", "_1.2", "_!X"] {
            let error = pattern.parse::<Pattern>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{pattern}`")), "{error}");
        }
    }
}
