//! The requests on one open socket.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use super::wire;
use crate::error::{Error, ErrorKind, Result};
use crate::request::{RawRequest, RawResponse};
use crate::transport::log;

/// How many bytes of requests may be unanswered at once. Asterisk reads the next request when it has answered the last:
/// what it has not read must fit into the buffers of the connection, or a write would wait for it, and pings behind it.
const ROOM: u32 = 64 * 1024;

/// The requests on one open socket, from those who ask to the socket's writer, and the replies back from its reader.
#[derive(Debug)]
pub(crate) struct Line {
    room: Arc<Semaphore>,
    next_id: AtomicU64,
    state: Mutex<State>,
    queued: Notify,
    /// A reply did not come, and none has come in its turn since.
    deaf: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// Not written yet.
    waiting: VecDeque<(Asked, String)>,
    /// Written, in the order in which Asterisk answers.
    sent: VecDeque<Asked>,
    closed: bool,
}

/// What Asterisk is at work on, so that it answers no ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum Work {
    None,
    /// Requests that are answered at once.
    Short,
    /// A request that may take long.
    Long,
}

#[derive(Debug)]
struct Asked {
    id: u64,
    operation: &'static str,
    long: bool,
    answer: oneshot::Sender<Result<RawResponse>>,
    /// Held until Asterisk has answered, whoever still waits: until then it may not have read the request.
    _room: OwnedSemaphorePermit,
}

/// A request on the line. One that is given up before it is written is not sent; one that was written stays, because
/// Asterisk is at work on it all the same.
struct Ticket<'l> {
    line: &'l Line,
    id: u64,
}

impl Line {
    pub(in crate::transport) fn new() -> Self {
        Self {
            room: Arc::new(Semaphore::new(ROOM as usize)),
            next_id: AtomicU64::new(0),
            state: Mutex::default(),
            queued: Notify::new(),
            deaf: AtomicBool::new(false),
        }
    }

    /// Sends a request and waits for its answer until `end`.
    pub(in crate::transport) async fn exchange(
        &self,
        request: &RawRequest,
        end: Instant,
    ) -> Result<RawResponse> {
        let result = self.ask(request, end).await;
        log("websocket", request, &result);
        result
    }

