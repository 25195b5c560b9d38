//! Handles: objects of Asterisk with what can be done to them.
//!
//! A handle holds an id and sends requests; it keeps no copy of the object's state.

mod bridge;
mod call;
mod channel;
mod ended;
mod external_media;
mod identity;
mod insist;
mod playback;
mod room;

pub use bridge::{Bridge, BridgeBuilder};
pub use call::Call;
pub use channel::{Channel, Direction};
pub use ended::{CallEnded, EndReason, Side};
pub use external_media::ExternalMedia;
pub use playback::{PlayBuilder, Playback};
pub use room::{Room, RoomBuilder};

pub(crate) use call::{CallState, FirstSubscriptions, Start};
pub(crate) use identity::{Departure, Identity};
pub(crate) use insist::{LONGEST_WAIT, LOOKS, SETTLED, insist};
pub(crate) use room::Rooms;
