//! The framework on top: an application that runs calls as it does on Asterisk 22.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ari_client::prelude::*;
use ari_lab::Caller;
use tokio::sync::oneshot;

use crate::House;
use crate::house::{APP, PATIENCE};

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_conference_takes_phones_and_sipp_callers() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let (stop, stopped) = oneshot::channel::<()>();
    // It takes the application over from the watch on it.
    let service = house.ari.service(APP, move |call: Call| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            call.answer().await?;
            call.play("sound:beep").await?.finished().await?;
            // With DTMF events, Asterisk does not hand RTP past itself: where 16.28 does, after a sound, one of the
            // two at times hears nothing.
            let room = call.room("conference").mixing().dtmf_events().await?;
            room.add(&call).await?;
            call.ended().await;
            Ok(())
        }
    });
    let service = service.stop_when(async {
        let _ = stopped.await;
    });
    let mut status = service.status();
    let running = tokio::spawn(service.run());
    let live = status.wait_for(Status::takes_calls);
    tokio::time::timeout(PATIENCE, live).await.unwrap().unwrap();

    let mut anna = house
        .lab
        .phones()
        .call(Caller::new("1000").tone(440))
        .await
        .unwrap();
    let mut bert = house
        .lab
        .phones()
        .call(Caller::new("1000").tone(620))
        .await
        .unwrap();
    for _ in ["anna", "bert"] {
        house.next_of_all("ChannelEnteredBridge").await;
    }
    let length = std::time::Duration::from_secs(3);
    let (to_anna, to_bert) = tokio::join!(anna.listen(length), bert.listen(length));
    let (to_anna, to_bert) = (to_anna.unwrap(), to_bert.unwrap());
    assert!(to_anna.holds(620), "anna does not hear bert: {to_anna:?}");
    assert!(to_bert.holds(440), "bert does not hear anna: {to_bert:?}");
    let counts = house.lab.sipp("2000").calls(10).run().await.unwrap();
    assert_eq!((counts.ok, counts.failed), (10, 0));
    anna.hang_up().await.unwrap();
    bert.hang_up().await.unwrap();
    house.lab.asterisk().becomes_empty(PATIENCE).await.unwrap();
    assert_eq!(
        calls.load(Ordering::Relaxed),
        12,
        "each call reaches the application once"
    );
    stop.send(()).unwrap();
    let ended = tokio::time::timeout(PATIENCE, running).await;
    ended.unwrap().unwrap().unwrap();
    house.close().await;
}
