//! Connections that are opened for one call each.

use std::time::Duration;

use ari_client::EndReason;
use serde_json::{Value, json};

use crate::ivr::Ivr;
use crate::support::dialler::{Dialler, ID, NO_CHANNELS, USER};
use crate::support::within;

#[tokio::test]
async fn the_pass_behind_a_hangup_has_a_connection_beside_that_of_the_call() {
    let mut ivr = Ivr::start().await;
    let name = "ivr:PJSIP/anna-00000001";
    let mut call = Dialler::dial(ivr.address, name).await;
    call.calls("c1").await;
    call.leaves("c1");
    assert_eq!(ivr.end().await.1, EndReason::Left);
    let mut pass = Dialler::dial(ivr.address, name).await;
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
    ivr.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_with_connections_of_their_own_leave_nothing_behind() {
    const CALLS: usize = 300;
    let mut ivr = Ivr::start().await;
    let address = ivr.address;
    let calls = (0..CALLS).map(|number| async move {
        let mut call = Dialler::dial(address, &format!("ivr:PJSIP/anna-{number:08x}")).await;
        let id = format!("c{number}");
        // What is asked for a call is asked on its own connection.
        call.calls(&id).await;
        call.leaves(&id);
        drop(call);
    });
    within(futures_util::future::join_all(calls)).await;
    for _ in 0..CALLS {
        assert_eq!(ivr.end().await.1, EndReason::Left);
    }
    assert_eq!(ivr.starts(), 1);
    // Each of them is over: whoever stops now waits for none.
    tokio::time::timeout(Duration::from_secs(3), ivr.stop())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_call_of_the_program_before_is_taken_up_on_its_own_connection() {
    let mut ivr = Ivr::start().await;
    let mut call = Dialler::dial(ivr.address, "ivr:PJSIP/anna-00000001").await;
    let others = Dialler::silent(ivr.address, "ivr:PJSIP/bert-00000002", USER, ID).await;
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
    assert_eq!(ivr.end().await.0, "c1");
    ivr.stop().await;
}
