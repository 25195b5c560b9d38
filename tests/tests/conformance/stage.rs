//! What a scenario needs of a server.

use std::time::Duration;

use anyhow::Result;

/// How long people wait for an answer, or for the end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// The extension whose calls come with the arguments `red` and `green`.
pub(crate) const WITH_ARGS: &str = "2000";
/// The extension whose calls are offered to all applications, with the arguments `red` and `green`, for a minute.
pub(crate) const OFFERED: &str = "4000";
/// The extension whose calls are offered to all applications, for [`A_MOMENT`].
pub(crate) const OFFERED_BRIEFLY: &str = "4100";
pub(crate) const A_MOMENT: Duration = Duration::from_millis(300);
/// The extension whose calls get to [`LETTERS`].
pub(crate) const TO_LETTERS: &str = "3000";
/// A context of the dialplan, and its extension, whose only pattern also matches `h`.
pub(crate) const LETTERS: (&str, &str) = ("letters", "start");

/// A server with people who can call it, and phones that it can call: `PJSIP/answers`, `PJSIP/busy`, `PJSIP/rings`.
///
/// All calls get to the application `EVERYTHING`; where that is not connected, or lets go of them, they end.
pub(crate) trait Stage {
    type Person: Person;

    /// Where its HTTP server is.
    fn server(&self) -> Server;

    /// Lets somebody call; comes back while the call is on its way.
    async fn call(&self, name: &str, extension: &str) -> Result<Self::Person>;
}

/// Somebody in a call.
pub(crate) trait Person {
    async fn press(&mut self, keys: &str) -> Result<()>;

    async fn hang_up(&mut self) -> Result<()>;

    /// Waits until the call is answered.
    async fn answered(&mut self) -> Result<()>;

    /// Waits until the call is over; the Q.850 cause that the phone was told.
    async fn over(&mut self) -> Result<u16>;
}

/// An HTTP server, and who may use it.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
}
