//! 10,000 calls at once: what their lives cost with their events interleaved, and what one holds while it is idle.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

mod support;

use std::cell::RefCell;

use ari_client::prelude::*;
use criterion::Criterion;
use peak_alloc::PeakAlloc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use support::bare::Bare;
use support::flooder::{Flooder, Frames, Socket};
use support::live::{Live, read};
use support::models;
use support::ratio::{Comparison, Multiple, Side};

/// Counts the memory that this process holds.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const CALLS: usize = 10_000;

/// How many events a call has between its beginning and its end, one of each of the most frequent types.
const MIDDLE: usize = 10;

/// What an idle call may hold, in bytes.
const BUDGET: usize = 8 * 1024;

fn main() {
    support::run(compare);
}

fn compare(criterion: &mut Criterion<Multiple>) {
    let server = RefCell::new(Flooder::start(CALLS, CALLS * MIDDLE));
    let url = server.borrow().url.clone();
    let mut bare = Bare::open(&url);
    let mut ours = Ours::start(&url);
    ours.weigh(&mut server.borrow_mut());
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
                server.borrow_mut().write(Socket::Floor, Frames::Chatter);
                bare.read(CALLS * MIDDLE, models::decode);
            },
        },
    }
    .run(criterion);
    ours.live.check();
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
    live: Live,
    news: UnboundedReceiver<News>,
}

impl Ours {
    fn start(url: &str) -> Self {
        let (sender, news) = unbounded_channel();
        let live = Live::start(url, Reader { news: sender });
        Self { live, news }
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
        server.write(Socket::Ours, Frames::Chatter);
        self.end(server, 2 + MIDDLE);
    }

    fn begin(&mut self, server: &mut Flooder) {
        server.write(Socket::Ours, Frames::Begin);
        for _ in 0..CALLS {
            assert_eq!(self.live.within(self.news.recv()), Some(News::Began));
        }
    }

    fn end(&mut self, server: &mut Flooder, events: usize) {
        server.write(Socket::Ours, Frames::End);
        for _ in 0..CALLS {
            match self.live.within(self.news.recv()).unwrap() {
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
        let mut count = 0;
        while let Some(event) = events.next().await {
            read(event?);
            count += 1;
        }
        self.news.send(News::Ended(count))?;
        Ok(())
    }
}
