//! When to ask a silent socket for a sign of life, and when to give it up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::Line;
use crate::transport::rest::Work;

/// A socket that was silent this long is asked for a sign of life, and given up after as long again. Periods follow each
/// other whenever the silence began, so that a half-open socket is found after two to three of them: callers wait for
/// it, and a ping costs next to nothing.
const PERIOD: Duration = Duration::from_secs(5);

/// So many silent periods are borne while a request is under way, because Asterisk answers no ping while it carries one
/// out: more for one that may wait for a channel.
const BORNE: u32 = 4;
const BORNE_LONG: u32 = 12;

/// What a silent socket calls for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A ping.
    Ask,
    /// To be given up: nothing was heard for so long.
    None(Duration),
}

/// The clock of one socket.
#[derive(Debug)]
pub(super) struct Keepalive {
    tick: Interval,
    /// Periods without any frame.
    silent: u32,
    asked: bool,
}

impl Keepalive {
    pub(super) fn new() -> Self {
        let mut tick = tokio::time::interval_at(Instant::now() + PERIOD, PERIOD);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            tick,
            silent: 0,
            asked: false,
        }
    }

    /// Waits until the socket has been silent for too long; `alive` is set by whoever hears something.
    pub(super) async fn next(&mut self, alive: &AtomicBool, line: &Line) -> Sign {
        loop {
            self.tick.tick().await;
            if alive.swap(false, Ordering::Relaxed) {
                self.silent = 0;
                self.asked = false;
                continue;
            }
            self.silent += 1;
            let given_up = match line.work() {
                Work::None if self.asked => true,
                Work::None => {
                    self.asked = true;
                    return Sign::Ask;
                }
                Work::Short => self.silent >= BORNE,
                Work::Long => self.silent >= BORNE_LONG,
            };
            if given_up {
                return Sign::None(PERIOD * (self.silent + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Method, RawRequest};

    async fn signs(line: &Line, alive: &AtomicBool) -> (Vec<Sign>, Duration) {
        let begin = Instant::now();
        let mut keepalive = Keepalive::new();
        let mut signs = Vec::new();
        loop {
            let sign = keepalive.next(alive, line).await;
            let last = sign != Sign::Ask;
            signs.push(sign);
            if last {
                return (signs, begin.elapsed());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_socket_is_asked_and_then_given_up() {
        let alive = AtomicBool::new(true);
        let (signs, after) = signs(&Line::new(), &alive).await;
        assert_eq!(signs, [Sign::Ask, Sign::None(3 * PERIOD)]);
        assert_eq!(after, 3 * PERIOD);
    }

    #[tokio::test(start_paused = true)]
    async fn any_frame_is_a_sign_of_life() {
        let (alive, line) = (AtomicBool::new(true), Line::new());
        let hear = async {
            for _ in 0..20 {
                tokio::time::sleep(PERIOD / 2).await;
                alive.store(true, Ordering::Relaxed);
            }
            Instant::now()
        };
        let begin = Instant::now();
        let ((_, given_up), _) = tokio::join!(signs(&line, &alive), hear);
        assert!(begin + given_up > begin + 10 * PERIOD, "{given_up:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_ping_is_sent_while_asterisk_is_at_work_on_a_request_but_not_without_end() {
        for (verb, borne) in [("play", BORNE), ("answer", BORNE_LONG)] {
            let (alive, line) = (AtomicBool::new(false), Line::new());
            let request = RawRequest::new("x", Method::Post, ["channels", "1", verb]);
            // Given up at once: Asterisk is at work on it all the same.
            let asked = line.exchange(&request, Instant::now() + PERIOD / 2);
            let watched = async {
                line.next().await;
                signs(&line, &alive).await
            };
            let (asked, (signs, after)) = tokio::join!(asked, watched);
            assert!(asked.is_err(), "nobody answers");
            assert_eq!(signs.len(), 1, "{signs:?}");
            assert_eq!(after, borne * PERIOD);
        }
    }
}
