//! A test double of Asterisk, for hermetic tests of call applications.
//!
//! [`FakeAsterisk`] is a real HTTP and WebSocket server on a free port of 127.0.0.1, inside the process of the test.
//! It keeps channels, bridges, playbacks, variables, mailboxes and subscriptions, answers requests and sends events
//! as Asterisk 22 does, for the operations that call applications need; any other operation is refused with status 501.
//! A test plays the people at the phones: it [places calls](FakeAsterisk::call), presses digits, hangs up, and sees
//! how its calls end. It can also make the server misbehave: cut connections, answer late, answer with an error.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ari_client::testing::FakeAsterisk;
//!
//! let asterisk = FakeAsterisk::start().await?;
//! // Run the application under test against `asterisk.url()`, `asterisk.username()`, `asterisk.password()`,
//! // and wait until it is there:
//! //     asterisk.wait_for_application("EVERYTHING").await?;
//! let caller = asterisk.call("1000").caller("+4930123").place("EVERYTHING").await?;
//! //     caller.wait_until_answered().await?;
//! caller.press("*1").await;
//! caller.hang_up().await;
//! caller.wait_until_gone().await?;
//! assert!(asterisk.leaks().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! Every wait has a deadline, five seconds unless the [builder](FakeAsterisk::builder) says otherwise; the error
//! tells what was waited for and which requests came last.

mod api;
mod asterisk;
mod builder;
mod caller;
mod faults;
mod media;
mod requests;
mod server;
mod snapshot;
#[cfg(test)]
mod tests;
mod world;

pub use asterisk::FakeAsterisk;
pub use builder::FakeAsteriskBuilder;
pub use caller::{Caller, PlaceCall};
pub use media::MediaSocket;
pub use requests::Request;
pub use snapshot::{BridgeSnapshot, ChannelSnapshot, PlaybackSnapshot};
pub use world::{Ending, HungUpBy, Phone};

/// A line for each thing that is left.
fn leaks(shared: &server::Shared) -> Vec<String> {
    let world = &shared.world;
    let in_stasis = world.channels.iter().filter_map(|channel| {
        let app = channel.app.as_ref()?;
        Some(format!("channel {} ({}) in {app}", channel.id, channel.name))
    });
    let bridges = world
        .bridges
        .iter()
        .map(|bridge| format!("bridge {} ({})", bridge.id, bridge.name));
    let playbacks = world
        .playbacks
        .iter()
        .map(|playback| format!("playback {} of {:?}", playback.id, playback.media));
    in_stasis.chain(bridges).chain(playbacks).collect()
}
