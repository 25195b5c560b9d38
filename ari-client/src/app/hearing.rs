//! Whether Asterisk still tells the application anything: an open socket does not say so.
//!
//! A client that opens an event socket while Asterisk clears up after the one before (a program that was killed and
//! started again at once, a connection that was cut on its way) may find that the clearing up comes last. Its socket stays
//! open and answers pings, but the application is no longer registered, or is inactive: no event comes, and calls fall
//! through `Stasis()`. Asterisk 22.10.1 does that to 2 to 5 of 100 such sockets, mostly before the handshake's reply,
//! and on a busy machine some milliseconds later.
//!
//! Any event proves the contrary. Where it is silent, the application has Asterisk send it one. A program that is forgotten
//! in this way is not told either when another client takes the name: it takes it back.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use serde::Deserialize;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, error};

use super::running::Running;
use crate::client::Ari;
use crate::error::{Error, ErrorKind};
use crate::generated::models::Application;
use crate::generated::{EventType, Peek, applications, user_events};
use crate::rt::from_json;

/// The event that the application has Asterisk send it. Nobody else gets to see it but those who listen to
/// `UserEvent` on AMI.
const ECHO: &str = "AriClientEcho";

/// How long after the socket opened is looked again; each wait is twice the one before. What came just after a look may
/// have been the last, which the look after the next finds.
const SOON: Duration = Duration::from_millis(500);

/// How long after each other the later looks are. None is known to be needed, but all calls depend on it.
const LONGEST: Duration = Duration::from_secs(60);

/// How long the event may trail the reply to its request: it waits behind the application's other events, each of which
/// would do.
const TRAIL: Duration = Duration::from_secs(2);

/// How many sockets in a row are given up for it. A server that answers for Asterisk and does not send what it says it
/// does is not to be taken for deaf for ever.
const IN_A_ROW: u32 = 5;

/// What came lately.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    event: Notify,
    /// How many sockets were given up since an event came.
    given_up: AtomicU32,
}

impl Hearing {
    /// Takes note of an event of the application's.
    pub(super) fn note(&self, event_type: EventType) {
        // It tells of the registration itself, which may have been undone since.
        if event_type != EventType::ApplicationRegistered {
            self.event.notify_one();
        }
    }

    /// A new socket has opened, whatever came over the one before.
    pub(super) fn begin(&self) {
        let _ = self.event.notified().now_or_never();
    }

    /// Whether an event came since this was asked last, or comes `within` this time.
    async fn heard(&self, within: Duration) -> bool {
        let heard = timeout(within, self.event.notified()).await.is_ok();
        if heard {
            self.given_up.store(0, Ordering::Relaxed);
        }
        heard
    }

    /// Whether one more socket may be given up.
    fn gives_up(&self) -> bool {
        self.given_up.fetch_add(1, Ordering::Relaxed) < IN_A_ROW
    }
}

/// What asking for an event shows.
enum Answer {
    /// It came, or another did.
    Told,
    /// None comes, and it should.
    Untold,
    /// Nothing.
    Nothing,
    /// It may not be asked for.
    Refused,
}

impl<A> Running<A> {
    /// Waits until it is certain that no events come although the socket is open. Returns since when that may be so.
    pub(super) async fn wait_until_deaf(&self) -> Instant {
        let opened = Instant::now();
        let (mut proven, mut before, mut wait) = (opened, opened, SOON);
        // Where another client has the name, it has the events.
        while !self.replaced.is_cancelled() {
            let now = Instant::now();
            if self.hearing.heard(Duration::ZERO).await {
                // When, is not known.
                proven = before;
            } else {
                match self.ask_for_event().await {
                    Answer::Told => proven = now,
                    Answer::Nothing => {}
                    Answer::Untold if self.hearing.gives_up() => return proven,
                    Answer::Untold => {
                        error!(
                            application = &*self.name,
                            "the server says that it sends the application's events, and none came over {IN_A_ROW} sockets: \
                             this is not looked after any more"
                        );
                        break;
                    }
                    // Asked again and again by who may not, Asterisk's host may shut us out.
                    Answer::Refused => break,
                }
            }
            before = now;
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST);
        }
        std::future::pending().await
    }

    /// Has Asterisk send an event.
    async fn ask_for_event(&self) -> Answer {
        match self
            .ari
            .send(user_events::UserEvent::new(ECHO, &*self.name))
            .await
        {
            Ok(()) if self.hearing.heard(TRAIL).await => return Answer::Told,
            Ok(()) => {}
            Err(error) if is_unknown(&error) => {}
            Err(error) => {
                debug!(%error, "cannot have Asterisk send an event");
                return match error.kind() {
                    ErrorKind::Unauthorized => Answer::Refused,
                    _ => Answer::Nothing,
                };
            }
        }
        let is_missed = is_missed(&self.ari, &self.name).await;
        // Where it is we who stood still, the event lies ready, and is read now.
        if self.hearing.heard(SOON).await {
            Answer::Told
        } else if is_missed {
            Answer::Untold
        } else {
            Answer::Nothing
        }
    }
}

