//! Asterisks that dial us.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ari_client::EndReason;
use ari_client::prelude::*;
use serde_json::{Value, json};
use support::dialler::{Dialler, ID, USER, ask, channel, handshake};
use support::{Running, until, within};
use tokio::sync::mpsc;
use tokio::time::sleep;

const NO_CHANNELS: &Value = &Value::Array(Vec::new());

/// A server on a free port.
fn server() -> (AriServer, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (AriServer::on(listener).credentials(USER.0, USER.1), address)
}

/// Answers each call, and tells how it ended.
#[derive(Clone)]
struct Answers {
    starts: Arc<AtomicUsize>,
    ends: mpsc::UnboundedSender<(String, EndReason)>,
}

impl Answers {
    fn new() -> (Self, mpsc::UnboundedReceiver<(String, EndReason)>) {
        let (ends, ended) = mpsc::unbounded_channel();
        let starts = Arc::default();
        (Self { starts, ends }, ended)
    }
}

impl Application for Answers {
    async fn on_start(&self, _: &Ari) -> Result {
        self.starts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        let reason = call.ended().await.reason;
        self.ends.send((call.id().to_string(), reason))?;
        Ok(())
    }
}

#[tokio::test]
async fn a_call_outlives_the_connection_over_which_it_came() {
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let service = Running::with(server.service("ivr", application.clone())).await;

    let mut first = Dialler::dial(address, "ivr").await;
    first.serve("GET", "channels", 200, NO_CHANNELS).await;
    first.enters("c1");
    first.enters("c2");
    for _ in 0..2 {
        let request = first.request().await.unwrap();
        assert_eq!(request["method"], "POST");
        first.answer(&request, 204, &Value::Null);
    }
    drop(first);

    // While it was away, Asterisk kept what happened; one channel is gone without a word.
    let mut second = Dialler::silent(address, "ivr", USER, ID).await;
    second.enters("c3");
    second.tell("ApplicationRegistered", &json!({}));
    let mut answered = 0;
    while answered < 3 {
        let request = second.request().await.unwrap();
        let body = match request["uri"].as_str().unwrap() {
            "channels" => json!([second.channel("c1"), second.channel("c3")]),
            "applications/ivr" => json!({
                "name": "ivr", "channel_ids": ["c1", "c3"], "bridge_ids": [], "endpoint_ids": [], "device_names": [],
                "events_allowed": [], "events_disallowed": [],
            }),
            "channels/c3/answer" => Value::Null,
            other => panic!("{other}"),
        };
        second.answer(&request, 200, &body);
        answered += 1;
    }
    assert_eq!(
        within(ended.recv()).await.unwrap(),
        ("c2".to_owned(), EndReason::Lost)
    );
    second.tell(
        "ChannelHangupRequest",
        &json!({"cause": 16, "channel": second.channel("c1")}),
    );
    second.leaves("c1");
    assert_eq!(
        within(ended.recv()).await.unwrap(),
        ("c1".to_owned(), EndReason::HungUp)
    );
    second.leaves("c3");
    assert_eq!(
        within(ended.recv()).await.unwrap(),
        ("c3".to_owned(), EndReason::Left)
    );
    assert_eq!(
        application.starts.load(Ordering::Relaxed),
        1,
        "it is the same Asterisk"
    );
    service.stop().await;
}

/// Two Asterisks that have the same user name and id come back whenever the other has taken their place.
#[tokio::test]
async fn two_that_are_taken_for_one_do_not_make_a_storm() {
    let (server, address) = server();
    let (application, _ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let socket = Dialler::silent(address, "ivr", USER, ID).await;
        socket.tell("ApplicationRegistered", &json!({}));
        sockets.push(socket);
    }
    sleep(Duration::from_secs(2)).await;
    assert!(!sockets[0].is_closed() && !sockets[1].is_closed());
    // The first is served as if the other were not there.
    sockets[0].enters("c1");
    loop {
        let request = sockets[0].request().await.unwrap();
        let answered = request["uri"] == "channels/c1/answer";
        sockets[0].answer(&request, 200, NO_CHANNELS);
        if answered {
            break;
        }
    }
    sockets[0].leaves("c1");
    service.stop().await;
}

