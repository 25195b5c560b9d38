//! The server as a client sees it: over real connections, with a client that shares no code with it.

use std::time::Duration;

use base64::Engine;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const APP: &str = "EVERYTHING";

fn authorization(asterisk: &FakeAsterisk) -> String {
    let credentials = format!("{}:{}", asterisk.username(), asterisk.password());
    format!(
        "Authorization: Basic {}\r\n",
        base64::engine::general_purpose::STANDARD.encode(credentials)
    )
}

/// Sends a request and reads until the server closes; status line, headers and body.
async fn exchange(asterisk: &FakeAsterisk, head: &str, body: &str) -> std::io::Result<(u16, String, String)> {
    let mut stream = TcpStream::connect(asterisk.address()).await?;
    let length = body.len();
    let text = format!("{head}Host: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    Ok((status, head.to_owned(), body.to_owned()))
}

async fn request(asterisk: &FakeAsterisk, method: &str, path: &str) -> (u16, Value) {
    request_with(asterisk, method, path, &Value::Null).await
}

async fn request_with(asterisk: &FakeAsterisk, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let authorization = authorization(asterisk);
    let head = format!("{method} /ari{path} HTTP/1.1\r\n{authorization}Content-Type: application/json\r\n");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let (status, _, body) = exchange(asterisk, &head, &body).await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

/// An event socket.
struct Events(WebSocket<TcpStream>);

impl Events {
    async fn open(asterisk: &FakeAsterisk, apps: &str) -> Self {
        let mut stream = TcpStream::connect(asterisk.address()).await.unwrap();
        let head = format!(
            "GET /ari/events?app={apps} HTTP/1.1\r\nHost: x\r\n{}Upgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            authorization(asterisk)
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(
            answer.to_lowercase().contains("s3pplmbitxaq9kygzzhzrbk+xoo="),
            "{answer}"
        );
        Self(WebSocket::after_handshake(stream, Role::Client))
    }

    async fn frame(&mut self) -> Option<String> {
        let frame = tokio::time::timeout(Duration::from_secs(5), self.0.read_frame())
            .await
            .unwrap()
            .ok()?;
        (frame.opcode == OpCode::Text).then(|| String::from_utf8(frame.payload.to_vec()).unwrap())
    }

    async fn next(&mut self) -> Value {
        let text = self.frame().await.unwrap();
        let event = crate::Event::decode(text.clone().into());
        assert!(
            !matches!(event.kind, crate::EventKind::Malformed(_)),
            "{event:?}: {text}"
        );
        serde_json::from_str(&text).unwrap()
    }

    async fn next_is(&mut self, kind: &str) -> Value {
        let event = self.next().await;
        assert_eq!(event["type"], kind, "{event}");
        event
    }

    async fn send(&mut self, text: &str) {
        self.0
            .write_frame(Frame::text(Payload::Borrowed(text.as_bytes())))
            .await
            .unwrap();
    }
}

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
async fn refusals_have_asterisks_words() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let _events = Events::open(&asterisk, APP).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    let id = caller.channel_id();
    request(&asterisk, "POST", "/bridges/b").await;
    let cases = [
        ("GET", "/channels/nope".to_owned(), 404, "Channel not found"),
        (
            "POST",
            "/bridges/b".to_owned(),
            409,
            "Bridge with id 'b' already exists",
        ),
        (
            "POST",
            "/bridges/b/addChannel".to_owned(),
            400,
            "Missing parameter channel",
        ),
        (
            "POST",
            "/bridges/b/addChannel?channel=nope".to_owned(),
            400,
            "Channel not found",
        ),
        (
            "POST",
            format!("/bridges/nope/addChannel?channel={id}"),
            404,
            "Bridge not found",
        ),
        (
            "POST",
            format!("/bridges/b/removeChannel?channel={id}"),
            422,
            "Channel not in this bridge",
        ),
        (
            "DELETE",
            "/bridges/b/moh".to_owned(),
            409,
            "Bridge isn't playing music",
        ),
        ("GET", "/playbacks/nope".to_owned(), 404, "Playback not found"),
        (
            "POST",
            format!("/channels/{id}/mute"),
            400,
            "Direction is required",
        ),
        (
            "GET",
            format!("/channels/{id}/variable?variable=NO"),
            404,
            "Provided variable was not found",
        ),
        (
            "DELETE",
            format!("/channels/{id}?reason=zzz"),
            400,
            "Invalid reason for hangup reason provided",
        ),
        (
            "POST",
            "/channels?endpoint=PJSIP/a".to_owned(),
            400,
            "Application or extension must be specified",
        ),
        (
            "GET",
            "/applications/nope".to_owned(),
            404,
            "Application not found",
        ),
        ("GET", "/nosuch".to_owned(), 404, "Resource not found"),
        (
            "DELETE",
            "/mailboxes/1000".to_owned(),
            404,
            "Mailbox does not exist",
        ),
    ];
    for (method, path, status, message) in cases {
        let answer = request(&asterisk, method, &path).await;
        assert_eq!(answer, (status, json!({ "message": message })), "{method} {path}");
    }
    let nobody = request(&asterisk, "POST", "/channels?endpoint=PJSIP/nobody&app=x").await;
    assert_eq!(nobody, (500, json!({ "error": "Allocation failed" })));
    request(
        &asterisk,
        "POST",
        &format!("/channels/{id}/continue?context=other"),
    )
    .await;
    let gone = json!({ "message": "Channel not in Stasis application" });
    assert_eq!(
        request(&asterisk, "POST", &format!("/channels/{id}/answer")).await,
        (409, gone.clone())
    );
    assert_eq!(
        request(&asterisk, "POST", &format!("/bridges/b/addChannel?channel={id}")).await,
        (422, gone)
    );
}

#[tokio::test]
async fn a_mailbox_is_made_by_its_first_update() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let path = "/mailboxes/1000%40default";
    let update = format!("{path}?oldMessages=1&newMessages=2");
    assert_eq!(request(&asterisk, "PUT", &update).await.0, 204);
    let mailbox = json!({ "name": "1000@default", "old_messages": 1, "new_messages": 2 });
    assert_eq!(
        request(&asterisk, "GET", "/mailboxes").await,
        (200, json!([mailbox]))
    );
    assert_eq!(request(&asterisk, "DELETE", path).await.0, 204);
    assert_eq!(
        request(&asterisk, "GET", path).await,
        (404, json!({ "message": "Mailbox is does not exist" }))
    );
}

#[tokio::test]
async fn replies_are_what_the_library_reads() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let _events = Events::open(&asterisk, APP).await;
    let id = asterisk
        .call("1")
        .place(APP)
        .await
        .unwrap()
        .channel_id()
        .to_owned();
    request(&asterisk, "POST", "/bridges/b?name=n").await;
    request(
        &asterisk,
        "POST",
        &format!("/channels/{id}/play/p?media=sound:a,sound:b"),
    )
    .await;
    fn read<T: serde::de::DeserializeOwned>((status, reply): (u16, Value)) -> T {
        assert_eq!(status, 200, "{reply}");
        serde_json::from_value(reply).unwrap()
    }
    let channels: Vec<crate::models::Channel> = read(request(&asterisk, "GET", "/channels").await);
    assert_eq!(channels[0].id, id);
    let bridge: crate::models::Bridge = read(request(&asterisk, "GET", "/bridges/b").await);
    assert_eq!(bridge.name, "n");
    let playback: crate::models::Playback = read(request(&asterisk, "GET", "/playbacks/p").await);
    assert_eq!(playback.next_media_uri.as_deref(), Some("sound:b"));
    let app: crate::models::Application =
        read(request(&asterisk, "GET", &format!("/applications/{APP}")).await);
    assert_eq!(app.channel_ids, [id.as_str()]);
    let info: crate::models::AsteriskInfo = read(request(&asterisk, "GET", "/asterisk/info").await);
    assert!(info.system.is_some() && info.build.is_some() && info.status.is_some() && info.config.is_some());
    let _: crate::models::AsteriskPing = read(request(&asterisk, "GET", "/asterisk/ping").await);
}

