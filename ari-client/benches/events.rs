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
use std::time::Duration;

use ari_client::Service;
use ari_client::prelude::*;
use criterion::Criterion;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use support::bare::Bare;
use support::corpus::APP;
use support::flooder::{self, Flooder, Frames};
use support::models::{self, Peek};
use support::ratio::{self, Comparison, Multiple, Side};

const CALLS: usize = 100;
const EVENTS: usize = 20_000;

/// The order in which the event sockets are opened.
const FLOOR: usize = 0;
const OURS: usize = 1;

/// Longer than a pass takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    if flooder::serve() {
        return;
    }
    let mut criterion = ratio::criterion();
    not_decoded(&mut criterion);
    decoded(&mut criterion);
    criterion.final_summary();
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
    let floor = runtime();
    let url = server.borrow().url.clone();
    let mut bare = within(&floor, Bare::open(&url));
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
                server.borrow_mut().write(FLOOR, Frames::Chatter);
                within(&floor, bare.read(EVENTS, &look));
            },
        },
    }
    .run(criterion);
    ours.check();
}

/// Runs `future` on a runtime that does nothing else meanwhile and rests otherwise.
fn within<F: Future>(runtime: &Runtime, future: F) -> F::Output {
    runtime
        .block_on(async { timeout(PATIENCE, future).await })
        .unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// An application on the event socket, with its calls.
struct Ours {
    ari: Ari,
    reads: bool,
    runtime: Runtime,
    news: UnboundedReceiver<()>,
}

impl Ours {
    fn start(server: &mut Flooder, reads: bool) -> Self {
        let runtime = runtime();
        let ari = Ari::builder(&server.url)
            .credentials("ari", "secret")
            .build()
            .unwrap();
        let (sender, mut news) = unbounded_channel();
        let reader = Reader {
            reads,
            handled: Arc::default(),
            news: sender,
        };
        let service: Service<_> = ari.service(APP, reader).stop_when(std::future::pending());
        let mut status = service.status();
        runtime.spawn(service.run());
        within(&runtime, status.wait_for(Status::takes_calls)).unwrap();
        server.write(OURS, Frames::Begin);
        for _ in 0..CALLS {
            within(&runtime, news.recv()).unwrap();
        }
        Self {
            ari,
            reads,
            runtime,
            news,
        }
    }

    /// Takes one pass of events to where they belong.
    fn pass(&mut self, server: &mut Flooder) {
        server.write(OURS, Frames::Chatter);
        if !self.reads {
            // It comes behind all others, and has its own way to be seen.
            server.write(OURS, Frames::Unowned);
        }
        within(&self.runtime, self.news.recv()).unwrap();
    }

    /// Each event was delivered, and read where it was to be.
    fn check(&self) {
        let counters = self.ari.counters();
        assert_eq!(counters.overflowed, 0);
        assert_eq!(counters.dropped, 0);
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
            let event = black_box(event?);
            assert!(!matches!(
                event.kind,
                EventKind::Malformed(_) | EventKind::Unknown(_)
            ));
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
