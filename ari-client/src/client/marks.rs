//! What must be known of a request before it leaves.

use std::sync::Arc;

use tokio::runtime::Handle;
use tracing::debug;

use super::Ari;
use crate::error::Error;
use crate::generated::channels;
use crate::handles::{Departure, Identity, LOOKS, SETTLED};
use crate::id::ObjectKind;
use crate::request::RawRequest;

/// What the hub is told before a request leaves, because its effect may be seen before its reply.
pub(super) struct Marks {
    ari: Ari,
    /// Channels that the request makes, and that were nothing to this program before.
    made: Vec<String>,
    departing: Option<Departing>,
}

/// The call that the request lets go of.
struct Departing {
    call: Arc<Identity>,
    departure: Departure,
    /// Whether it was not asked for before.
    new: bool,
}

impl Marks {
    pub(super) fn set(ari: &Ari, request: &RawRequest) -> Self {
        let hub = ari.hub();
        let channels = request
            .creates
            .iter()
            .filter(|(kind, _)| *kind == ObjectKind::Channel);
        let mut made: Vec<_> = channels.map(|(_, id)| id.clone()).collect();
        // The far half of a Local channel is made as well; where nobody names it, Asterisk names it after the near one.
        if let [near] = &made[..]
            && request
                .given("endpoint")
                .is_some_and(|endpoint| endpoint.starts_with("Local/"))
        {
            made.push(format!("{near};2"));
        }
        made.retain(|id| hub.expect(id));
        let departing = Departure::of(request).and_then(|(id, departure)| {
            let call = hub.call(id)?;
            let new = call.depart(&departure);
            Some(Departing { call, departure, new })
        });
        Self {
            ari: ari.clone(),
            made,
            departing,
        }
    }

    /// The request was granted.
    pub(super) fn granted(&mut self) {
        self.made.clear();
        if let Some(departing) = self.departing.take() {
            departing.call.grant(&departing.departure);
        }
    }

    /// The request had no effect, as `error` tells.
    pub(super) fn take_back(&mut self, error: &Error) {
        for id in self.made.drain(..) {
            self.ari.hub().leave(&id, None);
        }
        if let Some(Departing { call, departure, new }) = self.departing.take() {
            // Where it repeats one whose outcome is not known, only a refusal tells that the first had none either.
            let refused = !(error.is_unheard() || error.is_gone());
            if new || refused {
                call.stay(&departure);
            }
        }
    }
}

/// Nobody knows whether the channels were made: the answer was lost, or nobody waited for it. A call that was let go of
/// is its task's business.
impl Drop for Marks {
    fn drop(&mut self) {
        if !self.made.is_empty()
            && let Ok(runtime) = Handle::try_current()
        {
            let made = std::mem::take(&mut self.made);
            runtime.spawn(forget_unless_made(self.ari.clone(), made));
        }
    }
}

/// Forgets the channels that are not there. Those that are have their events, the last of which ends them.
async fn forget_unless_made(ari: Ari, mut made: Vec<String>) {
    for _ in 0..LOOKS {
        tokio::time::sleep(SETTLED).await;
        let mut unseen = Vec::new();
        for id in made {
            match ari.send(channels::Get::new(&*id)).await {
                Ok(_) => {}
                Err(error) if error.is_gone() => ari.hub().leave(&id, None),
                Err(error) => {
                    debug!(%error, "cannot see whether a channel was made");
                    unseen.push(id);
                }
            }
        }
        if unseen.is_empty() {
            return;
        }
        made = unseen;
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;
    use std::time::Duration;

    use super::*;
    use crate::error::ErrorKind;
    use crate::generated::Resources;
    use crate::request::Operation;
    use crate::testing::{FakeAsterisk, Phone};

    fn client(asterisk: &FakeAsterisk) -> Ari {
        let ari = Ari::builder(asterisk.url()).credentials(asterisk.username(), asterisk.password());
        ari.build().unwrap()
    }

    async fn is_forgotten(ari: &Ari) {
        let forgotten = async {
            while ari.hub().len() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(3 * SETTLED, forgotten).await.unwrap();
    }

    #[tokio::test]
    async fn a_request_that_nobody_waits_for_leaves_nothing_behind() {
        let asterisk = FakeAsterisk::start().await.unwrap();
        let ari = client(&asterisk);
        for round in 0..40 {
            let call = ari.channels().originate("Local/1@nowhere").app("it");
            let call = tokio::spawn(call.into_future());
            // Cancelled before the request leaves, while it is under way, and behind its answer.
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            call.abort();
        }
        assert!(ari.hub().len() > 0, "none was cancelled under way");
        is_forgotten(&ari).await;
    }

    #[tokio::test]
    async fn both_halves_of_a_local_channel_are_expected_however_long_the_request_is() {
        let asterisk = FakeAsterisk::start().await.unwrap();
        let ari = client(&asterisk);
        for length in [0, 8_000] {
            let call = channels::OriginateWithId::new("c1", "Local/1@nowhere").app_args("x".repeat(length));
            let request = call.into_request().unwrap();
            assert_eq!(request.body.is_some(), length > 0);
            let mut marks = Marks::set(&ari, &request);
            assert!(ari.hub().role("c1;2").is_some());
            marks.take_back(&Error::invalid("refused"));
            assert_eq!(ari.hub().len(), 0);
        }
    }

    #[tokio::test]
    async fn a_request_that_is_refused_takes_no_channel_of_an_earlier_one_away() {
        let asterisk = FakeAsterisk::builder().phone("PJSIP/rings", Phone::RingsOn);
        let asterisk = asterisk.start().await.unwrap();
        let ari = client(&asterisk);
        let originate = || {
            let leg = ari.channels().originate_with_id("leg", "PJSIP/rings");
            leg.extension("1").into_future()
        };
        asterisk.drop_next_answer("POST", "/channels/leg");
        assert_eq!(originate().await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        assert_eq!(originate().await.unwrap_err().status(), Some(409));
        assert!(ari.hub().role("leg").is_some());

        let application: Arc<str> = "it".into();
        ari.hub().leave("leg", None);
        ari.hub().begin_call(&application, &Identity::new("leg"));
        assert_eq!(originate().await.unwrap_err().status(), Some(409));
        assert!(ari.hub().call("leg").is_some());
    }

    #[tokio::test]
    async fn a_channel_that_was_made_unseen_is_known_until_it_ends() {
        let asterisk = FakeAsterisk::builder().phone("PJSIP/rings", Phone::RingsOn);
        let asterisk = asterisk.start().await.unwrap();
        let ari = client(&asterisk);
        asterisk.drop_next_answer("POST", "/channels/leg");
        let call = ari
            .channels()
            .originate_with_id("leg", "PJSIP/rings")
            .extension("1");
        assert_eq!(call.await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        tokio::time::sleep(2 * SETTLED).await;
        assert!(ari.hub().role("leg").is_some());

        asterisk.drop_next_request("POST", "/channels/other");
        let call = ari
            .channels()
            .originate_with_id("other", "PJSIP/rings")
            .extension("1");
        assert_eq!(call.await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        assert!(ari.hub().role("other").is_some());
        ari.hub().leave("leg", None);
        is_forgotten(&ari).await;
    }
}