#[tokio::test]
async fn a_connection_takes_the_place_of_the_one_that_nobody_noticed_was_broken() {
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let mut first = Dialler::dial(address, "ivr").await;
    first.serve("GET", "channels", 200, NO_CHANNELS).await;
    first.enters("c1");
    first.serve("POST", "channels/c1/answer", 204, &Value::Null).await;
    let mut second = Dialler::dial(address, "ivr").await;
    assert!(first.request().await.is_none(), "the former one is closed");
    let there = json!([second.channel("c1")]);
    second.serve("GET", "channels", 200, &there).await;
    second.leaves("c1");
    assert_eq!(within(ended.recv()).await.unwrap().0, "c1");
    service.stop().await;
}

#[tokio::test]
async fn a_connection_that_comes_after_another_program_had_the_application_has_its_calls_taken() {
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let mut first = Dialler::dial(address, "ivr").await;
    first.serve("GET", "channels", 200, NO_CHANNELS).await;
    first.enters("c1");
    first.serve("POST", "channels/c1/answer", 204, &Value::Null).await;
    first.tell("ApplicationReplaced", &json!({}));
    assert_eq!(within(ended.recv()).await.unwrap().1, EndReason::Replaced);
    // The former one is still open, and may carry requests.
    let mut second = Dialler::dial(address, "ivr").await;
    second.enters("c2");
    let mut answered = false;
    while !answered {
        let (asterisk, request) = tokio::select! {
            request = first.request() => (&first, request.unwrap()),
            request = second.request() => (&second, request.unwrap()),
        };
        assert_ne!(request["uri"], "channels/c2/continue");
        answered = request["uri"] == "channels/c2/answer";
        asterisk.answer(&request, 200, NO_CHANNELS);
    }
    second.leaves("c2");
    assert_eq!(
        within(ended.recv()).await.unwrap(),
        ("c2".to_owned(), EndReason::Left)
    );
    service.stop().await;
}

#[tokio::test]
async fn the_pass_behind_a_hangup_has_a_connection_beside_that_of_the_call() {
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let name = "ivr:PJSIP/anna-00000001";
    let mut call = Dialler::dial(address, name).await;
    call.enters("c1");
    call.serve("POST", "channels/c1/answer", 204, &Value::Null).await;
    call.leaves("c1");
    assert_eq!(within(ended.recv()).await.unwrap().1, EndReason::Left);
    let mut pass = Dialler::dial(address, name).await;
    call.tell("ApplicationReplaced", &json!({}));
    let mut dead = pass.channel("c1");
    dead["dialplan"]["exten"] = json!("h");
    pass.tell("StasisStart", &json!({"args": [], "channel": dead}));
    pass.tell("StasisEnd", &json!({"channel": dead}));
    let asked = call.request_within(Duration::from_millis(500)).await;
    assert!(
        asked.is_none() && !call.is_closed(),
        "both are read to their ends"
    );
    assert!(pass.request_within(Duration::ZERO).await.is_none() && !pass.is_closed());
    drop(call);
    drop(pass);
    service.stop().await;
}

