//! The conference: one for each dialled extension, or what a file of rooms says.

mod file;
mod keys;
mod media;
mod member;
mod profile;
mod rooms;

use ari_client::prelude::*;
use tracing::{info, warn};

pub use file::{Position, RoomsError};
pub use keys::{Command, Keys};
pub use media::{MusicClass, Sound};
pub use profile::Profile;
pub use rooms::{Place, Rooms};

use member::Member;

/// The Q.850 cause for an extension that nobody has.
const UNALLOCATED_NUMBER: i64 = 1;

/// Puts callers into conferences: those who dial the same extension meet.
///
/// Who joins hears a beep, who waits alone hears music on hold; `*1` mutes and unmutes oneself, `#` leaves.
#[derive(Debug, Clone, Default)]
pub struct Conference {
    rooms: Rooms,
}

impl Conference {
    /// Conferences as `rooms` says.
    #[must_use]
    pub fn new(rooms: Rooms) -> Self {
        Self { rooms }
    }
}

impl Application for Conference {
    async fn on_call(&self, call: Call) -> Result {
        let Some(place) = self.rooms.place(call.extension(), &call.caller().number) else {
            warn!(caller = %call.caller(), extension = call.extension(), "no conference for this call");
            return Ok(call.hang_up_with(UNALLOCATED_NUMBER).await?);
        };
        call.answer().await?;
        let room = open(&call, &place).await?;
        let mut member = Member::new(&call, &room, &place.profile);
        match member.join().await {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::RoomFull => return refuse(&call, &place).await,
            Err(error) => return Err(error.into()),
        }
        let (conference, caller) = (&place.conference, call.caller());
        info!(conference, %caller, "joined");
        let result = member.take_part().await;
        match call.end() {
            Some(end) => info!(conference, %caller, "left: {end}"),
            None => info!(conference, %caller, "left"),
        }
        result
    }
}

async fn open(call: &Call, place: &Place) -> Result<Room> {
    let mut room = call.room(&place.conference).mixing().dtmf_events();
    if let Some(limit) = place.profile.max_members {
        room = room.max_members(limit.get());
    }
    if let Some(class) = place.profile.music.class() {
        room = room.music_when_alone(class);
    }
    Ok(room.await?)
}

async fn refuse(call: &Call, place: &Place) -> Result {
    info!(conference = place.conference, caller = %call.caller(), "refused: the conference is full");
    call.play("sound:conf-full").await?.finished().await?;
    Ok(call.hang_up().await?)
}
