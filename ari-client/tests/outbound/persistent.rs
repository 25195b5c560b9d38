//! Connections that last: they break, come back, and take each other's place.

use std::time::Duration;

use ari_client::EndReason;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::ivr::Ivr;
use crate::support::dialler::{Dialler, ID, NO_CHANNELS, USER};
use crate::support::until;

#[tokio::test]
async fn a_call_outlives_the_connection_over_which_it_came() {
    let mut ivr = Ivr::start().await;

    let mut first = ivr.connected().await;
    first.enters("c1");
    first.enters("c2");
    for _ in 0..2 {
        let request = first.request().await.unwrap();
        assert_eq!(request["method"], "POST");
        first.answer(&request, 204, &Value::Null);
    }
    drop(first);

    // While it was away, Asterisk kept what happened; one channel is gone without a word.
    let mut second = Dialler::silent(ivr.address, "ivr", USER, ID).await;
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
    assert_eq!(ivr.end().await, ("c2".to_owned(), EndReason::Lost));
    second.tell(
        "ChannelHangupRequest",
        &json!({"cause": 16, "channel": second.channel("c1")}),
    );
    second.leaves("c1");
    assert_eq!(ivr.end().await, ("c1".to_owned(), EndReason::HungUp));
    second.leaves("c3");
    assert_eq!(ivr.end().await, ("c3".to_owned(), EndReason::Left));
    assert_eq!(ivr.starts(), 1, "it is the same Asterisk");
    ivr.stop().await;
}

/// Two Asterisks that have the same user name and id come back whenever the other has taken their place.
#[tokio::test]
async fn two_that_are_taken_for_one_do_not_make_a_storm() {
    let ivr = Ivr::start().await;
    let mut sockets = Vec::new();
    for _ in 0..2 {
        sockets.push(Dialler::dial(ivr.address, "ivr").await);
    }
    sleep(Duration::from_secs(2)).await;
    assert!(!sockets[0].is_closed() && !sockets[1].is_closed());
    // The first is served as if the other were not there.
    sockets[0].enters("c1");
    sockets[0].serve_until("channels/c1/answer").await;
    sockets[0].leaves("c1");
    ivr.stop().await;
}

#[tokio::test]
async fn a_connection_takes_the_place_of_the_one_that_nobody_noticed_was_broken() {
    let mut ivr = Ivr::start().await;
    let mut first = ivr.connected().await;
    first.calls("c1").await;
    let mut second = Dialler::dial(ivr.address, "ivr").await;
    assert!(first.request().await.is_none(), "the former one is closed");
    let there = json!([second.channel("c1")]);
    second.serve("GET", "channels", 200, &there).await;
    second.leaves("c1");
    assert_eq!(ivr.end().await.0, "c1");
    ivr.stop().await;
}

#[tokio::test]
async fn a_connection_that_comes_after_another_program_had_the_application_has_its_calls_taken() {
    let mut ivr = Ivr::start().await;
    let mut first = ivr.connected().await;
    first.calls("c1").await;
    first.tell("ApplicationReplaced", &json!({}));
    assert_eq!(ivr.end().await.1, EndReason::Replaced);
    // The former one is still open, and may carry requests.
    let mut second = Dialler::dial(ivr.address, "ivr").await;
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
    assert_eq!(ivr.end().await, ("c2".to_owned(), EndReason::Left));
    ivr.stop().await;
}

#[tokio::test]
async fn each_asterisk_has_its_own_state() {
    let ivr = Ivr::with(|server| server.credentials("other", "s3cret")).await;
    let mut asterisks = Vec::new();
    for (user, id) in [(USER, "a"), (USER, "b"), (("other", "s3cret"), "a")] {
        let mut asterisk = Dialler::dial_as(ivr.address, "ivr", user, id).await;
        asterisk.serve("GET", "channels", 200, NO_CHANNELS).await;
        asterisks.push(asterisk);
    }
    // The ids of channels may be the same.
    for asterisk in &mut asterisks {
        asterisk.calls("c1").await;
    }
    assert_eq!(ivr.starts(), 3);
    for asterisk in &asterisks {
        asterisk.leaves("c1");
    }
    ivr.stop().await;
}

#[tokio::test]
async fn the_calls_of_a_lasting_connection_are_counted_once_where_it_comes_back_at_once() {
    let mut ivr = Ivr::start().await;
    for round in 0..20 {
        let mut asterisk = Dialler::dial(ivr.address, "ivr").await;
        let id = format!("c{round}");
        asterisk.enters(&id);
        asterisk.serve_until(&format!("channels/{id}/answer")).await;
        asterisk.leaves(&id);
        assert_eq!(ivr.end().await, (id, EndReason::Left));
    }
    until("one start", || ivr.starts() == 1).await;
    ivr.stop().await;
}
