//! What an event costs on its way from the socket to the call that it is about, beside bare reading.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

mod support;

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ari_client::prelude::*;
use criterion::Criterion;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use support::bare::Bare;
use support::flooder::{Flooder, Frames, Socket};
use support::live::{Live, read};
use support::models::{self, Peek};
use support::ratio::{Comparison, Multiple, Side};

const CALLS: usize = 100;
const EVENTS: usize = 20_000;

fn main() {
    support::run(|criterion| {
        not_decoded(criterion);
        decoded(criterion);
    });
}

/// Calls whose code waits for their end: their events are kept as long as there is room, and nobody reads them.
fn not_decoded(criterion: &mut Criterion<Multiple>) {
    let peek = |_, frame: &[u8]| {
        black_box(serde_json::from_slice::<Peek<'_>>(frame).unwrap());
    };
    compare(criterion, "event in its call's mailbox", 2.0, false, peek);
}

/// Calls whose code reads each event.
fn decoded(criterion: &mut Criterion<Multiple>) {
    compare(
        criterion,
        "event decoded, in the handler",
        1.25,
        true,
        models::decode,
    );
}

fn compare(
    criterion: &mut Criterion<Multiple>,
    name: &str,
    budget: f64,
    reads: bool,
    look: impl Fn(usize, &[u8]),
) {
    let server = RefCell::new(Flooder::start(CALLS, EVENTS));
    let mut bare = Bare::open(&server.borrow().url);
    let mut ours = Ours::start(&mut server.borrow_mut(), reads);
    Comparison {
        name,
        budget: Some(budget),
        units: u32::try_from(EVENTS).unwrap(),
        ours: Side {
            name: "ours",
            pass: &mut || ours.pass(&mut server.borrow_mut()),
        },
        floor: Side {
            name: "bare",
            pass: &mut || {
                server.borrow_mut().write(Socket::Floor, Frames::Chatter);
                bare.read(EVENTS, &look);
            },
        },
    }
    .run(criterion);
    ours.live.check();
}

/// An application on the event socket, with its calls.
struct Ours {
    live: Live,
    reads: bool,
    news: UnboundedReceiver<()>,
}

impl Ours {
    fn start(server: &mut Flooder, reads: bool) -> Self {
        let (sender, mut news) = unbounded_channel();
        let reader = Reader {
            reads,
            handled: Arc::default(),
            news: sender,
        };
        let live = Live::start(&server.url, reader);
        server.write(Socket::Ours, Frames::Begin);
        for _ in 0..CALLS {
            live.within(news.recv()).unwrap();
        }
        Self { live, reads, news }
    }

    /// Takes one pass of events to where they belong.
    fn pass(&mut self, server: &mut Flooder) {
        server.write(Socket::Ours, Frames::Chatter);
        if !self.reads {
            // It comes behind all others, and has its own way to be seen.
            server.write(Socket::Ours, Frames::Unowned);
        }
        self.live.within(self.news.recv()).unwrap();
    }
}

/// An application that reads its calls' events, or waits for their ends.
struct Reader {
    reads: bool,
    handled: Arc<AtomicUsize>,
    /// Hears of each call that began, and of each pass that is over.
    news: UnboundedSender<()>,
}

impl Application for Reader {
    async fn on_call(&self, call: Call) -> Result {
        if !self.reads {
            self.news.send(())?;
            call.ended().await;
            return Ok(());
        }
        let events = call.events();
        let first = events.next().await.unwrap()?;
        assert_eq!(first.event_type(), EventType::StasisStart);
        self.news.send(())?;
        while let Some(event) = events.next().await {
            read(event?);
            if (self.handled.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(EVENTS) {
                self.news.send(())?;
            }
        }
        Ok(())
    }

    async fn on_event(&self, _: &Ari, event: Event) {
        assert_eq!(event.event_type(), EventType::DeviceStateChanged);
        self.news.send(()).unwrap();
    }
}
