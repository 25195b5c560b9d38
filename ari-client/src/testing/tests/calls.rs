//! Calls as their far ends and the application see them.

use serde_json::json;

use super::client::{Events, request, request_with};
use super::*;

#[tokio::test]
async fn a_call_goes_the_whole_way() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let mut events = Events::open(&asterisk, APP).await;
    let caller = asterisk
        .call("1000")
        .caller("+4930123")
        .args(["x"])
        .place(APP)
        .await
        .unwrap();
    let id = caller.channel_id().to_owned();
    events.next_is("StasisStart").await;
    assert_eq!(
        request(&asterisk, "POST", &format!("/channels/{id}/answer"))
            .await
            .0,
        204
    );
    caller.wait_until_answered().await.unwrap();
    events.next_is("ChannelStateChange").await;
    let (status, playback) = request(
        &asterisk,
        "POST",
        &format!("/channels/{id}/play?media=sound:beep"),
    )
    .await;
    assert_eq!((status, &playback["state"]), (201, &"queued".into()));
    caller.wait_until_heard("sound:beep").await.unwrap();
    // Waits for the playback, as the real one does.
    assert_eq!(
        request(&asterisk, "POST", "/bridges/room?type=mixing&name=r")
            .await
            .0,
        200
    );
    let body = json!({ "channel": [id] });
    assert_eq!(
        request_with(&asterisk, "POST", "/bridges/room/addChannel", &body)
            .await
            .0,
        204
    );
    events.next_is("PlaybackStarted").await;
    events.next_is("PlaybackFinished").await;
    events.next_is("ChannelEnteredBridge").await;
    assert_eq!(caller.wait_until_bridged().await.unwrap(), "room");
    assert_eq!(asterisk.leaks().len(), 2, "{:?}", asterisk.leaks());
    caller.press("*1").await;
    assert_eq!(events.next_is("ChannelDtmfReceived").await["digit"], "*");
    assert_eq!(events.next_is("ChannelDtmfReceived").await["digit"], "1");
    caller.hang_up().await;
    for kind in ["ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd"] {
        events.next_is(kind).await;
    }
    let ending = caller.wait_until_gone().await.unwrap();
    assert_eq!(
        ending,
        Ending::HungUp {
            by: HungUpBy::FarEnd,
            cause: 16
        }
    );
    assert_eq!(request(&asterisk, "DELETE", "/bridges/room").await.0, 204);
    asterisk.wait_until_idle().await.unwrap();
    assert_eq!(asterisk.playbacks()[0].state, "done");
    let answers = asterisk.requests();
    assert_eq!(answers[0].path, "/events");
    assert!(answers[1].is("POST", "/channels/*/answer") && answers[1].status == Some(204));
}

#[tokio::test]
async fn phones_can_be_dialled() {
    let phone = Phone::AnswersAfter(Duration::from_millis(10));
    let asterisk = FakeAsterisk::builder()
        .phone("PJSIP/alice", phone)
        .start()
        .await
        .unwrap();
    let mut events = Events::open(&asterisk, APP).await;
    let body = json!({ "endpoint": "PJSIP/alice", "app": APP, "channelId": "out", "callerId": "Bob <555>",
        "variables": { "FOO": "bar" } });
    let (status, channel) = request_with(&asterisk, "POST", "/channels", &body).await;
    assert_eq!((status, &channel["caller"]["number"]), (200, &"555".into()));
    while events.next().await["type"] != "StasisStart" {}
    let alice = asterisk.far_end("out").unwrap();
    assert_eq!(alice.channel().unwrap().variables["FOO"], "bar");
    alice.hang_up().await;
    for kind in ["ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"] {
        events.next_is(kind).await;
    }
}

#[tokio::test]
async fn external_media_is_a_channel_with_a_real_socket() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let mut events = Events::open(&asterisk, APP).await;
    let peer = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let host = peer.local_addr().unwrap();
    let path =
        format!("/channels/externalMedia?app={APP}&external_host={host}&format=ulaw&channelId=em&data=c1");
    let (status, channel) = request(&asterisk, "POST", &path).await;
    assert_eq!(status, 200);
    for kind in ["Dial", "ChannelStateChange", "Dial"] {
        events.next_is(kind).await;
    }
    assert_eq!(events.next_is("StasisStart").await["args"], json!(["c1"]));
    let media = asterisk.media_socket("em").unwrap().unwrap();
    media.send(b"rtp").await.unwrap();
    let mut datagram = [0; 16];
    let (length, from) = peer.recv_from(&mut datagram).await.unwrap();
    assert_eq!(&datagram[..length], b"rtp");
    assert_eq!(
        from.port().to_string(),
        channel["channelvars"]["UNICASTRTP_LOCAL_PORT"]
    );
    peer.send_to(b"back", from).await.unwrap();
    assert_eq!(media.receive().await.unwrap(), b"back");
}

#[tokio::test]
async fn a_missed_deadline_tells_what_was_waited_for_and_seen() {
    let asterisk = FakeAsterisk::builder()
        .deadline(Duration::from_millis(20))
        .start()
        .await
        .unwrap();
    let _events = Events::open(&asterisk, APP).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    let error = caller.wait_until_answered().await.unwrap_err().to_string();
    assert!(
        error.contains("it was answered") && error.contains("GET /events -> 101"),
        "{error}"
    );
    caller.hang_up().await;
    let error = caller.wait_until_answered().await.unwrap_err().to_string();
    assert!(error.contains("ended before it was answered"), "{error}");
}
