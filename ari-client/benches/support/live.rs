//! Our side: an application on the event socket.

use std::hint::black_box;

use ari_client::prelude::*;

use super::alone::Alone;
use super::corpus::APP;

/// A client whose application takes calls.
pub(crate) struct Live {
    ari: Ari,
    alone: Alone,
}

impl Live {
    /// Runs `application` on the server at `url`.
    pub(crate) fn start(url: &str, application: impl Application) -> Self {
        let alone = Alone::new();
        let ari = client(url);
        let service = ari.service(APP, application).stop_when(std::future::pending());
        let mut status = service.status();
        alone.spawn(service.run());
        alone.within(status.wait_for(Status::takes_calls)).unwrap();
        Self { ari, alone }
    }

    /// Waits for `future`; meanwhile the application is at work, and only then.
    pub(crate) fn within<F: Future>(&self, future: F) -> F::Output {
        self.alone.within(future)
    }

    /// Each event was delivered.
    pub(crate) fn check(&self) {
        let counters = self.ari.counters();
        assert_eq!((counters.dropped, counters.overflowed), (0, 0));
    }
}

/// A client of the server at `url`.
pub(crate) fn client(url: &str) -> Ari {
    Ari::builder(url).credentials("ari", "secret").build().unwrap()
}

/// Takes an event, which has to be one that the library reads.
pub(crate) fn read(event: Event) {
    let event = black_box(event);
    assert!(!matches!(
        event.kind,
        EventKind::Malformed(_) | EventKind::Unknown(_)
    ));
}
