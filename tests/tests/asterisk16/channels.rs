//! Channels that the application makes: originate, dial, snoop, external media, and what is done to them.

use ari_client::Resources as _;

use crate::House;
use crate::house::{APP, came, id};

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_local_channel_is_originated_and_treated_in_every_way() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let originate = house.ari.channels().originate("Local/wait@default");
    let made = house
        .ask(
            originate
                .app(APP)
                .app_args("a,b")
                .caller_id("Eve <7>")
                .variable("COLOUR", "red"),
        )
        .await;
    let start = house.next("StasisStart").await;
    assert_eq!(
        (id(&start["channel"]), &start["args"][1]),
        (made.id.clone(), &"b".into())
    );
    let channel = &made.id;
    let channels = house.ari.channels();
    assert_eq!(
        house.ask(channels.get_channel_var(channel, "COLOUR")).await.value,
        "red"
    );
    house
        .ask(channels.set_channel_var(channel, "SIZE").value("9"))
        .await;
    house.ask(channels.start_moh(channel)).await;
    house.ask(channels.stop_moh(channel)).await;
    house.ask(channels.start_silence(channel)).await;
    house.ask(channels.stop_silence(channel)).await;
    house.ask(channels.mute(channel).direction("both")).await;
    house.ask(channels.unmute(channel).direction("both")).await;
    house.ask(channels.hold(channel)).await;
    house.ask(channels.unhold(channel)).await;
    let snoop = house.ask(channels.snoop_channel(channel, APP).spy("both")).await;
    assert_eq!(id(&house.next("StasisStart").await["channel"]), snoop.id);
    house.ask(house.ari.channels().hangup(&snoop.id)).await;
    house.next("StasisEnd").await;
    house
        .ask(
            house
                .ari
                .channels()
                .continue_in_dialplan(channel)
                .context("default")
                .extension("wait"),
        )
        .await;
    house.next("StasisEnd").await;
    house.ask(house.ari.channels().hangup(channel)).await;
    house.next_of_all("ChannelDestroyed").await;
    let kinds = house.close().await;
    came(
        &kinds,
        &[
            "ChannelVarset",
            "ChannelDialplan",
            "ChannelCallerId",
            "Dial",
            "ChannelHangupRequest",
        ],
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_channel_is_created_dialled_and_moved() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let made = house
        .ask(house.ari.channels().create("Local/wait@default", APP))
        .await;
    house.next("StasisStart").await;
    house.ask(house.ari.channels().dial(&made.id).timeout(10)).await;
    house.next("Dial").await;
    house.ask(house.ari.channels().move_(&made.id, "watch")).await;
    house.next("StasisEnd").await;
    let start = house.next_of_all("StasisStart").await;
    assert_eq!(id(&start["channel"]), made.id);
    house.ask(house.ari.channels().move_(&made.id, "nobody")).await;
    house.next_of_all("ApplicationMoveFailed").await;
    house.ask(house.ari.channels().hangup(&made.id)).await;
    house.next_of_all("StasisEnd").await;
    came(&house.close().await, &["ApplicationMoveFailed", "Dial"]);
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn external_media_is_sent_and_received() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let peer = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = peer.local_addr().unwrap().to_string();
    let media = house
        .ari
        .channels()
        .external_media(APP, "ulaw")
        .external_host(address);
    let channel = house.ask(media).await;
    house.next("StasisStart").await;
    house
        .ask(house.ari.channels().play(&channel.id, ["tone:ring"]))
        .await;
    let mut packet = [0; 1500];
    let received = tokio::time::timeout(crate::house::PATIENCE, peer.recv(&mut packet)).await;
    assert_eq!(received.unwrap().unwrap(), 172, "20 ms of ulaw and a header");
    house.ask(house.ari.channels().hangup(&channel.id)).await;
    house.next("StasisEnd").await;
    came(&house.close().await, &["PlaybackStarted", "ChannelDestroyed"]);
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn talking_is_detected() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let made = house
        .ask(house.ari.channels().originate("Local/tone@default").app(APP))
        .await;
    house.next("StasisStart").await;
    let detect = house.ari.channels().set_channel_var(&made.id, "TALK_DETECT(set)");
    house.ask(detect.value("300,128")).await;
    house.next("ChannelTalkingStarted").await;
    house.ask(house.ari.channels().hangup(&made.id)).await;
    house.next("StasisEnd").await;
    house.close().await;
}