#[tokio::test]
async fn each_asterisk_has_its_own_state() {
    let (server, address) = server();
    let server = server.credentials("other", "s3cret");
    let (application, _ended) = Answers::new();
    let service = Running::with(server.service("ivr", application.clone())).await;
    let mut asterisks = Vec::new();
    for (user, id) in [(USER, "a"), (USER, "b"), (("other", "s3cret"), "a")] {
        let mut asterisk = Dialler::dial_as(address, "ivr", user, id).await;
        asterisk.serve("GET", "channels", 200, NO_CHANNELS).await;
        asterisks.push(asterisk);
    }
    // The ids of channels may be the same.
    for asterisk in &mut asterisks {
        asterisk.enters("c1");
        asterisk
            .serve("POST", "channels/c1/answer", 204, &Value::Null)
            .await;
    }
    assert_eq!(application.starts.load(Ordering::Relaxed), 3);
    for asterisk in &asterisks {
        asterisk.leaves("c1");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_with_connections_of_their_own_leave_nothing_behind() {
    const CALLS: usize = 300;
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let service = Running::with(server.service("ivr", application.clone())).await;
    let calls = (0..CALLS).map(|number| async move {
        let mut call = Dialler::dial(address, &format!("ivr:PJSIP/anna-{number:08x}")).await;
        let id = format!("c{number}");
        call.enters(&id);
        // What is asked for a call is asked on its own connection.
        let uri = format!("channels/{id}/answer");
        call.serve("POST", &uri, 204, &Value::Null).await;
        call.leaves(&id);
        drop(call);
    });
    within(futures_util::future::join_all(calls)).await;
    for _ in 0..CALLS {
        assert_eq!(within(ended.recv()).await.unwrap().1, EndReason::Left);
    }
    assert_eq!(application.starts.load(Ordering::Relaxed), 1);
    // Each of them is over: whoever stops now waits for none.
    tokio::time::timeout(Duration::from_secs(3), service.stop())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_call_of_the_program_before_is_taken_up_on_its_own_connection() {
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let mut call = Dialler::dial(address, "ivr:PJSIP/anna-00000001").await;
    let others = Dialler::silent(address, "ivr:PJSIP/bert-00000002", USER, ID).await;
    let there = json!([call.channel("c1"), others.channel("c2")]);
    call.serve("GET", "channels", 200, &there).await;
    call.serve("GET", "bridges", 200, NO_CHANNELS).await;
    loop {
        let request = call.request().await.unwrap();
        let answered = request["uri"] == "channels/c1/answer";
        call.answer(&request, if answered { 204 } else { 404 }, &Value::Null);
        if answered {
            break;
        }
    }
    call.leaves("c1");
    assert_eq!(within(ended.recv()).await.unwrap().0, "c1");
    service.stop().await;
}

#[tokio::test]
async fn whoever_is_no_asterisk_of_ours_is_told_so() {
    let (server, address) = server();
    let (application, _ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let good = handshake(USER);
    for (text, status) in [
        (handshake(("pbx", "wrong")), "401"),
        (good.replace("Authorization", "X-Authorization"), "401"),
        (good.replace("Upgrade: websocket\r\n", ""), "426"),
        (good.replace(": ari", ": sip"), "400"),
        (good.replace("Version: 13", "Version: 8"), "426"),
        (good.replace("GET", "PUT"), "405"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
    ] {
        let (_, head) = ask(address, &text).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{text}: {head}");
        assert!(!head.contains("s3cret"));
    }
    service.stop().await;
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let (server, address) = server();
    let server = server
        .handshake_timeout(Duration::from_millis(200))
        .max_sockets(1);
    let (application, _ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    let _mute = Dialler::silent(address, "ivr", USER, ID).await;
    // There is a place for one, and neither keeps it.
    let mut asterisk = Dialler::dial(address, "ivr").await;
    asterisk.serve("GET", "channels", 200, NO_CHANNELS).await;
    service.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_with_the_handshake_is_not_lost() {
    let (server, address) = server();
    let (application, _ended) = Answers::new();
    let service = Running::with(server.service("ivr", application)).await;
    let event = |event_type: &str, id: &str| {
        json!({
            "type": event_type, "application": "ivr", "asterisk_id": ID, "args": [],
            "timestamp": "2026-01-01T00:00:00.000+0000",
            "channel": channel("ivr", id),
        })
    };
    // Frames as a client writes them, with the mask 0.
    let mut bytes = handshake(USER).into_bytes();
    for id in ["c1", "c2", "c3"] {
        let text = event("StasisStart", id).to_string();
        let length = u16::try_from(text.len()).unwrap();
        bytes.extend([0x81, 0x80 | 126]);
        bytes.extend(length.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(text.as_bytes());
    }
    let (stream, head) = ask(address, bytes).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let mut asterisk = Dialler::over(stream, "ivr", ID);
    let mut answers = Vec::new();
    while answers.len() < 3 {
        let request = asterisk.request().await.unwrap();
        if request["uri"] != "channels" {
            answers.push(request["uri"].as_str().unwrap().to_owned());
            asterisk.answer(&request, 204, &Value::Null);
        } else {
            asterisk.answer(&request, 200, NO_CHANNELS);
        }
    }
    answers.sort_unstable();
    assert_eq!(
        answers,
        ["channels/c1/answer", "channels/c2/answer", "channels/c3/answer"]
    );
    for id in ["c1", "c2", "c3"] {
        asterisk.leaves(id);
    }
    service.stop().await;
}

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

#[tokio::test]
async fn the_server_stops_when_the_calls_of_all_connections_have_ended() {
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let mut service = Running::with(server.service("ivr", application)).await;
    let mut lasting = Dialler::dial_as(address, "ivr", USER, "a").await;
    lasting.serve("GET", "channels", 200, NO_CHANNELS).await;
    let mut own = Dialler::dial_as(address, "ivr:PJSIP/anna-1", USER, "b").await;
    for (asterisk, id) in [(&mut lasting, "c1"), (&mut own, "c2")] {
        asterisk.enters(id);
        asterisk
            .serve("POST", &format!("channels/{id}/answer"), 204, &Value::Null)
            .await;
    }
    service.ask_to_stop();
    within(service.status.wait_for(|status| *status == Status::Draining))
        .await
        .unwrap();

    // A call that comes now goes on in the dialplan, on a connection that is there and on a new one.
    let mut late = Dialler::dial_as(address, "ivr:PJSIP/bert-2", USER, "b").await;
    for (asterisk, id) in [(&mut lasting, "c3"), (&mut late, "c4")] {
        asterisk.enters(id);
        asterisk
            .serve("POST", &format!("channels/{id}/continue"), 204, &Value::Null)
            .await;
        asterisk.leaves(id);
    }
    lasting.leaves("c1");
    assert_eq!(within(ended.recv()).await.unwrap().0, "c1");
    sleep(Duration::from_millis(300)).await;
    assert_eq!(*service.status.borrow(), Status::Draining, "another call goes on");
    assert!(lasting.request_within(Duration::ZERO).await.is_none());
    own.leaves("c2");
    service.ended().await.unwrap();
    assert!(lasting.request().await.is_none(), "the sockets are closed");
}

/// Never starts: it panics the first time, and hangs from then on.
#[derive(Clone, Default)]
struct HangsAtItsStart(Arc<AtomicUsize>);

impl Application for HangsAtItsStart {
    async fn on_start(&self, _: &Ari) -> Result {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        assert!(before > 0, "not yet");
        std::future::pending().await
    }

    async fn on_call(&self, _: Call) -> Result {
        Ok(())
    }
}

#[tokio::test]
async fn an_application_that_does_not_start_may_be_stopped() {
    let (server, address) = server();
    let application = HangsAtItsStart::default();
    let service = Running::with(server.service("ivr", application.clone())).await;
    let mut panicked = Dialler::dial(address, "ivr").await;
    assert!(panicked.request().await.is_none(), "it is closed in a while");
    let _again = Dialler::dial(address, "ivr").await;
    let _beside = Dialler::dial(address, "ivr:PJSIP/anna-1").await;
    until("it starts again", || application.0.load(Ordering::Relaxed) == 2).await;
    service.stop().await;
}

#[tokio::test]
async fn nobody_listens_where_that_would_be_careless() {
    for (server, why) in [
        (AriServer::bind("0.0.0.0:0"), "set credentials"),
        (
            AriServer::bind("0.0.0.0:0").credentials("pbx", "s3cret"),
            "clear text",
        ),
        (
            AriServer::bind("127.0.0.1:0").credentials("pbx", ""),
            "must not be empty",
        ),
        (
            AriServer::bind("127.0.0.1:99999"),
            "cannot listen on 127.0.0.1:99999",
        ),
        (
            AriServer::bind("127.0.0.1:0").http(Ari::builder("ftp://x")),
            "ftp://x",
        ),
    ] {
        let printed = format!("{server:?}");
        let (application, _ended) = Answers::new();
        let failure = within(server.run("ivr", application))
            .await
            .unwrap_err()
            .to_string();
        assert!(failure.contains(why) && !failure.contains("s3cret"), "{failure}");
        assert!(!printed.contains("s3cret"), "{printed}");
    }
    let (server, _) = server();
    let (application, _ended) = Answers::new();
    let failure = within(server.run("a,b", application))
        .await
        .unwrap_err()
        .to_string();
    assert!(failure.contains("comma"), "{failure}");
}

#[tokio::test]
async fn settings_that_are_asterisks_business_are_refused() {
    let service = || {
        let (application, _ended) = Answers::new();
        server().0.service("ivr", application)
    };
    for (service, why) in [
        (service().subscribe_all(), "subscribe_all=yes"),
        (service().retry_first_connection(), "`retry_first_connection`"),
    ] {
        let failure = within(service.run()).await.unwrap_err().to_string();
        assert!(failure.contains(why), "{failure}");
    }
}

#[tokio::test]
async fn the_calls_of_a_lasting_connection_are_counted_once_where_it_comes_back_at_once() {
    let (server, address) = server();
    let (application, mut ended) = Answers::new();
    let service = Running::with(server.service("ivr", application.clone())).await;
    for round in 0..20 {
        let mut asterisk = Dialler::dial(address, "ivr").await;
        let id = format!("c{round}");
        asterisk.enters(&id);
        let mut answered = false;
        while !answered {
            let request = asterisk.request().await.unwrap();
            answered = request["uri"] == format!("channels/{id}/answer");
            asterisk.answer(&request, 200, NO_CHANNELS);
        }
        asterisk.leaves(&id);
        assert_eq!(within(ended.recv()).await.unwrap(), (id, EndReason::Left));
    }
    until("one start", || application.starts.load(Ordering::Relaxed) == 1).await;
    service.stop().await;
}
