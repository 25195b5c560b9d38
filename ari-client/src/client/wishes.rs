//! What was asked of Asterisk for an application, and is lost there when its socket is gone for long.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tracing::warn;

use super::Ari;
use crate::generated::{applications, models};
use crate::request::RawRequest;

/// A request that changes what an application receives.
#[derive(Debug)]
pub(super) struct Wish {
    application: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Subscribe(Vec<String>),
    Unsubscribe(Vec<String>),
    Filter(Value),
}

/// What each application was subscribed to, and its event filter.
#[derive(Debug, Default)]
pub(crate) struct Wishes(Mutex<HashMap<String, Wanted>>);

#[derive(Debug, Clone, Default, PartialEq)]
struct Wanted {
    sources: BTreeSet<String>,
    filter: Option<Value>,
}

impl Wish {
    /// What `request` wishes, if that is to outlast the socket.
    pub(super) fn of(request: &RawRequest) -> Option<Self> {
        let what = match request.operation {
            "applications.subscribe" => What::Subscribe(sources(request)),
            "applications.unsubscribe" => What::Unsubscribe(sources(request)),
            "applications.filter" => What::Filter(filter(request).unwrap_or_default()),
            _ => return None,
        };
        let application = request.path.get(1)?.to_string();
        Some(Self { application, what })
    }
}

fn filter(request: &RawRequest) -> Option<Value> {
    serde_json::from_str(request.body.as_deref()?).ok()
}

fn sources(request: &RawRequest) -> Vec<String> {
    let sources = request.listed("eventSource").into_iter();
    sources.map(Cow::into_owned).collect()
}

impl Wishes {
    /// Whether the user asked for `source`, so that it is asked for again.
    pub(crate) fn holds(&self, application: &str, source: &str) -> bool {
        self.lock()
            .get(application)
            .is_some_and(|wanted| wanted.sources.contains(source))
    }

    /// `source` is not to be asked for again.
    pub(crate) fn forget(&self, application: &str, source: &str) {
        if let Some(wanted) = self.lock().get_mut(application) {
            wanted.sources.remove(source);
        }
    }

    /// A wish was granted.
    pub(super) fn note(&self, wish: Wish) {
        let mut wishes = self.lock();
        let wanted = wishes.entry(wish.application).or_default();
        match wish.what {
            What::Subscribe(sources) => wanted.sources.extend(sources),
            What::Unsubscribe(sources) => wanted.sources.retain(|source| !sources.contains(source)),
            What::Filter(filter) => wanted.filter = Some(filter),
        }
    }

    /// Asks again for what an application had and has no longer, as `present` shows.
    pub(crate) async fn renew(&self, ari: &Ari, present: &models::Application) {
        let application = present.name.as_str();
        let Some(wanted) = self.lock().get(application).cloned() else {
            return;
        };
        for source in wanted
            .sources
            .iter()
            .filter(|source| !is_subscribed(present, source))
        {
            let asked = ari
                .send(applications::Subscribe::new(application, [source.as_str()]))
                .await;
            if let Err(error) = asked {
                // What it was about may have gone in the meantime.
                warn!(%error, source, "cannot subscribe again");
                self.forget(application, source);
            }
        }
        let filtered = !present.events_allowed.is_empty() || !present.events_disallowed.is_empty();
        if let Some(filter) = wanted.filter.filter(|_| !filtered) {
            let asked = ari
                .send(applications::Filter::new(application).filter(filter))
                .await;
            if let Err(error) = asked {
                warn!(%error, "cannot set the event filter again");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Wanted>> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether Asterisk lists `source` among what the application is subscribed to. All of a kind is not listed by that
/// name; asking for it again does no harm.
fn is_subscribed(present: &models::Application, source: &str) -> bool {
    let Some((kind, id)) = source.split_once(':') else {
        return false;
    };
    let listed = match kind {
        "channel" => &present.channel_ids,
        "bridge" => &present.bridge_ids,
        "endpoint" => &present.endpoint_ids,
        "deviceState" => &present.device_names,
        _ => return false,
    };
    listed.iter().any(|known| known == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Operation;

    fn note(wishes: &Wishes, operation: impl Operation) {
        let request = operation.into_request().unwrap();
        wishes.note(Wish::of(&request).unwrap());
    }

    #[test]
    fn what_was_asked_for_is_remembered_until_it_is_taken_back() {
        let wishes = Wishes::default();
        note(
            &wishes,
            applications::Subscribe::new("a", ["channel:c1", "deviceState:Stasis:x"]),
        );
        note(&wishes, applications::Subscribe::new("a", ["endpoint:PJSIP/a,b"]));
        note(&wishes, applications::Unsubscribe::new("a", ["channel:c1"]));
        note(
            &wishes,
            applications::Filter::new("a").filter(serde_json::json!({"allowed": []})),
        );
        let wanted = wishes.lock()["a"].clone();
        assert_eq!(
            wanted.sources.iter().collect::<Vec<_>>(),
            ["deviceState:Stasis:x", "endpoint:PJSIP/a,b"]
        );
        assert_eq!(wanted.filter, Some(serde_json::json!({"allowed": []})));
        assert!(wishes.holds("a", "endpoint:PJSIP/a,b") && !wishes.holds("a", "channel:c1"));
        wishes.forget("a", "endpoint:PJSIP/a,b");
        assert!(!wishes.holds("a", "endpoint:PJSIP/a,b"));
        assert!(Wish::of(&applications::Get::new("a").into_request().unwrap()).is_none());
    }

    #[test]
    fn what_asterisk_lists_is_not_asked_for_again() {
        let present = models::Application {
            channel_ids: vec!["c1".to_owned()],
            device_names: vec!["Stasis:x".to_owned()],
            ..models::Application::default()
        };
        assert!(is_subscribed(&present, "channel:c1"));
        assert!(is_subscribed(&present, "deviceState:Stasis:x"));
        for source in ["channel:c2", "bridge:c1", "channel:", "nonsense"] {
            assert!(!is_subscribed(&present, source), "{source}");
        }
    }
}
