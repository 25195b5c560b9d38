//! Requests that take away what must not be left behind.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::Result;

/// The first wait; it doubles from here.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The longest wait: nothing should be there for much longer than Asterisk was away.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// How long Asterisk may be away until what is there is given up.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long after a request whose outcome is unknown its effect is looked for, and how often: it may still be on its way.
pub(crate) const SETTLED: Duration = Duration::from_secs(1);
pub(crate) const LOOKS: u32 = 5;

/// Asks until Asterisk has heard it, and returns what it said: what it refuses, it is not asked again.
pub(crate) async fn insist<T, R>(mut ask: impl FnMut() -> R) -> Result<T>
where
    R: Future<Output = Result<T>>,
{
    let end = Instant::now() + PATIENCE;
    let mut wait = FIRST_WAIT;
    loop {
        match ask().await {
            Err(error) if error.is_unheard() && Instant::now() < end => {
                tracing::debug!(%error, ?wait, "asking again");
            }
            heard => return heard,
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    async fn asked(answers: impl Fn(u32) -> Result<()>) -> (u32, Duration, Result<()>) {
        let begin = Instant::now();
        let mut asked = 0;
        let answer = insist(|| {
            asked += 1;
            std::future::ready(answers(asked))
        });
        let answer = answer.await;
        (asked, begin.elapsed(), answer)
    }

    fn refused(status: u16) -> Error {
        Error::new(ErrorKind::Refused, "no").with_reply(status, bytes::Bytes::new())
    }

    #[tokio::test(start_paused = true)]
    async fn asterisk_is_asked_until_it_has_heard() {
        for unheard in [
            || Error::new(ErrorKind::NotSent, "nobody there"),
            || Error::new(ErrorKind::OutcomeUnknown, "cut"),
            || Error::new(ErrorKind::Unauthorized, "who are you"),
            || refused(503),
        ] {
            let (asked, took, answer) = asked(|time| if time < 4 { Err(unheard()) } else { Ok(()) }).await;
            assert!(answer.is_ok());
            assert_eq!((asked, took), (4, FIRST_WAIT * 7));
        }
        let (asked, _, answer) = asked(|_| Err(refused(409))).await;
        assert_eq!((asked, answer.unwrap_err().status()), (1, Some(409)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_taken_away_is_given_up_at_last() {
        let (_, took, answer) = asked(|_| Err(Error::new(ErrorKind::NotSent, "nobody there"))).await;
        assert!(answer.is_err());
        assert!(took >= PATIENCE && took < PATIENCE + LONGEST_WAIT * 2, "{took:?}");
    }
}
