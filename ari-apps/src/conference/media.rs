//! Settings that name something to hear, or `false` for nothing.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A class of music on hold, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MusicClass(Option<String>);

/// A media URI such as `sound:beep`, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound(Option<String>);

impl MusicClass {
    /// No music.
    pub const NONE: Self = Self(None);

    /// A class of `musiconhold.conf`.
    pub fn named(class: impl Into<String>) -> Self {
        Self(Some(class.into()))
    }

    /// The class, if there is music.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl Sound {
    /// No sound.
    pub const NONE: Self = Self(None);

    /// The sound that this URI stands for.
    pub fn uri(uri: impl Into<String>) -> Self {
        Self(Some(uri.into()))
    }

    /// The URI, if there is a sound.
    #[must_use]
    pub fn as_uri(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de> Deserialize<'de> for MusicClass {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(TextOrFalse("a music class such as \"default\", or false"))
            .map(Self)
    }
}

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a media URI such as \"sound:beep\", or false";
        let sound = deserializer.deserialize_any(TextOrFalse(EXPECTED))?;
        match &sound {
            Some(uri) if !uri.contains(':') => Err(D::Error::custom(format!("`{uri}` is not {EXPECTED}"))),
            _ => Ok(Self(sound)),
        }
    }
}

/// Reads a text, or `false` for none; says what it expects otherwise.
struct TextOrFalse(&'static str);

impl Visitor<'_> for TextOrFalse {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<String>, E> {
        if text.is_empty() {
            return Err(E::invalid_value(serde::de::Unexpected::Str(text), &self));
        }
        Ok(Some(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<String>, E> {
        if value {
            return Err(E::invalid_value(serde::de::Unexpected::Bool(value), &self));
        }
        Ok(None)
    }
}
