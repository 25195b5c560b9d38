//! Connections: cut, refused and faulty, and what they carry.

use serde_json::json;
use tokio::net::TcpStream;

use super::client::{Events, authorization, exchange, request};
use super::*;

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