/// Whether a user event would have come if all were well.
async fn is_missed(ari: &Ari, name: &str) -> bool {
    match ari.send(applications::Get::new(name)).await {
        Ok(application) => lets_through(&application, EventType::ChannelUserevent),
        Err(error) => is_unknown(&error),
    }
}

/// Whether Asterisk says that it knows no such application.
fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::Refused && error.status() == Some(404)
}

/// Whether the application's event filter lets events of this type through.
fn lets_through(application: &Application, event_type: EventType) -> bool {
    let names = |list: &[crate::rt::Object]| {
        list.iter()
            .any(|entry| entry.get("type").and_then(|name| name.as_str()) == Some(event_type.name()))
    };
    let (allowed, disallowed) = (&application.events_allowed, &application.events_disallowed);
    !names(disallowed) && (allowed.is_empty() || names(allowed))
}

/// Whether this is the event that the application had Asterisk send it.
pub(super) fn is_echo(event_type: EventType, peek: &Peek<'_>, frame: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct UserEvent<'a> {
        #[serde(borrow)]
        eventname: Cow<'a, str>,
    }
    event_type == EventType::ChannelUserevent
        && peek.channel.is_none()
        && from_json::<UserEvent<'_>>(frame).is_ok_and(|event| event.eventname == ECHO)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USER_EVENT: &str = EventType::ChannelUserevent.name();

    fn application(allowed: &[&str], disallowed: &[&str]) -> Application {
        let list = |names: &[&str]| {
            names
                .iter()
                .map(|name| json!({ "type": name }))
                .collect::<Vec<_>>()
        };
        let application = json!({
            "name": "a", "channel_ids": [], "bridge_ids": [], "endpoint_ids": [], "device_names": [],
            "events_allowed": list(allowed), "events_disallowed": list(disallowed),
        });
        serde_json::from_value(application).unwrap()
    }

    #[test]
    fn a_filter_may_hold_the_event_back() {
        for (allowed, disallowed, passes) in [
            (&[][..], &[][..], true),
            (&["StasisStart"], &[], false),
            (&["StasisStart", USER_EVENT], &[], true),
            (&[], &["StasisStart"], true),
            (&[USER_EVENT], &[USER_EVENT], false),
        ] {
            let filtered = application(allowed, disallowed);
            assert_eq!(
                lets_through(&filtered, EventType::ChannelUserevent),
                passes,
                "{allowed:?} {disallowed:?}"
            );
        }
    }

    #[test]
    fn the_echo_is_told_from_the_user_events_of_others() {
        let is_ours = |event: serde_json::Value| {
            let frame = event.to_string();
            let peek = from_json(frame.as_bytes()).unwrap();
            is_echo(EventType::ChannelUserevent, &peek, frame.as_bytes())
        };
        assert!(is_ours(json!({"type": USER_EVENT, "eventname": ECHO})));
        assert!(!is_ours(json!({"type": USER_EVENT, "eventname": "x"})));
        assert!(!is_ours(json!({"type": USER_EVENT})));
        assert!(!is_ours(
            json!({"type": USER_EVENT, "eventname": ECHO, "channel": {"id": "c"}})
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_heard_counts_once_and_for_its_socket_only() {
        let hearing = Hearing::default();
        hearing.note(EventType::ApplicationRegistered);
        assert!(!hearing.heard(TRAIL).await);
        hearing.note(EventType::StasisStart);
        hearing.note(EventType::StasisEnd);
        assert!(hearing.heard(Duration::ZERO).await);
        assert!(!hearing.heard(Duration::ZERO).await);
        hearing.note(EventType::StasisStart);
        hearing.begin();
        assert!(!hearing.heard(Duration::ZERO).await);
    }

    #[tokio::test]
    async fn sockets_are_not_given_up_for_ever() {
        let hearing = Hearing::default();
        let given_up = std::iter::repeat_with(|| hearing.gives_up());
        assert_eq!(given_up.take_while(|more| *more).count(), IN_A_ROW as usize);
        hearing.note(EventType::StasisStart);
        assert!(hearing.heard(Duration::ZERO).await);
        assert!(hearing.gives_up());
    }
}
