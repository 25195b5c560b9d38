//! The limit of all mailboxes together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ari_client::prelude::*;
use tokio::sync::{mpsc, watch};

use crate::corpus::{about, id, recorded};
use crate::life::Life;
use crate::mix::Mix;
use crate::program::{Program, within};
use crate::server::frame;
use crate::{ALONE, MEMORY};

const CALLS: usize = 500;
const ROUNDS: usize = 100;

/// What all mailboxes together may hold.
const UNREAD: usize = 4 * 1024 * 1024;

/// What each may hold beyond that, so that what matters fits.
const FAIR: usize = 8 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_nobody_reads_hold_no_more_than_the_limit() {
    let _alone = ALONE.lock().await;
    let (over, is_over) = watch::channel(false);
    let (lives, mut lived) = mpsc::unbounded_channel();
    let begun = Arc::new(AtomicUsize::new(0));
    let begins = Arc::clone(&begun);
    let application = move |call: Call| {
        let (mut over, lives, begins) = (is_over.clone(), lives.clone(), Arc::clone(&begins));
        async move {
            let events = call.events();
            begins.fetch_add(1, Ordering::Relaxed);
            over.wait_for(|over| *over).await?;
            lives.send(Life::follow(&call, &events).await)?;
            Ok(())
        }
    };
    let mut program =
        Program::start(application, |client| client.max_unread(UNREAD), |service| service).await;
    let varset = &recorded("ChannelVarset").unwrap()[0];
    let round: Vec<u8> = (0..CALLS)
        .flat_map(|call| frame(&about(varset, &id(call))))
        .collect();
    let mix = Mix::new();
    let (end, behind) = (mix.end(CALLS), mix.behind(CALLS));
    program.begin(CALLS, &begun).await;
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    for _ in 0..ROUNDS {
        program.write(vec![round.clone()]).await;
    }
    program.write(vec![end]).await;
    let unread = program.ari.counters().unread;
    let peak = MEMORY.peak_usage().saturating_sub(before);
    over.send(true).unwrap();
    let mut all = Vec::new();
    for _ in 0..CALLS {
        all.push(within(lived.recv()).await.unwrap());
    }
    let counters = program.ari.counters();
    let missed: usize = all.iter().map(|life| life.missed).sum();
    assert!(all.iter().all(Life::ended_well));
    assert_eq!(
        missed + all.iter().map(|life| life.chatter).sum::<usize>(),
        CALLS * ROUNDS
    );
    assert_eq!((counters.dropped, counters.overflowed), (missed as u64, 0));
    // Who was over its fair share when the limit was reached gives back as events come.
    assert!(unread <= UNREAD + CALLS * FAIR, "{unread} bytes wait");
    assert!(peak <= 2 * (UNREAD + CALLS * FAIR), "{peak} bytes held");
    assert!(missed > 0, "{} bytes would have come", ROUNDS * round.len());
    program.write(vec![behind]).await;
    program.stop().await;
}
