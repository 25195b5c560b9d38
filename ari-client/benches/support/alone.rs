//! Work that is done alone: on a runtime of one thread, which rests but for what is waited for.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// Longer than a pass takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A runtime that does nothing while nobody waits for what it does.
pub(crate) struct Alone(Runtime);

impl Alone {
    pub(crate) fn new() -> Self {
        Self(Builder::new_current_thread().enable_all().build().unwrap())
    }

    /// Starts a task. It goes on when something is waited for.
    pub(crate) fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) {
        self.0.spawn(task);
    }

    /// Waits for `future`.
    pub(crate) fn within<F: Future>(&self, future: F) -> F::Output {
        self.0
            .block_on(async { timeout(PATIENCE, future).await })
            .unwrap()
    }
}
