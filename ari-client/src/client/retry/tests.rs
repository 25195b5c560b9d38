use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::generated::{applications, bridges, channels, recordings};
use crate::id::new_id;
use crate::request::Operation;
use crate::transport::Reply;

const PATIENCE: Duration = Duration::from_secs(10);

/// What comes of a request.
#[derive(Debug, Clone, Copy)]
enum Comes {
    /// A status, with an empty body or Asterisk's message.
    Status(u16),
    /// It does not leave, after so many seconds.
    NotSent(u64),
    /// It leaves, and its answer is lost.
    Lost,
}
use Comes::{Lost, NotSent, Status};

/// Does what it is told, the last over and over; keeps what it was asked.
struct Scripted(Mutex<(VecDeque<Comes>, Vec<String>)>);

impl Scripted {
    fn new(comes: &[Comes]) -> Self {
        Self(Mutex::new((comes.iter().copied().collect(), Vec::new())))
    }

    fn next(&self, request: &RawRequest) -> Comes {
        let (comes, asked) = &mut *self.0.lock().unwrap();
        asked.push(format!("{} /{}", request.method, request.path.join("/")));
        match comes.len() {
            1 => comes[0],
            _ => comes.pop_front().unwrap(),
        }
    }

    fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().1.clone()
    }
}

impl Transport for Scripted {
    fn execute<'t>(&'t self, request: &'t RawRequest, patience: Duration) -> Reply<'t> {
        Box::pin(async move {
            let fails = |kind| Err(Error::new(kind, format!("{kind:?}")));
            match self.next(request) {
                Status(status) if status < 300 => Ok(RawResponse::new(status, "{}")),
                Status(status) => Ok(RawResponse::new(status, r#"{"message":"no"}"#)),
                Lost => fails(ErrorKind::OutcomeUnknown),
                NotSent(seconds) => {
                    let seconds = Duration::from_secs(seconds);
                    assert!(seconds <= patience, "{seconds:?} of {patience:?}");
                    sleep(seconds).await;
                    fails(ErrorKind::NotSent)
                }
            }
        })
    }
}

/// What becomes of an operation: the status, or what is known of it; and how often something was asked.
async fn outcome(operation: impl Operation, comes: &[Comes]) -> (Result<u16, ErrorKind>, usize) {
    let transport = Scripted::new(comes);
    let request = operation.into_request().unwrap();
    let reply = send(&transport, &request, PATIENCE).await;
    let reply = reply.map(|reply| reply.status).map_err(|error| error.kind());
    (reply, transport.asked().len())
}

fn answer() -> channels::Answer {
    channels::Answer::new("c1")
}

#[tokio::test(start_paused = true)]
async fn what_never_left_is_sent_again_for_a_while() {
    let begun = Instant::now();
    let away = [NotSent(0), NotSent(0), Status(503), Status(204)];
    assert_eq!(outcome(answer(), &away).await, (Ok(204), 4));
    assert_eq!(
        outcome(answer(), &[NotSent(0)]).await,
        (Err(ErrorKind::NotSent), 5)
    );
    let waited = begun.elapsed();
    assert!(
        Duration::from_secs(1) < waited && waited < Duration::from_secs(4),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_try_that_would_come_too_late_is_not_made() {
    let slow = outcome(answer(), &[NotSent(4)]).await;
    assert_eq!(slow, (Err(ErrorKind::NotSent), 2));
    let slower = outcome(answer(), &[NotSent(6)]).await;
    assert_eq!(slower, (Err(ErrorKind::NotSent), 1));
}

#[tokio::test(start_paused = true)]
async fn what_may_act_twice_is_sent_once() {
    let unknown = (Err(ErrorKind::OutcomeUnknown), 1);
    assert_eq!(outcome(answer(), &[Lost]).await, unknown);
    let left_once = [NotSent(0), Lost];
    assert_eq!(outcome(answer(), &left_once).await, (unknown.0, 2));
    let subscribed = applications::Unsubscribe::new("a", ["channel:c1"]);
    assert_eq!(outcome(subscribed, &[Lost]).await, unknown);
    assert_eq!(
        outcome(answer(), &[Status(404)]).await,
        (Err(ErrorKind::Refused), 1)
    );
}

#[tokio::test(start_paused = true)]
async fn what_only_looks_is_asked_again() {
    let look = || channels::Get::new("c1");
    assert_eq!(outcome(look(), &[Lost, Lost, Status(200)]).await, (Ok(200), 3));
    assert_eq!(
        outcome(look(), &[Lost, Status(404)]).await,
        (Err(ErrorKind::Refused), 2)
    );
}

#[tokio::test(start_paused = true)]
async fn what_ends_something_is_done_when_it_is_gone_at_the_second_try() {
    let hangup = || channels::Hangup::new("c1");
    assert_eq!(outcome(hangup(), &[Lost, Status(404)]).await, (Ok(204), 2));
    assert_eq!(
        outcome(hangup(), &[NotSent(0), Status(404)]).await,
        (Err(ErrorKind::Refused), 2)
    );
    let unknown = Err(ErrorKind::OutcomeUnknown);
    assert_eq!(outcome(hangup(), &[Lost, NotSent(0)]).await, (unknown, 5));
    assert_eq!(outcome(hangup(), &[Lost]).await, (unknown, 5));
}

#[tokio::test(start_paused = true)]
async fn what_was_made_with_an_id_of_ours_is_looked_for_and_never_made_twice() {
    let transport = Scripted::new(&[NotSent(0), Lost, Status(404), Lost, Status(503), Status(200)]);
    let id = new_id(ObjectKind::Channel);
    let request = channels::OriginateWithId::new(&*id, "PJSIP/a")
        .into_request()
        .unwrap();
    // The last answer comes after the fifth request.
    let error = send(&transport, &request, PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(error.to_string(), "OutcomeUnknown");
    let (make, look) = (format!("POST /channels/{id}"), format!("GET /channels/{id}"));
    assert_eq!(transport.asked(), [&*make, &make, &look, &look, &look]);

    let found = [Lost, Status(404), Status(200)];
    let originate = channels::Originate::new("PJSIP/a").app("a");
    assert_eq!(outcome(originate, &found).await, (Ok(200), 3));
    let create = bridges::CreateWithId::new(new_id(ObjectKind::Bridge));
    assert_eq!(outcome(create, &found).await, (Ok(200), 3));
    let play = channels::Play::new("c1", ["sound:beep"]);
    assert_eq!(outcome(play, &found).await, (Ok(200), 3));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_from_anothers_is_not_looked_for() {
    let unknown = (Err(ErrorKind::OutcomeUnknown), 1);
    let theirs = channels::OriginateWithId::new("leg-b", "PJSIP/a");
    assert_eq!(outcome(theirs, &[Lost]).await, unknown);
    let media = channels::ExternalMedia::new("a", "ulaw").external_host("127.0.0.1:9");
    assert_eq!(outcome(media, &[Lost]).await, unknown);
    let record = channels::Record::new("c1", new_id(ObjectKind::Recording), "wav");
    assert_eq!(outcome(record, &[Lost]).await, unknown);
    let stop = recordings::Stop::new("r1");
    assert_eq!(outcome(stop, &[Lost]).await, unknown);
}
