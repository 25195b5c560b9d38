//! A caller, before the call.

use std::time::Duration;

/// Who calls, whom, and how.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(crate) extension: String,
    pub(crate) name: String,
    pub(crate) number: String,
    pub(crate) tone: Option<u32>,
    pub(crate) patience: Duration,
}

impl Caller {
    /// A caller who dials `extension`, silently.
    #[must_use]
    pub fn new(extension: impl Into<String>) -> Self {
        Self {
            extension: extension.into(),
            name: "phone".to_owned(),
            number: "1".to_owned(),
            tone: None,
            patience: Duration::from_secs(10),
        }
    }

    /// Sets the caller's name, which the server sees.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the caller's number, which the server sees.
    #[must_use]
    pub fn number(mut self, number: impl Into<String>) -> Self {
        self.number = number.into();
        self
    }

    /// Says a tone of `hertz`, from the answer on.
    #[must_use]
    pub fn tone(mut self, hertz: u32) -> Self {
        self.tone = Some(hertz);
        self
    }

    /// Sets how long the call may go unanswered: 10 s by default.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}
