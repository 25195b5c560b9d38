//! Which requests are sent again: those that cannot do anything twice, within their deadline.
//!
//! * What never left, or came before Asterisk was ready, is sent again.
//! * What changes nothing (`GET`) or ends something (`DELETE`) is sent again where its answer was lost.
//! * What makes an object with an id of ours is not sent again where its answer was lost: Asterisk is asked whether the
//!   object is there. That it is not proves nothing; it may have come and gone.
//! * All else is for the caller to judge: [`ErrorKind::OutcomeUnknown`].

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::connection::backoff;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ObjectKind, is_new_id};
use crate::request::{Method, RawRequest, RawResponse};
use crate::transport::Transport;

/// How many requests are sent at most.
const TRIES: u32 = 5;

/// The waits between them.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Sends a request, again where that is safe, and waits so long for a successful answer.
pub(super) async fn send(
    transport: &dyn Transport,
    request: &RawRequest,
    patience: Duration,
) -> Result<RawResponse> {
    let mut tries = Tries {
        transport,
        end: Instant::now() + patience,
        made: 0,
        took: Duration::ZERO,
    };
    let mut earlier: Option<Error> = None;
    let ends = request.method == Method::Delete;
    loop {
        let error = match tries.send(request).await {
            // What was to end has ended: by an earlier try, or by itself.
            Err(error) if ends && earlier.as_ref().is_some_and(is_unknown) && is_missing(&error) => {
                return Ok(RawResponse::new(204, ""));
            }
            Err(error) => error,
            success => return success,
        };
        if is_unknown(&error)
            && let Some(look) = look_for(request)
        {
            return tries.find(&look).await.ok_or(error);
        }
        if !(error.is_retryable() || is_unknown(&error) && is_idempotent(request)) {
            return Err(error);
        }
        // An outcome that is unknown stays so, whatever becomes of later tries.
        let told = earlier.filter(is_unknown).unwrap_or(error);
        if !tries.wait().await {
            return Err(told);
        }
        earlier = Some(told);
    }
}

/// The requests that are sent for one, until its deadline.
struct Tries<'t> {
    transport: &'t dyn Transport,
    end: Instant,
    made: u32,
    /// How long the last one took.
    took: Duration,
}

impl Tries<'_> {
    async fn send(&mut self, request: &RawRequest) -> Result<RawResponse> {
        let begun = Instant::now();
        let reply = self.transport.execute(request, self.left(begun)).await;
        self.made += 1;
        self.took = begun.elapsed();
        reply?.success(request.operation)
    }

    /// The time that is left, in whole milliseconds.
    fn left(&self, now: Instant) -> Duration {
        let millis = self.end.duration_since(now).as_micros().div_ceil(1000);
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }

    /// Waits before another try; `false` where none is left, or one that takes as long as the last would come too late.
    async fn wait(&self) -> bool {
        let wait = backoff::wait(self.made, FIRST_WAIT, LONGEST_WAIT);
        if self.made >= TRIES || Instant::now() + wait + self.took > self.end {
            return false;
        }
        sleep(wait).await;
        true
    }

    /// Looks for what may have been made. The request that makes it may still be on its way.
    async fn find(mut self, look: &RawRequest) -> Option<RawResponse> {
        while self.wait().await {
            match self.send(look).await {
                Ok(found) => return Some(found),
                Err(error) if is_missing(&error) || is_unknown(&error) || error.is_retryable() => {}
                Err(_) => return None,
            }
        }
        None
    }
}

fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::OutcomeUnknown
}

/// Whether sending the request twice comes to the same as sending it once. Subscriptions are counted.
fn is_idempotent(request: &RawRequest) -> bool {
    let counted = request.path.first().is_some_and(|first| first == "applications");
    match request.method {
        Method::Get => true,
        Method::Delete => !counted,
        Method::Post | Method::Put => false,
    }
}

/// Whether Asterisk says that what the request is about is not there.
fn is_missing(error: &Error) -> bool {
    error.kind() == ErrorKind::Refused && error.status() == Some(404)
}

/// The request that shows what `request` makes, if its id is one that nothing else can have. Its reply is that of
/// `request`; external media are left out, of which only their own reply tells the address.
fn look_for(request: &RawRequest) -> Option<RawRequest> {
    let (kind, id) = request.creates.first()?;
    let (operation, collection) = match kind {
        ObjectKind::Channel => ("channels.get", "channels"),
        ObjectKind::Bridge => ("bridges.get", "bridges"),
        ObjectKind::Playback => ("playbacks.get", "playbacks"),
        ObjectKind::Recording => return None,
    };
    let external = request.path.iter().any(|segment| segment == "externalMedia");
    let look = || RawRequest::new(operation, Method::Get, [collection.to_owned(), id.clone()]);
    (is_new_id(id) && !external).then(look)
}

#[cfg(test)]
mod tests;
