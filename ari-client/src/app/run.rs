//! A service that runs, and how it comes to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::application::Application;
use super::guarded;
use super::house::Housemate;
use super::mailbox::Item;
use super::resync::CALL_COMES;
use super::running::Running;
use super::shutdown::Shutdown;
use crate::client::Ari;
use crate::connection::{Connection, Status};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::handles::EndReason;

/// What the last calls get beyond their grace period, to be hung up and cleaned up after.
const LAST_WORDS: Duration = Duration::from_secs(15);

/// How long calls may take to be turned away that came with the last events.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// How long the rooms may take to be destroyed when the last calls are gone.
const ROOMS: Duration = Duration::from_secs(5);

/// How long it may take to take away what nobody waited for.
const CHORES: Duration = Duration::from_secs(5);

/// A service that runs.
pub(super) struct Run<A> {
    pub(super) running: Arc<Running<A>>,
    pub(super) status: watch::Sender<Status>,
    pub(super) shutdown: Shutdown,
    pub(super) close: CancellationToken,
    /// The others, where it is one of several.
    pub(super) house: Option<Housemate>,
}

impl<A: Application> Run<A> {
    pub(super) async fn until_over(mut self, connection: Connection<Arc<Running<A>>>) -> Result<()> {
        // Whatever happens to this future, the tasks that it started end.
        let _close = self.close.clone().drop_guard();
        let _abort = self.running.abort.clone().drop_guard();
        let mut connection = tokio::spawn(connection.run());
        let unowned = tokio::spawn(take_unowned(Arc::clone(&self.running)));
        let ended = tokio::select! {
            ended = &mut connection => {
                if self.house.is_some() {
                    // Asterisk does not come back for them.
                    self.running.end_all(EndReason::Lost);
                }
                self.running.terminate.cancel();
                ended.unwrap_or_else(|panic| Err(task_died(panic)))
            }
            () = self.running.replaced.cancelled() => self.give_way(),
            asked = self.shutdown.asked() => match asked {
                Ok(()) => self.drain().await,
                Err(error) => Err(error),
            },
        };
        self.running.draining.cancel();
        settle(&self.running).await;
        match self.house {
            None => clear_up(&self.running.ari).await,
            Some(house) => house.part(&mut connection).await,
        }
        self.close.cancel();
        if !connection.is_finished() {
            // It closes the socket and ends; how no longer matters.
            let _ = connection.await;
        }
        // Calls may have come until the socket was closed: they are turned away.
        calls_end(&self.running, LAST_CALLS).await;
        self.running.abort.cancel();
        let _ = unowned.await;
        self.status.send_replace(Status::Stopped);
        ended
    }

    /// Another client has the application now: no more events come, and its calls are that client's.
    fn give_way(&self) -> Result<()> {
        // The socket stays open until the calls are cleaned up after: it may be what carries their requests.
        self.running.end_all(EndReason::Replaced);
        let name = &self.running.name;
        Err(Error::new(
            ErrorKind::Replaced,
            format!("another client took over application {name}"),
        ))
    }

    /// Lets live calls go on for a while, and turns new ones away.
    async fn drain(&mut self) -> Result<()> {
        self.running.draining.cancel();
        self.status.send_replace(Status::Draining);
        let deadline = self.running.settings.drain;
        let calls = self.running.tasks.len();
        if self.running.per_call {
            debug!(calls, ?deadline, "draining");
        } else {
            info!(calls, ?deadline, "draining");
        }
        if self.running.per_call {
            // The call for which the connection was opened is to be turned away.
            let _ = timeout(CALL_COMES, self.running.came.cancelled()).await;
        }
        self.running.tasks.close();
        tokio::select! {
            () = self.running.tasks.wait() => {}
            () = tokio::time::sleep(deadline) => warn!(calls = self.running.tasks.len(), "the drain deadline has passed"),
            _ = self.shutdown.asked() => warn!(calls = self.running.tasks.len(), "asked again to stop"),
            () = self.running.replaced.cancelled() => {
                info!("the successor has registered: it has the calls now");
                // That the application is in other hands is what a service that drains is there for.
                let _ = self.give_way();
                return Ok(());
            }
        }
        self.running.terminate.cancel();
        Ok(())
    }
}

/// Waits until the calls have come to their end.
async fn settle<A>(running: &Running<A>) {
    if !calls_end(running, running.settings.grace + LAST_WORDS).await {
        warn!("calls did not come to an end in time: their tasks have a few seconds left");
        running.abort.cancel();
    }
}

/// Waits until what the calls left behind is cleaned up.
pub(super) async fn clear_up(ari: &Ari) {
    // Rooms are destroyed by what their last members' ends tell, so that the socket is still needed.
    if timeout(ROOMS, ari.rooms().settle()).await.is_err() {
        warn!("rooms are left that are not empty");
    }
    if timeout(CHORES, ari.chores().wait()).await.is_err() {
        warn!("bridges or channels may be left that nobody waited for");
    }
}

async fn calls_end<A>(running: &Running<A>, patience: Duration) -> bool {
    running.tasks.close();
    timeout(patience, running.tasks.wait()).await.is_ok()
}

/// Gives the events that no call owns to the application, until the service ends.
async fn take_unowned<A: Application>(running: Arc<Running<A>>) {
    let what = "an event that no call owns";
    let give = async {
        while let Some(item) = running.unowned.next().await {
            match item {
                Item::Frame(event_type, frame) => {
                    let event = Event::of_type(event_type, frame);
                    guarded(what, async {
                        running.application.on_event(&running.ari, event).await;
                    })
                    .await;
                }
                Item::Gap(length) => {
                    guarded(what, async {
                        running.application.on_gap(&running.ari, length).await;
                    })
                    .await;
                }
                Item::Gone(_) => {}
                Item::Lagged(count) => warn!(
                    count,
                    "events that no call owns were dropped: `on_event` is too slow"
                ),
            }
        }
    };
    tokio::select! {
        () = give => {}
        () = running.abort.cancelled() => {}
    }
}

fn task_died(panic: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Disconnected, "the connection's task died").with_source(panic)
}
