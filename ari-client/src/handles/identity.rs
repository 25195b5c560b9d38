//! What is true of a call's channel beyond its handles.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::EndReason;
use crate::request::RawRequest;

/// A channel's id, which an attended transfer changes, and the requests by which this program lets go of it.
#[derive(Debug)]
pub(crate) struct Identity {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    id: Arc<str>,
    /// Those that Asterisk has granted, and those whose outcome is not known; the last one counts.
    departures: Vec<Noted>,
}

#[derive(Debug)]
struct Noted {
    departure: Departure,
    /// Whether Asterisk has granted it: it takes effect, if not at once.
    granted: bool,
}

/// A request by which a channel leaves the application.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) reason: EndReason,
    /// The Q.850 cause that a hangup gives.
    pub(crate) cause: Option<i64>,
    /// The request, to be sent again where its outcome is not known.
    pub(crate) request: RawRequest,
}

impl Identity {
    pub(crate) fn new(id: &str) -> Arc<Self> {
        let state = State {
            id: id.into(),
            departures: Vec::new(),
        };
        Arc::new(Self {
            state: Mutex::new(state),
        })
    }

    pub(crate) fn id(&self) -> Arc<str> {
        Arc::clone(&self.lock().id)
    }

    pub(crate) fn replace(&self, id: &str) {
        self.lock().id = id.into();
    }

    /// The request that makes the channel leave, if there was one and it was not refused.
    pub(crate) fn departure(&self) -> Option<Departure> {
        let state = self.lock();
        state.departures.last().map(|last| last.departure.clone())
    }

    /// A request is about to leave that makes the channel leave. Returns whether it is new: one that was noted before
    /// stays what it was.
    pub(crate) fn depart(&self, departure: &Departure) -> bool {
        let departures = &mut self.lock().departures;
        let known = departures.iter().position(|noted| noted.departure == *departure);
        let noted = match known {
            Some(at) => departures.remove(at),
            None => Noted {
                departure: departure.clone(),
                granted: false,
            },
        };
        departures.push(noted);
        known.is_none()
    }

    /// Asterisk has granted that request.
    pub(crate) fn grant(&self, departure: &Departure) {
        let mut state = self.lock();
        for noted in &mut state.departures {
            noted.granted |= noted.departure == *departure;
        }
    }

    /// Whether the channel will leave alive, when what plays on it has ended: nothing more is to be asked of it.
    pub(crate) fn is_on_its_way(&self) -> bool {
        let state = self.lock();
        let alive = |noted: &Noted| noted.granted && noted.departure.reason != EndReason::HungUp;
        state.departures.last().is_some_and(alive)
    }

    /// That request had no effect; where it was granted before, that one has.
    pub(crate) fn stay(&self, departure: &Departure) {
        let mut state = self.lock();
        state
            .departures
            .retain(|noted| noted.granted || noted.departure != *departure);
    }

    /// A request for this was granted, and came to nothing.
    pub(crate) fn stay_after_all(&self, reason: EndReason) {
        let mut state = self.lock();
        state.departures.retain(|noted| noted.departure.reason != reason);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Departure {
    /// What `request` means for a channel, and for which one, if it makes one leave.
    pub(crate) fn of(request: &RawRequest) -> Option<(&str, Self)> {
        let (reason, cause) = match request.operation {
            "channels.hangup" => (EndReason::HungUp, hangup_cause(request)),
            "channels.continueInDialplan" => (EndReason::Continued, None),
            "channels.move" => (EndReason::Moved, None),
            _ => return None,
        };
        let id = request.path.get(1)?;
        Some((
            id,
            Self {
                reason,
                cause,
                request: request.clone(),
            },
        ))
    }
}

fn hangup_cause(request: &RawRequest) -> Option<i64> {
    match (request.given("reason_code"), request.given("reason")) {
        (Some(code), _) => code.parse().ok(),
        (None, Some(name)) => cause_named(&name),
        (None, None) => Some(16),
    }
}

/// The Q.850 causes by ARI's names for them.
fn cause_named(name: &str) -> Option<i64> {
    Some(match name {
        "normal" => 16,
        "busy" => 17,
        "timeout" => 18,
        "no_answer" => 19,
        "rejected" => 21,
        "answered_elsewhere" => 26,
        "number_incomplete" => 28,
        "normal_unspecified" => 31,
        "congestion" => 34,
        "failure" => 38,
        "codec_mismatch" => 58,
        "interworking" => 127,
        "unallocated" => 1,
        _ => return None,
    })
}

impl fmt::Debug for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} by {}", self.reason, self.request.operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::channels;
    use crate::request::Operation;

    #[test]
    fn a_hangup_is_known_with_its_cause() {
        for (operation, cause) in [
            (channels::Hangup::new("c1"), Some(16)),
            (channels::Hangup::new("c1").reason_code("34"), Some(34)),
            (channels::Hangup::new("c1").reason("busy"), Some(17)),
        ] {
            let request = operation.into_request().unwrap();
            let (id, departure) = Departure::of(&request).unwrap();
            assert_eq!(
                (id, departure.reason, departure.cause),
                ("c1", EndReason::HungUp, cause)
            );
        }
    }

    fn departure(operation: impl Operation) -> Departure {
        let request = operation.into_request().unwrap();
        Departure::of(&request).unwrap().1
    }

    #[test]
    fn a_refused_request_takes_back_its_own_departure_only() {
        let identity = Identity::new("c1");
        let continues = departure(channels::ContinueInDialplan::new("c1"));
        let hangs_up = departure(channels::Hangup::new("c1"));
        assert!(identity.depart(&hangs_up));
        identity.stay(&continues);
        assert_eq!(identity.departure(), Some(hangs_up.clone()));
        assert!(identity.depart(&continues));
        identity.stay(&continues);
        assert_eq!(identity.departure(), Some(hangs_up.clone()));
        identity.stay(&hangs_up);
        assert_eq!(identity.departure(), None);
    }

    #[test]
    fn what_was_granted_outlasts_later_requests_that_were_refused() {
        let identity = Identity::new("c1");
        let continues = departure(channels::ContinueInDialplan::new("c1"));
        let hangs_up = departure(channels::Hangup::new("c1"));
        identity.depart(&continues);
        identity.grant(&continues);
        for later in [&continues, &hangs_up] {
            assert_eq!(identity.depart(later), later == &hangs_up);
            assert_eq!(identity.is_on_its_way(), later == &continues);
            identity.stay(later);
            assert!(identity.is_on_its_way());
        }
    }
}
