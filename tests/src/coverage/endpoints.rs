//! `/endpoints`: a phone that registers, gets and sends text messages, and is referred; and what events tell of it.

use anyhow::Result;
use ari_client::Resources as _;

use super::sip::Sip;
use super::socket::Socket;
use super::stage::Stage;

pub(super) async fn cover(stage: &Stage) {
    stage.step("endpoint lists", lists(stage)).await;
    stage.step("a registered phone", registered(stage)).await;
}

async fn lists(stage: &Stage) -> Result<()> {
    let endpoints = stage.ari.endpoints();
    stage.succeeds(endpoints.list()).await?;
    stage.refused(stage.stranger.endpoints().list()).await?;
    stage.succeeds(endpoints.list_by_tech("PJSIP")).await?;
    stage.fails(endpoints.list_by_tech("Nosuch"), 404).await?;
    stage.succeeds(endpoints.get("PJSIP", "alice")).await?;
    stage.fails(endpoints.get("PJSIP", "nosuch"), 404).await
}

async fn registered(stage: &Stage) -> Result<()> {
    // An application that is subscribed to everything is not told of the states of endpoints.
    let _socket = Socket::open(&stage.asterisk, "app=endpoints", &stage.watch).await?;
    let applications = stage.ari.applications();
    stage
        .succeeds(applications.subscribe("endpoints", ["endpoint:PJSIP/alice"]))
        .await?;
    let mark = stage.watch.mark();
    let mut alice = Sip::start("alice", stage.asterisk.sip_port()).await?;
    alice.register().await?;
    let of_alice = |event: &serde_json::Value| event["endpoint"]["resource"] == "alice";
    for kind in ["ContactStatusChange", "PeerStatusChange", "EndpointStateChange"] {
        stage.watch.wait(mark, kind, of_alice).await?;
    }
    alice.say("hello, Asterisk").await?;
    stage.watch.wait(mark, "TextMessageReceived", of_alice).await?;
    messages(stage, &mut alice).await?;
    references(stage, &mut alice).await?;
    alice.unregister().await
}

/// Text messages, which the phone gets.
async fn messages(stage: &Stage, alice: &mut Sip) -> Result<()> {
    let endpoints = stage.ari.endpoints();
    let from = "sip:lab@127.0.0.1";
    let message = endpoints.send_message("pjsip:alice", from).body("hello");
    stage.succeeds(message.variable("X-Covered", "yes")).await?;
    alice.was_asked("MESSAGE", "hello").await?;
    stage
        .fails(endpoints.send_message("nosuch:alice", from).body("hello"), 404)
        .await?;
    stage
        .succeeds(
            endpoints
                .send_message_to_endpoint("PJSIP", "alice", from)
                .body("hello again"),
        )
        .await?;
    alice.was_asked("MESSAGE", "hello again").await?;
    stage
        .fails(
            endpoints
                .send_message_to_endpoint("PJSIP", "nosuch", from)
                .body("hello"),
            404,
        )
        .await
}

/// References elsewhere, which the phone gets.
async fn references(stage: &Stage, alice: &mut Sip) -> Result<()> {
    let endpoints = stage.ari.endpoints();
    let from = "sip:lab@127.0.0.1";
    let target = stage.address("1000");
    stage
        .succeeds(endpoints.refer("pjsip:alice", from, &target))
        .await?;
    alice.was_asked("REFER", &target).await?;
    stage
        .fails(endpoints.refer("nosuch:alice", from, &target), 404)
        .await?;
    stage
        .succeeds(endpoints.refer_to_endpoint("PJSIP", "alice", from, &target))
        .await?;
    alice.was_asked("REFER", &target).await?;
    stage
        .fails(endpoints.refer_to_endpoint("PJSIP", "nosuch", from, &target), 404)
        .await
}
