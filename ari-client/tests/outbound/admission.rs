//! Who is let in, and where we listen at all.

use std::time::Duration;

use ari_client::prelude::*;
use serde_json::{Value, json};

use crate::ivr::{Answers, Ivr, server};
use crate::support::dialler::{Dialler, ID, NO_CHANNELS, USER, ask, channel, handshake};
use crate::support::within;

#[tokio::test]
async fn whoever_is_no_asterisk_of_ours_is_told_so() {
    let ivr = Ivr::start().await;
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
        let (_, head) = ask(ivr.address, &text).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{text}: {head}");
        assert!(!head.contains("s3cret"));
    }
    ivr.stop().await;
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let soon = Duration::from_millis(200);
    let ivr = Ivr::with(|server| server.handshake_timeout(soon).max_sockets(1)).await;
    let _silent = tokio::net::TcpStream::connect(ivr.address).await.unwrap();
    let _mute = Dialler::silent(ivr.address, "ivr", USER, ID).await;
    // There is a place for one, and neither keeps it.
    let _asterisk = ivr.connected().await;
    ivr.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_with_the_handshake_is_not_lost() {
    let ivr = Ivr::start().await;
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
    let (stream, head) = ask(ivr.address, bytes).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let mut asterisk = Dialler::over(stream, "ivr", ID);
    let mut answers = Vec::new();
    while answers.len() < 3 {
        let request = asterisk.request().await.unwrap();
        if request["uri"] == "channels" {
            asterisk.answer(&request, 200, NO_CHANNELS);
        } else {
            answers.push(request["uri"].as_str().unwrap().to_owned());
            asterisk.answer(&request, 204, &Value::Null);
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
    ivr.stop().await;
}

/// Why an application of this name does not run.
async fn refusal(server: AriServer, name: &str) -> String {
    let (application, _ended) = Answers::new();
    let failure = within(server.run(name, application)).await.unwrap_err();
    failure.to_string()
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
        let failure = refusal(server, "ivr").await;
        assert!(failure.contains(why) && !failure.contains("s3cret"), "{failure}");
        assert!(!printed.contains("s3cret"), "{printed}");
    }
    let failure = refusal(server().0, "a,b").await;
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
