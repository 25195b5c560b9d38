//! Which conference a call comes to.

use std::sync::Arc;

use ari_client::Pattern;

use super::Profile;

/// The conferences that there are, each with its profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rooms {
    pub(super) entries: Vec<Entry>,
}

/// One `[[rooms]]` of the file. A call comes here if it matches all that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) extension: Option<Pattern>,
    pub(super) caller: Option<Pattern>,
    /// The conference; where there is no name, each dialled extension is one.
    pub(super) name: Option<String>,
    pub(super) profile_name: Arc<str>,
    pub(super) profile: Arc<Profile>,
}

/// Where a call is put.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The conference's name. It holds the profile's, so that customers whose conferences are called alike never meet.
    pub conference: String,
    /// What the conference is like.
    pub profile: Arc<Profile>,
}

impl Rooms {
    /// One conference for each dialled extension, all of this profile.
    #[must_use]
    pub fn all(profile: Profile) -> Self {
        let entry = Entry {
            extension: None,
            caller: None,
            name: None,
            profile_name: super::file::DEFAULT.into(),
            profile: Arc::new(profile),
        };
        Self { entries: vec![entry] }
    }

    /// Where a call goes, by the extension that was dialled and the caller's number: the first entry that matches
    /// counts. `None` where there is no conference for it.
    #[must_use]
    pub fn place(&self, extension: &str, caller: &str) -> Option<Place> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.matches(extension, caller))?;
        let name = entry.name.as_deref().unwrap_or(extension);
        let conference = format!("{}/{name}", entry.profile_name);
        Some(Place {
            conference,
            profile: Arc::clone(&entry.profile),
        })
    }
}

impl Default for Rooms {
    fn default() -> Self {
        Self::all(Profile::default())
    }
}

impl Entry {
    fn matches(&self, extension: &str, caller: &str) -> bool {
        let fits =
            |pattern: &Option<Pattern>, text| pattern.as_ref().is_none_or(|pattern| pattern.matches(text));
        fits(&self.extension, extension) && fits(&self.caller, caller)
    }
}
