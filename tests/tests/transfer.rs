//! What the real Asterisk tells an application when a phone transfers a call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_lab::{Caller, Events, Lab, Phone};
use http::Method;

const LONG: Duration = Duration::from_secs(10);

/// Has a phone call the application, answers, and returns the phone and the id of its channel.
async fn answered(lab: &Lab, events: &mut Events, caller: Caller) -> (Phone, String) {
    let mut phone = lab.phones().dial(caller).await.unwrap();
    let start = events.next_of("StasisStart", LONG).await.unwrap();
    let id = start["channel"]["id"].as_str().unwrap().to_owned();
    post(lab, &format!("/ari/channels/{id}/answer")).await;
    phone.answered(LONG).await.unwrap();
    (phone, id)
}

async fn post(lab: &Lab, path: &str) {
    let answer = lab.asterisk().request(Method::POST, path).await.unwrap();
    assert!(
        answer.status.is_success(),
        "{path}: {} {:?}",
        answer.status,
        answer.body
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn an_attended_transfer_replaces_both_channels_of_the_phone() {
    let lab = Lab::start().await.unwrap();
    let mut events = lab.asterisk().events("EVERYTHING").await.unwrap();
    let (mut anna, anna_id) = answered(&lab, &mut events, Caller::new("1000").named("anna").tone(440)).await;
    let (mut first, first_id) = answered(&lab, &mut events, Caller::new("1000").named("bert")).await;
    let (mut second, second_id) = answered(&lab, &mut events, Caller::new("2000").named("bert")).await;
    let (mut carl, carl_id) = answered(&lab, &mut events, Caller::new("2000").named("carl").tone(620)).await;
    for (bridge, channels) in [("one", [&anna_id, &first_id]), ("two", [&second_id, &carl_id])] {
        post(&lab, &format!("/ari/bridges/{bridge}?type=mixing")).await;
        for channel in channels {
            post(
                &lab,
                &format!("/ari/bridges/{bridge}/addChannel?channel={channel}"),
            )
            .await;
            events.next_of("ChannelEnteredBridge", LONG).await.unwrap();
        }
    }

    first.transfer_to(&mut second).await.unwrap();

    for (old, bridge) in [(&second_id, "two"), (&first_id, "one")] {
        let start = events.next_of("StasisStart", LONG).await.unwrap();
        assert_eq!(start["replace_channel"]["id"], **old, "{start}");
        let new = start["channel"]["id"].clone();
        let entered = events.next_of("ChannelEnteredBridge", LONG).await.unwrap();
        assert_eq!(
            (&entered["channel"]["id"], &entered["bridge"]["id"]),
            (&new, &bridge.into()),
            "{entered}"
        );
    }
    second.ended(LONG).await.unwrap();
    let second = Duration::from_secs(2);
    let (to_anna, to_carl) = tokio::join!(anna.listen(second), carl.listen(second));
    assert!(to_anna.unwrap().holds(620), "anna does not hear carl");
    assert!(to_carl.unwrap().holds(440), "carl does not hear anna");
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_transfer_between_two_calls_in_no_bridge_is_refused() {
    let lab = Lab::start().await.unwrap();
    let mut events = lab.asterisk().events("EVERYTHING").await.unwrap();
    let (mut first, _) = answered(&lab, &mut events, Caller::new("1000").named("bert")).await;
    let (mut second, _) = answered(&lab, &mut events, Caller::new("2000").named("bert")).await;
    let error = first.transfer_to(&mut second).await.unwrap_err().to_string();
    assert_eq!(error, "bert: the server refused the transfer: FAILURE");
}
