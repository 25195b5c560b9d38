//! Keeps looking, from before a fault until after it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::house::{House, View};
use super::judge::{Judge, Sight, Wrong};
use super::roll::Roll;

/// How often the judge looks.
const RHYTHM: Duration = Duration::from_millis(100);
/// How long a look may take.
const LAST_LOOK: Duration = Duration::from_secs(20);

/// What all is well at, or not.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// When what was seen began to be looked at.
    at: Instant,
    content: bool,
}

#[derive(Debug)]
struct Shared {
    judge: Mutex<Judge>,
    knocked: Mutex<BTreeSet<String>>,
    broken: AtomicBool,
    look: watch::Sender<Look>,
}

/// The judge at work. It stops when this value is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Watch {
    pub(super) fn start(house: &House, roll: &Roll) -> Self {
        let look = Look {
            at: Instant::now(),
            content: false,
        };
        let shared = Arc::new(Shared {
            judge: Mutex::default(),
            knocked: Mutex::default(),
            broken: AtomicBool::new(false),
            look: watch::Sender::new(look),
        });
        let watcher = Watcher {
            view: house.view(),
            open: house.proxy.open(),
            roll: roll.clone(),
            shared: Arc::clone(&shared),
        };
        let task = tokio::spawn(watcher.run());
        Self { shared, task }
    }

    /// From now on something is broken, and time does not count.
    pub(super) fn broken(&self) {
        self.shared.broken.store(true, Ordering::SeqCst);
    }

    /// What was broken is whole again.
    pub(super) fn mended(&self) {
        self.shared.broken.store(false, Ordering::SeqCst);
    }

    /// Waits until all is well, and says how long that took.
    pub(super) async fn content(&self, patience: Duration) -> Result<Duration> {
        let start = Instant::now();
        let mut looks = self.shared.look.subscribe();
        let well = looks.wait_for(|look| look.content && look.at >= start);
        match timeout(patience, well).await {
            Ok(Ok(_)) => Ok(start.elapsed()),
            _ => bail!("all was not well again within {patience:?}"),
        }
    }

    /// The last word: what is wrong at one more look counts as lost.
    pub(super) async fn close(&self) -> Result<()> {
        let now = Instant::now();
        let mut looks = self.shared.look.subscribe();
        let last = timeout(LAST_LOOK, looks.wait_for(|look| look.at >= now)).await;
        last.context("the judge does not look any more")??;
        self.task.abort();
        lock(&self.shared.judge).close();
        Ok(())
    }

    pub(super) fn lost(&self) -> BTreeSet<(String, Wrong)> {
        lock(&self.shared.judge).lost().clone()
    }

    /// How many callers knocked while no application was there.
    pub(super) fn knocked(&self) -> usize {
        lock(&self.shared.knocked).len()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Watcher {
    view: View,
    open: watch::Receiver<u32>,
    roll: Roll,
    shared: Arc<Shared>,
}

impl Watcher {
    async fn run(self) {
        loop {
            self.look().await;
            sleep(RHYTHM).await;
        }
    }

    fn is_whole(&self) -> bool {
        *self.open.borrow() > 0 && !self.shared.broken.load(Ordering::SeqCst)
    }

    async fn look(&self) {
        let at = Instant::now();
        let was_whole = self.is_whole();
        let seen = self.view.inventory().await;
        let content = {
            let mut judge = lock(&self.shared.judge);
            match seen {
                Ok(seen) => {
                    lock(&self.shared.knocked).extend(seen.knocking);
                    judge.look(&Sight {
                        at: Instant::now(),
                        whole: was_whole && self.is_whole(),
                        channels: seen.in_stasis,
                        tasks: self.roll.entries(),
                    });
                }
                Err(_) => judge.look_in_vain(),
            }
            judge.is_content()
        };
        self.shared.look.send_replace(Look { at, content });
    }
}
