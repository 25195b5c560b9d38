//! Calls of phones: answered, bridged, played to, recorded, hung up.

use ari_client::Resources as _;
use ari_lab::Caller;

use crate::House;
use crate::house::{PATIENCE, came};

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_call_is_answered_played_to_recorded_and_hung_up() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let (mut phone, id) = house.call(Caller::new("1000").named("anna").number("17")).await;
    let channel = house.ask(house.ari.channels().get(&id)).await;
    assert_eq!((&*channel.caller.name, &*channel.caller.number), ("anna", "17"));
    house.ask(house.ari.channels().ring(&id)).await;
    house.ask(house.ari.channels().ring_stop(&id)).await;
    house.ask(house.ari.channels().answer(&id)).await;
    phone.answered(PATIENCE).await.unwrap();

    let playback = house
        .ask(house.ari.channels().play(&id, ["sound:beep", "digits:12"]))
        .await;
    house.next("PlaybackStarted").await;
    let played = house.ask(house.ari.playbacks().get(&playback.id)).await;
    assert_eq!(played.target_uri, format!("channel:{id}"));
    house.next("PlaybackContinuing").await;
    house.next("PlaybackFinished").await;

    house.ask(house.ari.channels().play(&id, ["tone:ring"])).await;
    let started = house.next("PlaybackStarted").await;
    let ring = started["playback"]["id"].as_str().unwrap().to_owned();
    house.ask(house.ari.playbacks().stop(&ring)).await;
    house.next("PlaybackFinished").await;

    phone.press("1#").await.unwrap();
    assert_eq!(house.next("ChannelDtmfReceived").await["digit"], "1");
    assert_eq!(house.next("ChannelDtmfReceived").await["digit"], "#");
    house.ask(house.ari.channels().send_dtmf(&id).dtmf("2")).await;

    phone.say(440).await.unwrap();
    let recording = house
        .ari
        .channels()
        .record(&id, "voice", "wav")
        .max_duration_seconds(1);
    house.ask(recording).await;
    house.next("RecordingStarted").await;
    house.ask(house.ari.recordings().get_live("voice")).await;
    house.next("RecordingFinished").await;
    assert_eq!(house.ask(house.ari.recordings().list_stored()).await.len(), 1);
    let file = house.ari.recordings().get_stored_file("voice").await.unwrap();
    assert!(file.starts_with(b"RIFF"), "no WAV file");
    house
        .ask(house.ari.recordings().copy_stored("voice", "copy"))
        .await;
    house.ask(house.ari.recordings().delete_stored("voice")).await;
    house.ask(house.ari.recordings().delete_stored("copy")).await;

    house.ask(house.ari.channels().rtp_statistics(&id)).await;
    house.ask(house.ari.channels().hangup(&id).reason("busy")).await;
    assert_eq!(phone.ended(PATIENCE).await.unwrap(), 17);
    house.next("StasisEnd").await;
    house.next_of_all("ChannelDestroyed").await;
    let kinds = house.close().await;
    came(
        &kinds,
        &[
            "ChannelCreated",
            "ChannelStateChange",
            "ChannelHangupRequest",
            "ChannelDestroyed",
        ],
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn two_callers_hear_each_other_in_a_bridge_that_plays_and_records() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let (mut anna, first) = house.answered(Caller::new("1000").named("anna").tone(440)).await;
    let (mut bert, second) = house.answered(Caller::new("1000").named("bert").tone(620)).await;
    // By the path that 22.10 needs: 16 takes it as well.
    let bridge = house
        .ask(
            house
                .ari
                .bridges()
                .create()
                .type_("mixing,dtmf_events")
                .name("room"),
        )
        .await;
    house
        .ask(
            house
                .ari
                .bridges()
                .add_channel(&bridge.id, [&first, &second].map(String::as_str)),
        )
        .await;
    house.next("ChannelEnteredBridge").await;
    house.next("ChannelEnteredBridge").await;
    let length = std::time::Duration::from_secs(2);
    let (to_anna, to_bert) = tokio::join!(anna.listen(length), bert.listen(length));
    assert!(to_anna.unwrap().holds(620), "anna does not hear bert");
    assert!(to_bert.unwrap().holds(440), "bert does not hear anna");

    assert_eq!(
        house
            .ask(house.ari.bridges().get(&bridge.id))
            .await
            .channels
            .len(),
        2
    );
    assert_eq!(house.ask(house.ari.bridges().list()).await.len(), 1);
    house
        .ask(house.ari.bridges().play(&bridge.id, ["sound:beep"]))
        .await;
    house.next("PlaybackFinished").await;
    let recording = house
        .ari
        .bridges()
        .record(&bridge.id, "meeting", "wav")
        .max_duration_seconds(1);
    house.ask(recording).await;
    house.next("RecordingFinished").await;
    house.ask(house.ari.bridges().start_moh(&bridge.id)).await;
    house.ask(house.ari.bridges().stop_moh(&bridge.id)).await;
    house
        .ask(house.ari.bridges().remove_channel(&bridge.id, [&*first]))
        .await;
    house.next("ChannelLeftBridge").await;
    anna.hang_up().await.unwrap();
    bert.hang_up().await.unwrap();
    house.next("StasisEnd").await;
    house.next("StasisEnd").await;
    house.ask(house.ari.bridges().destroy(&bridge.id)).await;
    house.next_of_all("BridgeDestroyed").await;
    let kinds = house.close().await;
    came(
        &kinds,
        &[
            "BridgeCreated",
            "ChannelEnteredBridge",
            "ChannelLeftBridge",
            "RecordingStarted",
        ],
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn an_attended_transfer_is_told() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let (mut anna, anna_id) = house.answered(Caller::new("1000").named("anna").tone(440)).await;
    let (mut first, first_id) = house.answered(Caller::new("1000").named("bert")).await;
    let (mut second, second_id) = house.answered(Caller::new("2000").named("bert")).await;
    let (mut carl, carl_id) = house.answered(Caller::new("2000").named("carl").tone(620)).await;
    for (bridge, channels) in [("one", [&anna_id, &first_id]), ("two", [&second_id, &carl_id])] {
        house
            .ask(house.ari.bridges().create_with_id(bridge).type_("mixing"))
            .await;
        for channel in channels {
            house
                .ask(house.ari.bridges().add_channel(bridge, [&**channel]))
                .await;
            house.next("ChannelEnteredBridge").await;
        }
    }
    first.transfer_to(&mut second).await.unwrap();
    let start = house.next("StasisStart").await;
    assert!(start["replace_channel"]["id"].is_string(), "{start}");
    second.ended(PATIENCE).await.unwrap();
    anna.hang_up().await.unwrap();
    carl.hang_up().await.unwrap();
    for channel in house.ask(house.ari.channels().list()).await {
        // Those that go by themselves may be gone.
        let _ = house.ari.channels().hangup(&channel.id).await;
    }
    for bridge in ["one", "two"] {
        house.ask(house.ari.bridges().destroy(bridge)).await;
    }
    let kinds = house.close().await;
    came(&kinds, &["BridgeAttendedTransfer", "StasisStart", "StasisEnd"]);
}