#[tokio::test]
async fn strangers_and_strange_paths_are_turned_away() {
    let asterisk = FakeAsterisk::builder().user("me", "hush").start().await.unwrap();
    let (status, head, body) = exchange(&asterisk, "GET /ari/channels HTTP/1.1\r\n", "")
        .await
        .unwrap();
    assert_eq!(
        (status, body.as_str()),
        (401, r#"{"message":"Authentication required"}"#)
    );
    assert!(
        head.to_lowercase().contains("www-authenticate: basic realm="),
        "{head}"
    );
    let by_key = exchange(&asterisk, "GET /ari/channels?api_key=me:hush HTTP/1.1\r\n", "")
        .await
        .unwrap();
    assert_eq!(by_key.0, 200);
    let elsewhere = exchange(&asterisk, "GET /elsewhere HTTP/1.1\r\n", "")
        .await
        .unwrap();
    assert_eq!(elsewhere.0, 404);
    assert!(elsewhere.2.starts_with("<!DOCTYPE"), "{}", elsewhere.2);
    assert_eq!(request(&asterisk, "GET", "/events?app=x").await.0, 426);
    let head = format!(
        "POST /ari/bridges HTTP/1.1\r\n{}Content-Type: application/json\r\n",
        authorization(&asterisk)
    );
    assert_eq!(exchange(&asterisk, &head, "{xx").await.unwrap().0, 400);
}

#[tokio::test]
async fn faults_happen_once_and_only_where_asked_for() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    asterisk.fail_next("POST", "/bridges/*", 500, r#"{"message":"boom"}"#);
    assert_eq!(request(&asterisk, "GET", "/bridges").await.0, 200);
    assert_eq!(
        request(&asterisk, "POST", "/bridges/b").await,
        (500, json!({ "message": "boom" }))
    );
    assert!(asterisk.bridges().is_empty());
    assert_eq!(request(&asterisk, "POST", "/bridges/b").await.0, 200);
    let head = format!("DELETE /ari/bridges/b HTTP/1.1\r\n{}", authorization(&asterisk));
    asterisk.drop_next_request("DELETE", "/bridges/b");
    exchange(&asterisk, &head, "").await.unwrap_err();
    assert_eq!(asterisk.bridges().len(), 1);
    asterisk.drop_next_answer("DELETE", "/bridges/b");
    exchange(&asterisk, &head, "").await.unwrap_err();
    assert!(asterisk.bridges().is_empty());
    let last = asterisk.requests().pop().unwrap();
    assert_eq!(
        (last.to_string().as_str(), last.status),
        ("DELETE /bridges/b -> no answer", None)
    );
    asterisk.delay_requests(Duration::from_millis(50));
    let started = std::time::Instant::now();
    request(&asterisk, "GET", "/bridges").await;
    assert!(started.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn connections_are_cut_and_refused_while_calls_go_on() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let mut events = Events::open(&asterisk, APP).await;
    asterisk.wait_for_application(APP).await.unwrap();
    let caller = asterisk.call("1").place(APP).await.unwrap();
    events.next_is("StasisStart").await;
    asterisk.cut_connections().await;
    assert_eq!(events.frame().await, None);
    asterisk.wait_until_disconnected(APP).await.unwrap();
    assert!(caller.channel().is_some());
    let late = asterisk.call("2").place(APP).await.unwrap();
    assert_eq!(late.wait_until_gone().await.unwrap(), Ending::NotTaken);
    asterisk.stop_listening().await;
    let refused = TcpStream::connect(asterisk.address()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    asterisk.listen_again().await.unwrap();
    let mut events = Events::open(&asterisk, APP).await;
    caller.hang_up().await;
    events.next_is("ChannelHangupRequest").await;
}

#[tokio::test]
async fn sockets_carry_anything_and_requests_too() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let mut events = Events::open(&asterisk, APP).await;
    asterisk.wait_for_application(APP).await.unwrap();
    asterisk.send_raw("not json");
    assert_eq!(events.frame().await.as_deref(), Some("not json"));
    asterisk.send_event(json!({ "type": "ChannelTeleported", "application": APP }));
    assert!(events.next_is("ChannelTeleported").await["timestamp"].is_string());
    events.send("hello").await;
    assert_eq!(events.next_is("RESTResponse").await["status_code"], 400);
    let request = json!({"type": "RESTRequest", "request_id": "r", "method": "GET", "uri": "channels/x"});
    events.send(&request.to_string()).await;
    let response = events.next_is("RESTResponse").await;
    assert_eq!(
        (&response["status_code"], &response["request_id"]),
        (&404.into(), &"r".into())
    );
    assert_eq!(response["message_body"], r#"{"message":"Channel not found"}"#);
    let mut second = Events::open(&asterisk, APP).await;
    events.next_is("ApplicationReplaced").await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    second.next_is("StasisStart").await;
    let new = caller.transferred_to("777").await.unwrap();
    assert_eq!(
        second.next_is("StasisStart").await["replace_channel"]["id"],
        caller.channel_id()
    );
    assert_eq!(new.channel().unwrap().application.as_deref(), Some(APP));
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

#[tokio::test]
async fn dropping_the_server_ends_it() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let mut events = Events::open(&asterisk, APP).await;
    let address = asterisk.address();
    drop(asterisk);
    assert_eq!(events.frame().await, None);
    // The listener's task lets go of the port when it next runs.
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused)
        .await
        .unwrap();
}
