//! Bindings of your own, on the client of the library: `ari` is made by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/ari.rs"));

// These take the places of the prelude's, which are those of the library's own bindings.
use ari::{EventKind, Resources};
use ari_client::prelude::*;

/// Says each digit that the caller presses, until he hangs up.
pub async fn spell(call: Call) -> Result {
    // An operation of these bindings, sent by the client of the library.
    call.ari().channels().answer(&*call.id()).await?;
    let events = call.events();
    while let Some(event) = events.next().await {
        // An event of these bindings, from the frame as it came.
        if let EventKind::ChannelDtmfReceived(pressed) = EventKind::from_frame(event?.raw()) {
            let name = match &*pressed.digit {
                "*" => "star",
                "#" => "pound",
                digit => digit,
            };
            let say = call
                .ari()
                .channels()
                .play(&*call.id(), [format!("sound:digits/{name}")]);
            say.await?;
        }
    }
    Ok(())
}
