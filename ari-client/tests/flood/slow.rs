//! A consumer that does not read, among others that do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ari_client::prelude::*;
use ari_client::{EndReason, Missed};
use tokio::sync::mpsc;

use crate::ALONE;
use crate::corpus::{about, id, recorded};
use crate::mix::Mix;
use crate::program::{Program, within};
use crate::server::frame;

const CALLS: usize = 20;
const MAILBOX: usize = 32 * 1024;

/// The call whose code does not read.
const SLOW: usize = 0;

/// Much more than fits into a mailbox.
const MUCH: usize = 2_000;

/// How often it is looked how late the others are.
const PROBES: usize = 200;

/// What a call's code saw.
enum Seen {
    Digit(Instant),
    Ended(usize, EndReason, Option<Missed>),
}

struct Consumers {
    begun: Arc<AtomicUsize>,
    news: mpsc::UnboundedSender<Seen>,
}

impl Application for Consumers {
    async fn on_call(&self, call: Call) -> Result {
        let events = call.events();
        self.begun.fetch_add(1, Ordering::Relaxed);
        if *call.id() == *id(SLOW) {
            let end = call.ended().await;
            // What is left begins with what is missing.
            let missed = events.next().await.and_then(std::result::Result::err);
            self.news.send(Seen::Ended(SLOW, end.reason, missed))?;
            return Ok(());
        }
        while let Some(event) = events.next().await {
            if let EventKind::ChannelDtmfReceived(_) = event?.kind {
                self.news.send(Seen::Digit(Instant::now()))?;
            }
        }
        Ok(())
    }
}

/// Sends a digit to each other call behind `noise`, and tells how late each of them was.
async fn lateness(
    program: &mut Program,
    seen: &mut mpsc::UnboundedReceiver<Seen>,
    noise: &[u8],
    ended: &mut Vec<Seen>,
) -> Vec<Duration> {
    let digit = &recorded("ChannelDtmfReceived").unwrap()[0];
    let mut frames = noise.to_vec();
    frames.extend((1..CALLS).flat_map(|call| frame(&about(digit, &id(call)))));
    let sent = Instant::now();
    program.write(vec![frames]).await;
    let mut late = Vec::new();
    while late.len() < CALLS - 1 {
        match within(seen.recv()).await.unwrap() {
            Seen::Digit(at) => late.push(at.saturating_duration_since(sent)),
            other => ended.push(other),
        }
    }
    late
}

fn middle(mut late: Vec<Duration>) -> Duration {
    late.sort_unstable();
    late[late.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_does_not_read_ends_its_own_call_and_delays_no_other() {
    let _alone = ALONE.lock().await;
    let (news, mut seen) = mpsc::unbounded_channel();
    let begun = Arc::new(AtomicUsize::new(0));
    let consumers = Consumers {
        begun: Arc::clone(&begun),
        news,
    };
    let mut program = Program::start(
        consumers,
        |client| client,
        |service| service.mailbox_limit(MAILBOX),
    )
    .await;
    program.begin(CALLS, &begun).await;
    // As much noise each time, in turn for a call that is not there and for one that does not read: whatever else the
    // machine does delays both alike.
    let change = &recorded("ChannelStateChange").unwrap()[0];
    let noise = |call| -> Vec<u8> {
        let count = MUCH.div_ceil(PROBES);
        frame(&about(change, &id(call))).repeat(count)
    };
    let (nobodys, unread) = (noise(CALLS), noise(SLOW));
    let (mut alone, mut beside, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    alone.extend(lateness(&mut program, &mut seen, &nobodys, &mut ended).await);
    assert!(ended.is_empty() && program.ari.counters().overflowed == 0);
    for _ in 0..PROBES {
        beside.extend(lateness(&mut program, &mut seen, &unread, &mut ended).await);
        alone.extend(lateness(&mut program, &mut seen, &nobodys, &mut ended).await);
    }
    let (alone, beside) = (middle(alone), middle(beside));
    if ended.is_empty() {
        ended.push(within(seen.recv()).await.unwrap());
    }
    assert!(
        matches!(
            ended[..],
            [Seen::Ended(SLOW, EndReason::Overflow, Some(Missed::Lagged(1)))]
        ),
        "only the slow one ends, and for its overflow; what did not fit is counted"
    );
    let counters = program.ari.counters();
    assert_eq!((counters.overflowed, counters.dropped), (1, 1), "{counters:?}");
    assert!(
        beside < 2 * alone,
        "late by {beside:?} beside the slow one, by {alone:?} without"
    );
    program.write(vec![Mix::new().end(CALLS)]).await;
    program.stop().await;
}
