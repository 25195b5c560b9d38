//! Requests that travel back on the socket.

use std::time::Duration;

use ari_client::prelude::*;
use serde_json::{Value, json};

use crate::ivr::server;
use crate::support::Running;
use crate::support::dialler::{Dialler, NO_CHANNELS};

/// Plays, and sets a variable, which waits for the channel; beside that, another channel is rung.
async fn plays_and_waits(call: Call) -> Result {
    let playback = call.play("sound:long").await?;
    let waits = call.ari().within(Duration::from_secs(2));
    let set = waits
        .channels()
        .set_channel_var(call.id().to_string(), "X")
        .value("1");
    let (set, rung) = tokio::join!(set, async { call.ari().channels().ring("other").await });
    rung?;
    if let Err(error) = set {
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
        playback.stop().await?;
    }
    call.ended().await;
    Ok(())
}

#[tokio::test]
async fn a_request_that_would_hold_up_the_socket_waits_for_the_playbacks_end() {
    for ends in [true, false] {
        let (server, address) = server();
        let service = Running::with(server.service("ivr", plays_and_waits)).await;
        let mut asterisk = Dialler::dial(address, "ivr").await;
        asterisk.serve("GET", "channels", 200, NO_CHANNELS).await;
        asterisk.enters("c1");
        let play = asterisk.request().await.unwrap();
        let uri = play["uri"]
            .as_str()
            .unwrap()
            .split('?')
            .next()
            .unwrap()
            .to_owned();
        let id = uri
            .strip_prefix("channels/c1/play/")
            .expect("an id of ours")
            .to_owned();
        let playback = json!({"id": id, "media_uri": "sound:long", "target_uri": "channel:c1", "language": "en", "state": "playing"});
        asterisk.answer(&play, 201, &playback);
        asterisk
            .serve("POST", "channels/other/ring", 204, &Value::Null)
            .await;
        let early = asterisk.request_within(Duration::from_millis(500)).await;
        assert_eq!(early, None, "it is not sent during the playback");
        if ends {
            asterisk.tell("PlaybackFinished", &json!({"playback": playback}));
            let set = asterisk.request().await.unwrap();
            assert!(
                set["uri"].as_str().unwrap().starts_with("channels/c1/variable"),
                "{set}"
            );
            asterisk.answer(&set, 204, &Value::Null);
        } else {
            let stop = asterisk.request().await.unwrap();
            assert_eq!(
                (&stop["method"], &stop["uri"]),
                (&json!("DELETE"), &json!(format!("playbacks/{id}")))
            );
            asterisk.answer(&stop, 204, &Value::Null);
        }
        asterisk.leaves("c1");
        service.stop().await;
    }
}
