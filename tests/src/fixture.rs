//! The whole lab in one value.

use anyhow::Result;

use crate::asterisk::{Asterisk, AsteriskBuilder};
use crate::install::Installation;
use crate::phones::Phones;
use crate::sipp::Sipp;

/// A real Asterisk, and phones that call it.
#[derive(Debug)]
pub struct Lab {
    // The phones first: they hang up before the server goes.
    phones: Phones,
    asterisk: Asterisk,
}

impl Lab {
    /// Starts an Asterisk with the one-line dialplan, and phones.
    ///
    /// # Errors
    /// Fails if there is no Asterisk to be had, or one does not start.
    pub async fn start() -> Result<Self> {
        Self::with(|asterisk| asterisk).await
    }

    /// Starts an Asterisk that is `changed`, and phones.
    ///
    /// # Errors
    /// Fails as [`Lab::start`] does.
    pub async fn with(changed: impl FnOnce(AsteriskBuilder) -> AsteriskBuilder) -> Result<Self> {
        Self::on(Installation::find_or_fetch().await?, changed).await
    }

    /// Starts an Asterisk of this installation that is `changed`, and phones. These are of the newest release,
    /// whatever they call.
    ///
    /// # Errors
    /// Fails as [`Lab::start`] does.
    pub async fn on(
        installation: Installation,
        changed: impl FnOnce(AsteriskBuilder) -> AsteriskBuilder,
    ) -> Result<Self> {
        let asterisk = changed(Asterisk::builder(&installation)).start().await?;
        let phones = Phones::start(&Installation::find_or_fetch().await?, &asterisk).await?;
        Ok(Self { phones, asterisk })
    }

    /// The Asterisk under test.
    #[must_use]
    pub fn asterisk(&self) -> &Asterisk {
        &self.asterisk
    }

    /// The phones.
    #[must_use]
    pub fn phones(&self) -> &Phones {
        &self.phones
    }

    /// `SIPp` callers who dial `extension`.
    #[must_use]
    pub fn sipp(&self, extension: impl Into<String>) -> Sipp {
        Sipp::new(&self.asterisk, extension)
    }
}
