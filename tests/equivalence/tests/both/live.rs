//! The real Asterisk is the judge: what each client sends is read back from the server, by neither of them.

use std::collections::BTreeMap;
use std::time::Duration;

use ari_client::{Ari, Resources as _};
use ari_equivalence::client::Client;
use ari_lab::{Asterisk, Events, Installation};
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::arguments::SPECIAL;
use super::driver::Operation;
use super::given::Given;

/// A place where the far half of a channel can be for a while.
const DIALPLAN: &str = "[default]
exten => wait,1,Answer()
 same => n,Wait(120)
";

const APP: &str = "judge";

const LONG: Duration = Duration::from_secs(10);

/// An Asterisk, and both clients of it.
struct Judge {
    asterisk: Asterisk,
    /// Those of the application that holds the channels.
    events: Events,
    ours: Ari,
    theirs: Client,
}

impl Judge {
    async fn start() -> Self {
        let installation = Installation::find_or_fetch().await.unwrap();
        let asterisk = Asterisk::builder(&installation)
            .dialplan(DIALPLAN)
            .start()
            .await
            .unwrap();
        let events = asterisk.events(APP).await.unwrap();
        let builder = Ari::builder(asterisk.http_url());
        let ours = builder
            .credentials(asterisk.username(), asterisk.password())
            .build()
            .unwrap();
        let theirs = Client::new(&ours);
        Self {
            asterisk,
            events,
            ours,
            theirs,
        }
    }

    /// Sends the operation `name` by our client or by the other.
    async fn send(&self, by_ours: bool, name: &str, given: &Given) {
        let operation = Operation::named(name);
        let sent = if by_ours {
            (operation.ours)(&self.ours, given).await
        } else {
            (operation.theirs)(&self.theirs, given).await
        };
        sent.unwrap_or_else(|problem| panic!("{name}, by ours: {by_ours}: {problem}"));
    }

    /// The reply to a bare `GET`.
    async fn get(&self, path: &str) -> Value {
        let answer = self.asterisk.request(Method::GET, path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
        answer.json().unwrap()
    }

    /// A new channel in the application, with an id of its own.
    async fn channel(&mut self, by_ours: bool, id: &str, variables: Value) {
        let given = Given::default()
            .with("channelId", id)
            .with("endpoint", "Local/wait@default")
            .with("app", APP)
            .with("variables", variables);
        self.send(by_ours, "channels.originate", &given).await;
        let started = |event: &Value| event["type"] == "StasisStart" && event["channel"]["id"] == id;
        self.events.wait_for(LONG, started).await.unwrap();
    }

    async fn hang_up(&self, by_ours: bool, id: &str) {
        let given = Given::default().with("channelId", id);
        self.send(by_ours, "channels.hangup", &given).await;
    }

    async fn variable(&self, channel: &str, name: &str) -> Value {
        self.get(&format!(
            "/ari/channels/{}/variable?variable={}",
            escape(channel),
            escape(name)
        ))
        .await["value"]
            .take()
    }
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The special texts, and long ones.
fn texts() -> Vec<String> {
    let long = ["x".repeat(5_000), "é☎,+".repeat(1_000)];
    SPECIAL.into_iter().map(str::to_owned).chain(long).collect()
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn variables_arrive_as_they_were_given() {
    let mut judge = Judge::start().await;
    for by_ours in [true, false] {
        // A channel's id is taken until the channel is gone.
        let id = format!("judged, by ours: {by_ours}");
        let named: BTreeMap<_, _> = texts()
            .into_iter()
            .enumerate()
            .map(|(index, text)| (format!("V{index}"), text))
            .collect();
        judge.channel(by_ours, &id, json!(named)).await;
        for (name, text) in &named {
            assert_eq!(
                judge.variable(&id, name).await,
                json!(text),
                "in the body, by ours: {by_ours}"
            );
        }
        for text in named.values() {
            let given = Given::default()
                .with("variable", "JUDGED")
                .with("value", text.as_str());
            judge
                .send(
                    by_ours,
                    "channels.setChannelVar",
                    &given.clone().with("channelId", id.as_str()),
                )
                .await;
            assert_eq!(
                judge.variable(&id, "JUDGED").await,
                json!(text),
                "by ours: {by_ours}"
            );
            judge.send(by_ours, "asterisk.setGlobalVar", &given).await;
            let global = judge.get("/ari/asterisk/variable?variable=JUDGED").await;
            assert_eq!(global["value"], json!(text), "by ours: {by_ours}");
        }
        judge.hang_up(by_ours, &id).await;
    }
    judge.asterisk.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn names_in_paths_arrive_as_they_were_given() {
    let mut judge = Judge::start().await;
    for by_ours in [true, false] {
        for text in SPECIAL {
            let name = format!("Stasis:{text}");
            let path = format!("/ari/deviceStates/{}", escape(&name));
            let given = Given::default().with("deviceName", name.as_str());
            judge
                .send(
                    by_ours,
                    "deviceStates.update",
                    &given.clone().with("deviceState", "BUSY"),
                )
                .await;
            // The list of all cuts a name at its last slash; the state of one is found by its whole name.
            let state = || judge.get(&path);
            assert_eq!(
                state().await,
                json!({"name": name, "state": "BUSY"}),
                "by ours: {by_ours}"
            );
            judge.send(by_ours, "deviceStates.delete", &given).await;
            assert_ne!(state().await["state"], "BUSY", "by ours: {by_ours}: {name:?}");
        }
        let id = format!("+ % , # ? & é {by_ours}");
        judge.channel(by_ours, &id, json!({"HERE": "yes"})).await;
        assert_eq!(judge.variable(&id, "HERE").await, "yes", "by ours: {by_ours}");
        judge.hang_up(by_ours, &id).await;
    }
    judge.asterisk.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn items_of_lists_keep_their_commas() {
    let mut judge = Judge::start().await;
    judge
        .channel(true, "judged", json!({"WORD": "abba", "OTHER": "1"}))
        .await;
    let wanted = ["REPLACE(WORD,b,c)", "OTHER"];
    let expected = json!({"REPLACE(WORD,b,c)": "acca", "OTHER": "1"});
    let ours = judge
        .ours
        .channels()
        .get_channel_vars("judged", wanted)
        .await
        .unwrap();
    assert_eq!(json!(ours.variables), expected);
    let theirs = judge.theirs.channels_get_channel_vars().channel_id("judged");
    let theirs = theirs
        .variables(wanted.map(str::to_owned).to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(json!(theirs.variables), expected);
    judge.asterisk.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_refusal_is_a_typed_error() {
    let judge = Judge::start().await;
    let refused = judge
        .theirs
        .channels_get()
        .channel_id("nobody")
        .send()
        .await
        .unwrap_err();
    let ari_equivalence::client::Error::ErrorResponse(response) = refused else {
        panic!("{refused}")
    };
    assert_eq!(response.status().as_u16(), 404);
    assert_eq!(response.message.as_deref(), Some("Channel not found"));
    let bridge = judge
        .theirs
        .bridges_create()
        .type_("mixing")
        .name("by progenitor")
        .send()
        .await
        .unwrap();
    let seen = judge.get(&format!("/ari/bridges/{}", bridge.id)).await;
    assert_eq!(seen["name"], "by progenitor");
    judge.asterisk.stop().await.unwrap();
}
