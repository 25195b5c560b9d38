//! An Asterisk 16.28, phones that call it, and a watch on all that it sends.

use std::io::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use ari_client::Ari;
use ari_client::request::Operation;
use ari_lab::coverage::{Told, checked, losses};
use ari_lab::install::Unavailable;
use ari_lab::{Caller, Events, Installation, Lab, Phone, Release};
use serde::Serialize;
use serde_json::Value;

use crate::record;

/// How long an event may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// The application that the dialplan hands calls to.
pub(crate) const APP: &str = "EVERYTHING";

/// Calls go to the application, but for those to a voice that waits or says a tone.
const DIALPLAN: &str = "[default]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => tone,1,Answer()
 same => n,PlayTones(440)
 same => n,Wait(60)
exten => _X!,1,Stasis(EVERYTHING,red,green)
 same => n,Hangup()
";

pub(crate) struct House {
    pub(crate) lab: Lab,
    pub(crate) ari: Ari,
    /// The application's events.
    pub(crate) events: Events,
    /// Everybody's.
    all: Events,
    replies: Mutex<Vec<Told>>,
}

impl House {
    /// The house, or a word on the terminal why there is none.
    pub(crate) async fn open() -> Option<Self> {
        let installation = match Installation::of(Release::Sixteen).await {
            Ok(installation) => installation,
            Err(error) if error.is::<Unavailable>() => {
                // Past the test harness, which shows what is printed only where a test fails.
                let _ = writeln!(std::io::stderr(), "not run: {error:#}");
                return None;
            }
            Err(error) => panic!("{error:#}"),
        };
        let version = installation.version().unwrap();
        assert!(version.starts_with("Asterisk 16.28"), "{version}");
        let lab = Lab::on(installation, |asterisk| asterisk.dialplan(DIALPLAN));
        let lab = lab.await.unwrap();
        let server = lab.asterisk();
        let ari = Ari::builder(server.http_url()).credentials(server.username(), server.password());
        Some(Self {
            ari: ari.build().unwrap(),
            events: server.events(APP).await.unwrap(),
            all: server.events("watch&subscribeAll=true").await.unwrap(),
            lab,
            replies: Mutex::default(),
        })
    }

    /// Sends an operation, and checks that the typed reply holds all that came.
    pub(crate) async fn ask<O>(&self, operation: O) -> O::Output
    where
        O: Operation,
        O::Output: Serialize,
    {
        let reply = self.ari.request(operation.into_request().unwrap()).await.unwrap();
        let told = (O::NAME, reply.status, reply.body.clone());
        self.replies.lock().unwrap().push(told);
        let raw = match &reply.body[..] {
            b"" => Value::Null,
            body => serde_json::from_slice(body).unwrap(),
        };
        let typed = O::decode(reply).unwrap();
        let losses = losses(&raw, &serde_json::to_value(&typed).unwrap());
        assert!(losses.is_empty(), "{}: {losses:?}", O::NAME);
        typed
    }

    /// Has a phone call the application; returns the phone and the id of its channel.
    pub(crate) async fn call(&mut self, caller: Caller) -> (Phone, String) {
        let phone = self.lab.phones().dial(caller).await.unwrap();
        let start = self.next("StasisStart").await;
        assert_eq!(start["args"], serde_json::json!(["red", "green"]));
        (phone, id(&start["channel"]))
    }

    /// The same, and answers.
    pub(crate) async fn answered(&mut self, caller: Caller) -> (Phone, String) {
        use ari_client::Resources as _;
        let (mut phone, id) = self.call(caller).await;
        self.ask(self.ari.channels().answer(&id)).await;
        phone.answered(PATIENCE).await.unwrap();
        (phone, id)
    }

    /// The next event of this type that the application gets.
    pub(crate) async fn next(&mut self, kind: &str) -> Value {
        self.events.next_of(kind, PATIENCE).await.unwrap()
    }

    /// The next event of this type that anybody gets.
    pub(crate) async fn next_of_all(&mut self, kind: &str) -> Value {
        self.all.next_of(kind, PATIENCE).await.unwrap()
    }

    /// Checks that each event that came, to the application and to everybody, decoded whole; tells their types.
    pub(crate) async fn close(mut self) -> Vec<String> {
        // What is on its way still comes.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let frames = [self.events.frames(), self.all.frames()].concat();
        let mut kinds = Vec::new();
        for frame in &frames {
            let (kind, judged) = checked(frame);
            judged.unwrap_or_else(|error| panic!("{kind}: {error}: {}", String::from_utf8_lossy(frame)));
            kinds.push(kind);
        }
        kinds.sort();
        kinds.dedup();
        let replies = self.replies.into_inner().unwrap();
        record::add(self.lab.asterisk(), &frames, replies).await;
        self.lab.asterisk().becomes_empty(PATIENCE).await.unwrap();
        kinds
    }
}

/// The id of an object in an event.
pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().expect("no id").to_owned()
}

/// Checks that events of these types came.
pub(crate) fn came(kinds: &[String], expected: &[&str]) {
    for kind in expected {
        assert!(
            kinds.iter().any(|known| known == kind),
            "no {kind} among {kinds:?}"
        );
    }
}
