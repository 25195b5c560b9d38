//! 10,000 calls at once: what their lives cost with their events interleaved, and what one holds while it is idle.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

mod support;

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Duration;

use ari_client::prelude::*;
use peak_alloc::PeakAlloc;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use support::bare::Bare;
use support::corpus::APP;
use support::flooder::{self, Flooder, Frames};
use support::models;
use support::ratio::{self, Comparison, Side};

/// Counts the memory that this process holds.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const CALLS: usize = 10_000;

/// How many events a call has between its beginning and its end, one of each of the most frequent types.
const MIDDLE: usize = 10;

/// What an idle call may hold, in bytes.
const BUDGET: usize = 8 * 1024;

/// The order in which the event sockets are opened.
const FLOOR: usize = 0;
const OURS: usize = 1;

/// Longer than a pass takes.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() {
    if flooder::serve() {
        return;
    }
    let server = RefCell::new(Flooder::start(CALLS, CALLS * MIDDLE));
    let floor = runtime();
    let url = server.borrow().url.clone();
    let mut bare = within(&floor, Bare::open(&url));
    let mut ours = Ours::start(&url);
    ours.weigh(&mut server.borrow_mut());
    let mut criterion = ratio::criterion();
    Comparison {
        name: "call of 12 events, 10,000 at once",
        budget: None,
        units: u32::try_from(CALLS).unwrap(),
        ours: Side {
            name: "ours",
            pass: &mut || ours.pass(&mut server.borrow_mut()),
        },
        floor: Side {
            name: "bare, only the 10 events between",
            pass: &mut || {
                server.borrow_mut().write(FLOOR, Frames::Chatter);
                within(&floor, bare.read(CALLS * MIDDLE, models::decode));
            },
        },
    }
    .run(&mut criterion);
    criterion.final_summary();
    let counters = ours.ari.counters();
    assert_eq!((counters.dropped, counters.overflowed), (0, 0));
}

fn within<F: Future>(runtime: &Runtime, future: F) -> F::Output {
    runtime
        .block_on(async { timeout(PATIENCE, future).await })
        .unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What the code of a call tells.
#[derive(Debug, PartialEq, Eq)]
enum News {
    Began,
    /// The call has ended, after so many events with its beginning and its end.
    Ended(usize),
}

/// An application on the event socket.
struct Ours {
    ari: Ari,
    runtime: Runtime,
    news: UnboundedReceiver<News>,
}

impl Ours {
    fn start(url: &str) -> Self {
        let runtime = runtime();
        let ari = Ari::builder(url).credentials("ari", "secret").build().unwrap();
        let (sender, news) = unbounded_channel();
        let service = ari
            .service(APP, Reader { news: sender })
            .stop_when(std::future::pending());
        let mut status = service.status();
        runtime.spawn(service.run());
        within(&runtime, status.wait_for(Status::takes_calls)).unwrap();
        Self { ari, runtime, news }
    }

    /// Tells what an idle call holds.
    fn weigh(&mut self, server: &mut Flooder) {
        // What is kept for the next calls is no call's.
        self.pass(server);
        let before = MEMORY.current_usage();
        self.begin(server);
        let held = MEMORY.current_usage().saturating_sub(before) / CALLS;
        let verdict = if held <= BUDGET {
            "budget"
        } else {
            "OVER its budget of"
        };
        println!("| memory of a live, idle call | {held} bytes | - | - | {verdict} {BUDGET} bytes |\n");
        self.end(server, 2);
    }

    /// All calls begin, get their events and end.
    fn pass(&mut self, server: &mut Flooder) {
        self.begin(server);
        server.write(OURS, Frames::Chatter);
        self.end(server, 2 + MIDDLE);
    }

    fn begin(&mut self, server: &mut Flooder) {
        server.write(OURS, Frames::Begin);
        for _ in 0..CALLS {
            assert_eq!(within(&self.runtime, self.news.recv()), Some(News::Began));
        }
    }

    fn end(&mut self, server: &mut Flooder, events: usize) {
        server.write(OURS, Frames::End);
        for _ in 0..CALLS {
            match within(&self.runtime, self.news.recv()).unwrap() {
                News::Ended(read) => assert_eq!(read, events),
                News::Began => panic!("a call began twice"),
            }
        }
    }
}

/// Reads all events of each call.
struct Reader {
    news: UnboundedSender<News>,
}

impl Application for Reader {
    async fn on_call(&self, call: Call) -> Result {
        let events = call.events();
        self.news.send(News::Began)?;
        let mut read = 0;
        while let Some(event) = events.next().await {
            let event = black_box(event?);
            assert!(!matches!(
                event.kind,
                EventKind::Malformed(_) | EventKind::Unknown(_)
            ));
            read += 1;
        }
        self.news.send(News::Ended(read))?;
        Ok(())
    }
}
