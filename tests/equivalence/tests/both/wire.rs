//! The comparison on the wire.

use std::sync::LazyLock;

use ari_client::{Ari, ObjectKind, new_id};
use ari_equivalence::client::Client;
use serde_json::Value;

use super::arguments::{self, Set};
use super::capture::{Capture, Captured};
use super::driver::{Kind, OPERATIONS, Operation};
use super::given::Given;
use super::reading;

/// Both clients on one listener.
struct Pair {
    capture: Capture,
    ours: Ari,
    theirs: Client,
}

impl Pair {
    async fn start() -> Self {
        let capture = Capture::start().await;
        let ours = Ari::builder(&capture.url)
            .credentials("ari", "secret")
            .build()
            .unwrap();
        let theirs = Client::new(&ours);
        Self {
            capture,
            ours,
            theirs,
        }
    }

    /// What each client puts on the wire; nothing where it refuses the arguments.
    async fn send(&self, operation: &Operation, given: &Given) -> [Option<Captured>; 2] {
        // The listener has no content for any reply: that one does not decode is no matter here.
        let _ = (operation.ours)(&self.ours, given).await;
        let ours = self.taken();
        let _ = (operation.theirs)(&self.theirs, given).await;
        [ours, self.taken()]
    }

    fn taken(&self) -> Option<Captured> {
        let mut taken = self.capture.take();
        assert!(taken.len() <= 1, "more than one request: {taken:?}");
        taken.pop()
    }
}

#[test]
fn every_operation_is_in_the_driver() {
    assert_eq!(OPERATIONS.len(), 108);
    let params = OPERATIONS
        .iter()
        .map(|operation| operation.params.len())
        .sum::<usize>();
    // The specification has 275; two of them belong to the WebSocket.
    assert_eq!(params, 273);
}

#[tokio::test]
async fn both_clients_send_the_same_and_asterisk_reads_what_was_given() {
    let pair = Pair::start().await;
    let (mut sent, mut refused) = (0, 0);
    for operation in OPERATIONS {
        for Set { label, given } in arguments::sets(operation) {
            let what = format!("{}, {label}", operation.name);
            match pair.send(operation, &given).await {
                [None, None] => {
                    assert!(is_refused(operation, &given), "{what}: neither client sends it");
                    refused += 1;
                }
                [Some(ours), Some(theirs)] => {
                    assert_eq!(ours.method, operation.method, "{what}");
                    check_read(operation, &given, &ours, &what);
                    assert_eq!(
                        without_made_ids(ours, &given),
                        without_made_ids(theirs, &given),
                        "{what}"
                    );
                    sent += 1;
                }
                [ours, theirs] => panic!("{what}: one client sends nothing: {ours:?}, {theirs:?}"),
            }
        }
    }
    println!(
        "{} operations: {sent} argument sets sent alike, {refused} refused alike",
        OPERATIONS.len()
    );
    assert_eq!((sent, refused), SETS);
}

/// How many sets the table makes, so that none goes missing unseen.
const SETS: (usize, usize) = (5_387, 156);

/// What no client may send: an empty part of a path leads to another operation, and a list that is needed has an item.
fn is_refused(operation: &Operation, given: &Given) -> bool {
    operation
        .params
        .iter()
        .any(|param| match (param.kind, given.get(param.name)) {
            (Kind::Text, Some(Value::String(text))) => {
                text.is_empty() && (operation.routes_by(param.name) || is_id(param.name))
            }
            (Kind::Texts | Kind::Choices(_), Some(Value::Array(items))) => items.is_empty() && param.required,
            _ => false,
        })
}

/// Whether the parameter may be the id of a new object, which is not empty.
fn is_id(name: &str) -> bool {
    [
        "channelId",
        "otherChannelId",
        "snoopId",
        "playbackId",
        "bridgeId",
        "name",
    ]
    .contains(&name)
}

/// Checks that Asterisk reads in `captured` what was given, no more and no less.
fn check_read(operation: &Operation, given: &Given, captured: &Captured, what: &str) {
    let read = reading::read(operation, captured);
    for param in operation.params {
        let (given, read) = (given.get(param.name), read.get(param.name));
        match (given, read) {
            // Nothing of it travels.
            (Some(Value::Array(items)), None) if items.is_empty() => {}
            (Some(Value::Object(members)), None) if members.is_empty() => {}
            (None, Some(Value::String(made))) if is_made(made) => {}
            _ => assert_eq!(read, given, "{what}: {}", param.name),
        }
    }
}

/// Whether `text` is an id as our client makes them.
fn is_made(text: &str) -> bool {
    static LIKE: LazyLock<String> = LazyLock::new(|| new_id(ObjectKind::Channel));
    let (ulid, kind) = text.split_at_checked(LIKE.len() - 3).unwrap_or_default();
    ulid.chars()
        .all(|letter| letter.is_ascii_digit() || letter.is_ascii_lowercase())
        && ["-ch", "-br", "-pb", "-rc"].contains(&kind)
}

/// `captured` with the ids that were not given in it told by their kind alone: each call makes new ones.
fn without_made_ids(mut captured: Captured, given: &Given) -> Captured {
    let told = |text: &str| is_made(text).then(|| format!("made{}", &text[text.len() - 3..]));
    for (name, value) in &mut captured.query {
        if let Some(told) = told(value).filter(|_| !given.has(name)) {
            *value = told;
        }
    }
    let parts = captured
        .path
        .split('/')
        .map(|part| told(part).unwrap_or_else(|| part.to_owned()));
    captured.path = parts.collect::<Vec<_>>().join("/");
    if let Some(Value::Object(body)) = &mut captured.body {
        for (name, value) in body {
            if let Some(told) = value.as_str().and_then(told).filter(|_| !given.has(name)) {
                *value = told.into();
            }
        }
    }
    captured
}
