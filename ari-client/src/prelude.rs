//! What an application needs, for `use ari_client::prelude::*`.

pub use crate::events::CallBroadcast;
pub use crate::{
    Application, Ari, AriServer, Bridge, Call, CallEnded, Channel, Decision, Direction, Disposition,
    EndReason, Error, ErrorKind, Event, EventKind, EventType, EventTypes, Failure, ObjectKind, Playback,
    Resources, Resume, Room, Router, Services, Status, new_id,
};

/// The result of an application's own code: `?` turns any error into a [`Failure`].
pub type Result<T = (), E = Failure> = std::result::Result<T, E>;
