//! The end of the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ari_client::prelude::*;
use serde_json::Value;
use tokio::time::sleep;

use crate::ivr::{Ivr, server};
use crate::support::dialler::{Dialler, NO_CHANNELS, USER};
use crate::support::{Running, until, within};

#[tokio::test]
async fn the_server_stops_when_the_calls_of_all_connections_have_ended() {
    let mut ivr = Ivr::start().await;
    let mut lasting = Dialler::dial_as(ivr.address, "ivr", USER, "a").await;
    lasting.serve("GET", "channels", 200, NO_CHANNELS).await;
    let mut own = Dialler::dial_as(ivr.address, "ivr:PJSIP/anna-1", USER, "b").await;
    for (asterisk, id) in [(&mut lasting, "c1"), (&mut own, "c2")] {
        asterisk.calls(id).await;
    }
    ivr.service.ask_to_stop();
    within(ivr.service.status.wait_for(|status| *status == Status::Draining))
        .await
        .unwrap();

    // A call that comes now goes on in the dialplan, on a connection that is there and on a new one.
    let mut late = Dialler::dial_as(ivr.address, "ivr:PJSIP/bert-2", USER, "b").await;
    for (asterisk, id) in [(&mut lasting, "c3"), (&mut late, "c4")] {
        asterisk.enters(id);
        asterisk
            .serve("POST", &format!("channels/{id}/continue"), 204, &Value::Null)
            .await;
        asterisk.leaves(id);
    }
    lasting.leaves("c1");
    assert_eq!(ivr.end().await.0, "c1");
    sleep(Duration::from_millis(300)).await;
    assert_eq!(
        *ivr.service.status.borrow(),
        Status::Draining,
        "another call goes on"
    );
    assert!(lasting.request_within(Duration::ZERO).await.is_none());
    own.leaves("c2");
    ivr.service.ended().await.unwrap();
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
