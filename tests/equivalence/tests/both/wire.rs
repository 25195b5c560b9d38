//! The comparison on the wire.

use ari_client::{Ari, ObjectKind, new_id};
use ari_equivalence::client::Client;
use serde_json::Value;

use super::arguments::{self, Set};
use super::capture::{Capture, Captured};
use super::driver::{Kind, OPERATIONS, Operation, Param};
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

    /// What each client puts on the wire, or why it does not.
    async fn send(&self, operation: &Operation, given: &Given) -> [Result<Captured, String>; 2] {
        let ours = (operation.ours)(&self.ours, given).await;
        let ours = self.taken(ours);
        let theirs = (operation.theirs)(&self.theirs, given).await;
        [ours, self.taken(theirs)]
    }

    /// The request that was made. The listener has no content for a reply: that one does not decode is no matter.
    fn taken(&self, ended: Result<(), String>) -> Result<Captured, String> {
        let mut taken = self.capture.take();
        assert!(taken.len() <= 1, "more than one request: {taken:?}");
        taken
            .pop()
            .ok_or_else(|| ended.expect_err("neither a request nor an error"))
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
            let blamed = must_refuse(operation, &given);
            match pair.send(operation, &given).await {
                [Err(ours), Err(theirs)] => {
                    assert!(!blamed.is_empty(), "{what}: neither client sends it: {ours}");
                    for error in [ours, theirs] {
                        let names_it = blamed.iter().any(|name| error.contains(&format!("`{name}`")));
                        assert!(names_it, "{what}: `{error}` names none of {blamed:?}");
                    }
                    refused += 1;
                }
                [Ok(ours), Ok(theirs)] => {
                    assert!(blamed.is_empty(), "{what}: sent in spite of {blamed:?}");
                    assert_eq!(ours.method, operation.method, "{what}");
                    for captured in [&ours, &theirs] {
                        check_read(operation, &given, captured, &what);
                    }
                    let [ours, theirs] =
                        [ours, theirs].map(|captured| without_made_ids(operation, &given, captured));
                    assert_eq!(ours, theirs, "{what}");
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
const SETS: (usize, usize) = (7_568, 243);

/// The parameters for whose values no client may send a request: an empty part of a path leads to another operation,
/// a long one does not fit into a request line, no object has an empty id, and a list that is needed has an item.
fn must_refuse(operation: &Operation, given: &Given) -> Vec<&'static str> {
    let refuses = |param: &&Param| match (param.kind, given.get(param.name)) {
        (Kind::Text, Some(Value::String(text))) => {
            let routes = operation.routes_by(param.name);
            let is_id = routes || param.creates.is_some();
            (is_id && text.is_empty()) || (routes && text.len() >= reading::LONGEST_LINE)
        }
        (Kind::Texts | Kind::Choices(_), Some(Value::Array(items))) => items.is_empty() && param.required,
        _ => false,
    };
    let refused = operation.params.iter().filter(refuses);
    refused.map(|param| param.name).collect()
}

/// Checks that Asterisk reads in `captured` what was given, no more and no less.
fn check_read(operation: &Operation, given: &Given, captured: &Captured, what: &str) {
    let read = reading::read(operation, captured);
    for param in operation.params {
        match (given.get(param.name), read.get(param.name)) {
            // Nothing of it travels.
            (Some(Value::Array(items)), None) if items.is_empty() => {}
            (Some(Value::Object(members)), None) if members.is_empty() => {}
            (None, made) if made_kind(param, given).is_some() => {
                let kind = made_kind(param, given).unwrap();
                let is_made = made
                    .and_then(Value::as_str)
                    .is_some_and(|text| is_made(text, kind));
                assert!(is_made, "{what}: {}: no id was made: {made:?}", param.name);
            }
            (given, read) => assert_eq!(read, given, "{what}: {}", param.name),
        }
    }
}

/// What `param` is the id of, if the client makes it.
fn made_kind(param: &Param, given: &Given) -> Option<ObjectKind> {
    let (kind, always) = param.creates?;
    (always && !given.has(param.name)).then_some(kind)
}

/// Whether `text` is an id as our client makes them for a `kind`.
fn is_made(text: &str, kind: ObjectKind) -> bool {
    let like = new_id(kind);
    let (ulid, mark) = text.split_at_checked(like.len() - 3).unwrap_or_default();
    mark == &like[like.len() - 3..]
        && ulid
            .chars()
            .all(|letter| letter.is_ascii_digit() || letter.is_ascii_lowercase())
}

/// `captured` with one word for each id that the client makes: each call makes new ones.
fn without_made_ids(operation: &Operation, given: &Given, mut captured: Captured) -> Captured {
    const MADE: &str = "made";
    for param in operation.params {
        if made_kind(param, given).is_none() {
            continue;
        }
        for (_, value) in captured.query.iter_mut().filter(|(name, _)| name == param.name) {
            MADE.clone_into(value);
        }
        if let Some(value) = captured.body.as_mut().and_then(|body| body.get_mut(param.name)) {
            *value = MADE.into();
        }
        let route = format!("/ari{}", operation.route());
        let parts = captured.path.split('/').zip(route.split('/'));
        let is_it = |name: &str| name.trim_matches(['{', '}']) == param.name && name.starts_with('{');
        let parts = parts.map(|(part, name)| if is_it(name) { MADE } else { part });
        captured.path = parts.collect::<Vec<_>>().join("/");
    }
    captured
}
