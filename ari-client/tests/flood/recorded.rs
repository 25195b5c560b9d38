//! 200,000 events over 1,000 calls, at full speed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ari_client::prelude::*;
use tokio::sync::{mpsc, watch};

use crate::life::Life;
use crate::mix::{CHATTER, Mix, ROUND};
use crate::program::{Program, within};
use crate::{ALONE, MEMORY};

const CALLS: usize = 1_000;
const ROUNDS: usize = 10;

/// Enough for what may not be dropped of a call's events, and for a third of all.
const MAILBOX: usize = 48 * 1024;

/// What all mailboxes together may hold.
const UNREAD: usize = 64 * 1024 * 1024;

/// What else a call costs while it is live, and what the program costs in this test.
const LIVE_CALL: usize = 16 * 1024;
const PROGRAM: usize = 8 * 1024 * 1024;

/// One consumer in ten begins to read when all is over.
const LATE: usize = 10;

/// Decodes every event of every call.
struct Consumers {
    begun: Arc<AtomicUsize>,
    over: watch::Receiver<bool>,
    lives: mpsc::UnboundedSender<Life>,
}

impl Application for Consumers {
    async fn on_call(&self, call: Call) -> Result {
        let events = call.events();
        if self.begun.fetch_add(1, Ordering::Relaxed).is_multiple_of(LATE) {
            self.over.clone().wait_for(|over| *over).await?;
        }
        self.lives.send(Life::follow(&call, &events).await)?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_recorded_events_loses_nothing_that_matters() {
    let _alone = ALONE.lock().await;
    let (over, is_over) = watch::channel(false);
    let (lives, mut lived) = mpsc::unbounded_channel();
    let begun = Arc::new(AtomicUsize::new(0));
    let consumers = Consumers {
        begun: Arc::clone(&begun),
        over: is_over,
        lives,
    };
    let mut program = Program::start(
        consumers,
        |client| client.max_unread(UNREAD),
        |service| service.mailbox_limit(MAILBOX),
    )
    .await;
    let mix = Mix::new();
    let flood: Vec<_> = (0..ROUNDS).map(|round| mix.round(round, CALLS)).collect();
    let (end, behind) = (mix.end(CALLS), mix.behind(CALLS));
    program.begin(CALLS, &begun).await;

    let before = MEMORY.current_usage();
    let watcher = Watcher::start(program.ari.clone());
    MEMORY.reset_peak_usage();
    let frames: usize = flood.iter().map(Vec::len).sum();
    program.write(flood).await;
    program.write(vec![end]).await;
    let peak = MEMORY.peak_usage().saturating_sub(before);
    let held = watcher.stop();
    over.send(true).unwrap();

    let mut all = Vec::new();
    for _ in 0..CALLS {
        all.push(within(lived.recv()).await.unwrap());
    }
    let missed: usize = all.iter().map(|life| life.missed).sum();
    let chatter: usize = all.iter().map(|life| life.chatter).sum();
    for life in &all {
        assert_eq!(life.digits, ROUNDS, "{life:?}");
        assert_eq!(life.rest, ROUNDS * (ROUND - CHATTER), "{life:?}");
        assert!(life.ended_well(), "{life:?}");
    }
    let counters = program.ari.counters();
    assert_eq!(counters.overflowed, 0, "{counters:?}");
    assert_eq!(counters.dropped, missed as u64, "what was dropped was told");
    assert_eq!(
        missed + chatter,
        CALLS * ROUNDS * CHATTER,
        "and nothing else is missing"
    );
    assert!(missed > 0, "who reads too late loses chatter");
    let limit = UNREAD.min(CALLS * MAILBOX);
    assert!(held <= limit, "{held} bytes waited");
    assert!(
        peak <= limit + CALLS * LIVE_CALL + PROGRAM,
        "{peak} bytes held, of {frames} sent"
    );
    program.write(vec![behind]).await;
    program.stop().await;
}

/// Notes the most that ever waited to be read, from a thread of its own: the runtime's have enough to do.
struct Watcher {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Watcher {
    fn start(ari: Ari) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            let mut most = 0;
            while !stop.load(Ordering::Relaxed) {
                most = most.max(ari.counters().unread);
                thread::sleep(Duration::from_micros(500));
            }
            most
        });
        Self { stopped, thread }
    }

    fn stop(self) -> usize {
        self.stopped.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
