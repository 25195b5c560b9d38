//! What is logged on the thread of a test.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::rc::Rc;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::set_global_default;
use tracing::{Event, Metadata, Subscriber};

thread_local! {
    /// Where the lines of this thread go, while a test collects them.
    static COLLECTED: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Collects the lines that are logged on this thread for as long as it lives.
pub(crate) struct Log {
    lines: Lines,
}

type Lines = Rc<RefCell<Vec<String>>>;

impl Log {
    pub(crate) fn start() -> Self {
        // One for all threads: where only one thread has a subscriber, what another thread is the first to log is
        // taken for something that nobody wants, on every thread.
        static SUBSCRIBED: Once = Once::new();
        SUBSCRIBED.call_once(|| set_global_default(Collector).unwrap());
        let lines = Lines::default();
        COLLECTED.set(Some(Rc::clone(&lines)));
        Self { lines }
    }

    /// The lines of `level`, such as `ERROR`.
    pub(crate) fn lines(&self, level: &str) -> Vec<String> {
        let lines = self.lines.borrow();
        lines
            .iter()
            .filter(|line| line.starts_with(level))
            .cloned()
            .collect()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        COLLECTED.set(None);
    }
}

struct Collector;

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let Some(lines) = COLLECTED.with_borrow(Option::clone) else {
            return;
        };
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        lines.borrow_mut().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}