    async fn ask(&self, request: &RawRequest, end: Instant) -> Result<RawResponse> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let text = wire::encode(id, request)?;
        let weight = u32::try_from(text.len()).unwrap_or(ROOM);
        let room = Arc::clone(&self.room).acquire_many_owned(weight);
        let Ok(room) = timeout_at(end, room).await else {
            return Err(not_sent(
                "other requests on the socket are waiting for their answers",
            ));
        };
        let (answer, reply) = oneshot::channel();
        let asked = Asked {
            id,
            operation: request.operation,
            long: request.takes_long(),
            answer,
            _room: room.map_err(|_| closed())?,
        };
        let ticket = self.enqueue(asked, text)?;
        match timeout_at(end, reply).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(unanswered()),
            Err(_) => Err(ticket.give_up()),
        }
    }

    fn enqueue(&self, asked: Asked, text: String) -> Result<Ticket<'_>> {
        let id = asked.id;
        let mut state = self.lock();
        if state.closed {
            return Err(closed());
        }
        state.waiting.push_back((asked, text));
        drop(state);
        self.queued.notify_one();
        Ok(Ticket { line: self, id })
    }

    /// The next request to write. Once it is taken, its outcome is unknown until the answer.
    pub(in crate::transport) async fn next(&self) -> String {
        loop {
            let queued = self.queued.notified();
            if let Some(text) = self.take() {
                return text;
            }
            queued.await;
        }
    }

    fn take(&self) -> Option<String> {
        let mut state = self.lock();
        let (asked, text) = state.waiting.pop_front()?;
        state.sent.push_back(asked);
        Some(text)
    }

    /// Takes a frame, if it is a reply.
    pub(in crate::transport) fn answer(&self, frame: &[u8]) -> bool {
        if self.next_id.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let Some((id, reply)) = wire::decode(frame) else {
            return false;
        };
        let Some(id) = id else {
            tracing::warn!(status = reply.status, "Asterisk did not understand a request");
            return true;
        };
        let mut state = self.lock();
        let Some(place) = state.sent.iter().position(|asked| asked.id == id) else {
            return true;
        };
        self.deaf.store(place > 0, Ordering::Relaxed);
        // Nobody may be waiting any more.
        for asked in state.sent.drain(..place) {
            let lost = "its reply was lost: Asterisk answered a later request (an event filter without RESTResponse?)";
            let _ = asked
                .answer
                .send(Err(Error::new(ErrorKind::OutcomeUnknown, lost)));
        }
        if let Some(asked) = state.sent.pop_front() {
            let _ = asked.answer.send(Ok(reply));
        }
        true
    }

    /// What Asterisk is at work on.
    pub(in crate::transport) fn work(&self) -> Work {
        let state = self.lock();
        if state.sent.iter().any(|asked| asked.long) {
            Work::Long
        } else if state.sent.is_empty() {
            Work::None
        } else {
            Work::Short
        }
    }

    /// How many requests have no answer yet.
    pub(super) fn load(&self) -> usize {
        let state = self.lock();
        state.waiting.len() + state.sent.len()
    }

    /// Whether a reply did not come, so that others may not come either.
    pub(super) fn is_deaf(&self) -> bool {
        self.deaf.load(Ordering::Relaxed)
    }

    /// The socket is gone: nobody waits for what cannot come.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.room.close();
        for (asked, _) in state.waiting.drain(..) {
            let _ = asked.answer.send(Err(closed()));
        }
        for asked in state.sent.drain(..) {
            let _ = asked.answer.send(Err(unanswered()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket<'_> {
    fn give_up(self) -> Error {
        let state = self.line.lock();
        if state.waiting.iter().any(|(asked, _)| asked.id == self.id) {
            return not_sent("the socket took nothing");
        }
        self.line.deaf.store(true, Ordering::Relaxed);
        let first = state.sent.front().filter(|first| first.id != self.id);
        let context = match first {
            Some(first) => format!(
                "no answer on the event socket within the deadline: Asterisk has not answered {} yet, which came first",
                first.operation
            ),
            None => "no answer on the event socket within the deadline (an event filter without RESTResponse stops \
                     them all)"
                .into(),
        };
        tracing::warn!("{context}");
        Error::new(ErrorKind::TimedOut, context)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut state = self.line.lock();
        state.waiting.retain(|(asked, _)| asked.id != self.id);
    }
}

fn not_sent(why: &str) -> Error {
    Error::new(ErrorKind::NotSent, why)
}

fn closed() -> Error {
    not_sent("the socket closed before the request left")
}

fn unanswered() -> Error {
    Error::new(
        ErrorKind::OutcomeUnknown,
        "the socket closed before Asterisk answered",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::request::Method;

    fn request() -> RawRequest {
        RawRequest::new("channels.list", Method::Get, ["channels"])
    }

    fn reply(id: u64) -> Vec<u8> {
        format!(r#"{{"type":"RESTResponse","request_id":"{id}","status_code":200,"message_body":"[{id}]"}}"#)
            .into_bytes()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test(start_paused = true)]
    async fn each_reply_finds_its_request_and_a_later_one_proves_an_earlier_lost() {
        let line = Line::new();
        let (first, lost, last) = (request(), request(), request());
        let ask = async {
            tokio::join!(
                line.exchange(&first, soon()),
                line.exchange(&lost, soon()),
                line.exchange(&last, soon())
            )
        };
        let serve = async {
            for id in 0..3 {
                assert!(line.next().await.contains(&format!(r#""request_id":"{id}""#)));
            }
            assert_eq!(line.work(), Work::Short);
            assert!(line.answer(&reply(0)));
            assert!(!line.is_deaf());
            assert!(line.answer(&reply(2)));
        };
        let ((first, lost, last), ()) = tokio::join!(ask, serve);
        assert_eq!(first.unwrap().body, "[0]");
        assert_eq!(lost.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        assert_eq!(last.unwrap().body, "[2]");
        assert!(line.is_deaf() && line.work() == Work::None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_errors_of_a_closed_line_tell_what_left_from_what_did_not() {
        let line = Line::new();
        let (left, stayed) = (request(), request());
        let asks = async { tokio::join!(line.exchange(&left, soon()), line.exchange(&stayed, soon())) };
        let close = async {
            line.next().await;
            line.close();
        };
        let ((left, stayed), ()) = tokio::join!(asks, close);
        assert_eq!(left.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        assert_eq!(stayed.unwrap_err().kind(), ErrorKind::NotSent);
        let late = line.exchange(&request(), soon()).await;
        assert_eq!(late.unwrap_err().kind(), ErrorKind::NotSent);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_no_more_behind_than_asterisk_is_at_work_on() {
        let line = Line::new();
        let unwritten = line.exchange(&request(), soon()).await;
        assert_eq!(unwritten.unwrap_err().kind(), ErrorKind::NotSent);
        let (unanswered, _) = tokio::join!(async { line.exchange(&request(), soon()).await }, line.next());
        assert_eq!(unanswered.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(line.is_deaf() && line.work() == Work::Short);
        let asked = request();
        let cancelled = tokio::time::timeout(Duration::from_secs(1), line.exchange(&asked, soon()));
        assert!(cancelled.await.is_err());
        assert_eq!(line.load(), 1);
        assert!(line.answer(&reply(1)), "a late reply is no event");
        assert!(!line.is_deaf() && line.work() == Work::None);
        assert_eq!(line.load(), 0);
        assert_eq!(line.room.available_permits(), ROOM as usize);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_under_way_than_the_connection_has_room_for() {
        let line = Line::new();
        let large = request().with_body("x".repeat(40_000));
        let both = async { tokio::join!(line.exchange(&large, soon()), line.exchange(&large, soon())) };
        let take = async {
            line.next().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_eq!(line.load(), 1, "the second waits outside");
            assert!(line.answer(&reply(0)));
            line.next().await;
            assert!(line.answer(&reply(1)));
        };
        let ((first, second), ()) = tokio::join!(both, take);
        assert!(first.is_ok() && second.is_ok());
    }
}
