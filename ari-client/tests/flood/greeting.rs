//! Calls that come with the handshake's answer, in the same TCP segment.

use std::collections::HashSet;

use ari_client::prelude::*;
use tokio::sync::{mpsc, oneshot};

use crate::corpus::{APP, beginnings, id};
use crate::program::within;
use crate::server::Server;

const CALLS: usize = 50;
const TRIES: usize = 100;

#[tokio::test]
async fn calls_in_the_segment_of_the_handshake_are_handled() {
    let beginnings = beginnings(CALLS).unwrap();
    let _alone = crate::ALONE.lock().await;
    for round in 0..TRIES {
        let server = Server::start(beginnings.clone()).unwrap();
        let ari = Ari::builder(server.url())
            .credentials("ari", "secret")
            .build()
            .unwrap();
        let (came, mut calls) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let service = ari
            .service(APP, move |call: Call| {
                let came = came.clone();
                async move {
                    came.send(call.id())?;
                    // The list of channels that the server gives is empty: the framework may find the call gone.
                    call.ended().await;
                    Ok(())
                }
            })
            .stop_when(async {
                let _ = stopped.await;
            });
        let run = tokio::spawn(service.drain_deadline(std::time::Duration::ZERO).run());
        let mut handled = HashSet::new();
        for _ in 0..CALLS {
            handled.insert(within(calls.recv()).await.unwrap());
        }
        let expected: HashSet<_> = (0..CALLS).map(|call| id(call).into()).collect();
        assert_eq!(handled, expected, "try {round}");
        drop(server);
        stop.send(()).unwrap();
        run.abort();
        assert!(calls.is_empty(), "each call came once");
    }
}
