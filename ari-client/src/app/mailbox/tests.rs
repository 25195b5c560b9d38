//! What a mailbox keeps, drops and tells.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use super::*;

const SOON: Duration = Duration::from_secs(5);
const CHATTER: EventType = EventType::ChannelVarset;
const DIGIT: EventType = EventType::ChannelDtmfReceived;

fn mailbox(frames: usize, when_full: WhenFull) -> Mailbox {
    in_a_house_of(usize::MAX, frames, when_full)
}

/// A mailbox, and a limit for all together.
fn in_a_house_of(bytes: usize, frames: usize, when_full: WhenFull) -> Mailbox {
    let tally = Arc::new(Tally::new(bytes));
    Mailbox::new(
        &tally,
        EventTypes::ALL,
        frames * (10 + queue::OVERHEAD),
        when_full,
    )
}

fn frame(text: &str) -> Bytes {
    Bytes::from(format!("{text:10}"))
}

fn texts(mailbox: &Mailbox) -> Vec<String> {
    std::iter::from_fn(|| mailbox.try_next())
        .map(|item| match item {
            Item::Frame(_, bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
            Item::Lagged(count) => format!("lagged {count}"),
            Item::Gap(length) => format!("gap of {} s", length.as_secs()),
            Item::Gone(id) => format!("gone {id}"),
        })
        .collect()
}

#[test]
fn what_nobody_asked_for_is_missed_by_whoever_claims_it() {
    let mailbox = mailbox(2, WhenFull::Unclaimed);
    for text in ["1", "2", "3"] {
        mailbox.push(DIGIT, frame(text));
    }
    assert_eq!(mailbox.tally.counters().dropped, 0);
    mailbox.claim(usize::MAX);
    mailbox.claim(usize::MAX);
    assert_eq!(mailbox.tally.counters().dropped, 1);
    assert_eq!(texts(&mailbox), ["lagged 1", "2", "3"]);
}

#[test]
fn chatter_makes_room_for_what_matters_and_is_counted() {
    let mailbox = mailbox(3, WhenFull::Overflow);
    for (event_type, text) in [
        (CHATTER, "c1"),
        (DIGIT, "1"),
        (CHATTER, "c2"),
        (DIGIT, "2"),
        (DIGIT, "3"),
    ] {
        mailbox.push(event_type, frame(text));
    }
    mailbox.push(CHATTER, frame("c3"));
    assert!(!mailbox.lock().closed, "chatter is dropped, not an overflow");
    assert_eq!(texts(&mailbox), ["lagged 3", "1", "2", "3"]);
    assert_eq!(mailbox.tally.counters().dropped, 3);
    assert_eq!(mailbox.tally.held(), 0);
}

#[test]
fn what_matters_is_never_dropped_in_silence() {
    let mailbox = mailbox(2, WhenFull::Overflow);
    for text in ["1", "2", "3", "4"] {
        mailbox.push(DIGIT, frame(text));
    }
    assert!(mailbox.lock().closed);
    assert_eq!(mailbox.tally.counters().overflowed, 1);
    assert_eq!(texts(&mailbox), ["lagged 1", "1", "2"]);
}

#[test]
fn unclaimed_events_give_way_oldest_first() {
    let mailbox = mailbox(2, WhenFull::DropOldest);
    for text in ["1", "2", "3"] {
        mailbox.push(DIGIT, frame(text));
    }
    mailbox.claim(1_000);
    mailbox.push(DIGIT, frame("4"));
    assert_eq!(texts(&mailbox), ["lagged 1", "2", "3", "4"]);
}

#[test]
fn events_and_gaps_keep_their_order_across_the_lanes() {
    let mailbox = mailbox(9, WhenFull::Overflow);
    mailbox.push(CHATTER, frame("c1"));
    mailbox.push(DIGIT, frame("1"));
    mailbox.gap(Duration::from_secs(2));
    mailbox.gap(Duration::from_secs(3));
    mailbox.push(CHATTER, frame("c2"));
    mailbox.push(DIGIT, frame("2"));
    mailbox.gap(Duration::from_secs(1));
    assert_eq!(
        texts(&mailbox),
        ["c1", "1", "gap of 5 s", "c2", "2", "gap of 1 s"]
    );
}

#[test]
fn where_all_together_hold_too_much_each_may_hold_a_fair_share() {
    let house = in_a_house_of(1, 1_000, WhenFull::Overflow);
    let modest = Mailbox::new(&house.tally, EventTypes::ALL, 100_000, WhenFull::Overflow);
    for _ in 0..1_000 {
        house.push(CHATTER, frame("c"));
    }
    house.push(DIGIT, frame("1"));
    let fair = 8 * 1024 / (10 + queue::OVERHEAD);
    assert_eq!(house.lock().queue.bytes() / (10 + queue::OVERHEAD), fair);
    for _ in 0..fair {
        modest.push(DIGIT, frame("2"));
    }
    assert_eq!(texts(&modest).len(), fair, "who reads loses nothing");
    for _ in 0..fair {
        house.push(DIGIT, frame("1"));
    }
    assert!(house.lock().closed, "who does not read overflows");
    let tally = Arc::clone(&house.tally);
    assert!(tally.is_over());
    drop((house, modest));
    assert_eq!(tally.held(), 0);
}

#[test]
fn a_channel_that_went_in_silence_is_told_after_what_is_known_of_it() {
    let mailbox = mailbox(2, WhenFull::Overflow);
    mailbox.gone("c1");
    mailbox.push(DIGIT, frame("1"));
    assert_eq!(texts(&mailbox), ["1", "gone c1"]);
}

#[tokio::test]
async fn a_waiting_reader_is_woken_by_an_event_and_by_the_end() {
    let mailbox = Arc::new(mailbox(2, WhenFull::Overflow));
    let reader = tokio::spawn({
        let mailbox = Arc::clone(&mailbox);
        async move {
            assert!(matches!(mailbox.next().await, Some(Item::Frame(..))));
            assert!(mailbox.next().await.is_none());
        }
    });
    tokio::task::yield_now().await;
    mailbox.push(DIGIT, frame("1"));
    tokio::task::yield_now().await;
    mailbox.close();
    reader.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_pushed_before_the_end_is_read_however_the_reader_is_timed() {
    for round in 0..20_000 {
        let mailbox = Arc::new(mailbox(2, WhenFull::Overflow));
        let (reads, started) = (Arc::clone(&mailbox), Arc::new(AtomicBool::new(false)));
        let starts = Arc::clone(&started);
        let reader = tokio::spawn(async move {
            starts.store(true, Ordering::Release);
            let mut read = 0;
            while reads.next().await.is_some() {
                read += 1;
            }
            read
        });
        while !started.load(Ordering::Acquire) {
            std::hint::spin_loop();
        }
        mailbox.push(DIGIT, frame("1"));
        mailbox.close();
        let read = timeout(SOON, reader).await.expect("the reader still waits");
        assert_eq!(read.unwrap(), 1, "round {round}");
    }
}

#[tokio::test]
async fn two_waiting_readers_get_one_event_each_and_both_learn_of_the_end() {
    let mailbox = Arc::new(mailbox(2, WhenFull::Overflow));
    let read = || {
        let mailbox = Arc::clone(&mailbox);
        tokio::spawn(async move { mailbox.next().await.is_some() })
    };
    let readers = [read(), read()];
    tokio::task::yield_now().await;
    mailbox.push(DIGIT, frame("1"));
    mailbox.push(DIGIT, frame("2"));
    for reader in readers {
        assert!(timeout(SOON, reader).await.unwrap().unwrap());
    }
    let readers = [read(), read()];
    tokio::task::yield_now().await;
    mailbox.close();
    for reader in readers {
        assert!(!timeout(SOON, reader).await.unwrap().unwrap());
    }
}

#[tokio::test]
async fn an_overflow_rings_the_calls_alarm_and_ends_the_reading() {
    let owner = Owner {
        application: "a".into(),
        alarm: Arc::default(),
    };
    let mailbox = mailbox(1, WhenFull::Overflow).owned_by(&owner);
    mailbox.push(DIGIT, frame("1"));
    mailbox.push(DIGIT, frame("2"));
    timeout(SOON, owner.alarm.notified()).await.unwrap();
    let mut items = Vec::new();
    while let Some(item) = timeout(SOON, mailbox.next()).await.unwrap() {
        items.push(item);
    }
    assert!(
        matches!(&items[..], [Item::Lagged(1), Item::Frame(..)]),
        "{items:?}"
    );
}
