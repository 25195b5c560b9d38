//! The application on the fake: its operations are understood, and it understands the events.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;
use tokio::sync::oneshot;

#[tokio::test]
async fn each_digit_is_said() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let ari = Ari::builder(asterisk.url()).credentials(asterisk.username(), asterisk.password());
    let (stop, stopped) = oneshot::channel::<()>();
    let service = ari
        .build()
        .unwrap()
        .service("EVERYTHING", ari_own_bindings::spell);
    let service = service.stop_when(async {
        let _ = stopped.await;
    });
    let mut status = service.status();
    let running = tokio::spawn(service.run());
    status.wait_for(Status::takes_calls).await.unwrap();

    let caller = asterisk.call("1000").place("EVERYTHING").await.unwrap();
    caller.wait_until_answered().await.unwrap();
    caller.press("4#").await;
    caller.wait_until_heard("sound:digits/4").await.unwrap();
    caller.wait_until_heard("sound:digits/pound").await.unwrap();
    caller.hang_up().await;
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}
