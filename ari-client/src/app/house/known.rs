//! The Asterisks that are here, or were.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OnceCell, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::client::{Ari, Peers};
use crate::error::{Error, Result};
use crate::transport::Session;

/// How many sockets may wait to take the place of an open one.
const WAITING: usize = 4;

/// How many Asterisks are remembered that are away.
const ABSENT: usize = 100;

/// Which Asterisk it is: the user name that it shows, and the id that its events carry.
pub(super) type Identity = (String, String);

/// The Asterisks that are here, or were.
#[derive(Default)]
pub(super) struct Known {
    asterisks: HashMap<Identity, Asterisk>,
}

/// What is kept of one Asterisk.
struct Asterisk {
    ari: Ari,
    started: Arc<OnceCell<()>>,
    /// The ways to the services, by the full names of the applications.
    doors: HashMap<String, Door>,
    /// When the last service ended, where none follows it.
    gone: Option<Instant>,
}

/// The way to a service.
#[derive(Clone)]
pub(super) struct Door {
    sessions: mpsc::Sender<Session>,
    /// Its application was taken over: the service ends, and takes no more sockets.
    pub(super) replaced: CancellationToken,
}

/// An application that an Asterisk brings.
pub(super) struct Visit {
    pub(super) identity: Identity,
    pub(super) application: String,
    pub(super) per_call: bool,
}

/// What a new service is made of.
pub(super) struct Opening {
    pub(super) ari: Ari,
    pub(super) started: Arc<OnceCell<()>>,
    pub(super) door: Door,
    pub(super) sessions: mpsc::Receiver<Session>,
}

impl Known {
    /// Makes an Asterisk known that was not here before: it gets a client of its own.
    pub(super) fn meet(&mut self, identity: &Identity, peers: &Peers) -> Result<()> {
        if self.asterisks.contains_key(identity) {
            return Ok(());
        }
        let (username, id) = identity;
        let rival = self.asterisks.iter().find(|((other, _), asterisk)| {
            peers.share_a_base(other, username) && asterisk.ari.lines().is_open()
        });
        if let Some(((_, rival), _)) = rival {
            let context = format!(
                "Asterisk {rival} is here, and the same HTTP server cannot be that of Asterisk {id}: give each a user \
                 name and an HTTP server of its own"
            );
            return Err(Error::invalid(context));
        }
        let asterisk = Asterisk {
            ari: peers.client(username, id)?,
            started: Arc::default(),
            doors: HashMap::new(),
            gone: None,
        };
        info!(asterisk = id, username, "an Asterisk that was not here before");
        self.make_room();
        self.asterisks.insert(identity.clone(), asterisk);
        Ok(())
    }

    /// Forgets who is away for longest, where there are too many.
    fn make_room(&mut self) {
        let absent = self
            .asterisks
            .iter()
            .filter_map(|(identity, asterisk)| Some((asterisk.absent()?, identity)));
        if absent.clone().count() >= ABSENT
            && let Some(first) = absent.min().map(|(_, identity)| identity.clone())
        {
            self.asterisks.remove(&first);
        }
    }

    /// Gives a socket to the service of its application; where there is none, tells what to make one of.
    pub(super) fn show_in(&mut self, visit: &Visit, session: Session) -> Option<Opening> {
        let asterisk = self.asterisks.get_mut(&visit.identity)?;
        let door = asterisk.doors.get(&visit.application);
        let session = match door.filter(|door| !door.replaced.is_cancelled()) {
            None => session,
            Some(door) => match door.sessions.try_send(session) {
                Err(TrySendError::Closed(session)) => session,
                // One that comes again and again without being looked at may come later.
                Ok(()) | Err(TrySendError::Full(_)) => return None,
            },
        };
        let opening = asterisk.open(&visit.application);
        // There is room: the channel is new.
        let _ = opening.door.sessions.try_send(session);
        Some(opening)
    }

    /// A service has ended: whoever comes next gets a new one.
    pub(super) fn forget(&mut self, visit: &Visit, door: &Door) {
        if let Some(asterisk) = self.asterisks.get_mut(&visit.identity) {
            asterisk.close(&visit.application, door);
        }
    }

    /// The clients of all.
    pub(super) fn clients(&self) -> Vec<Ari> {
        self.asterisks
            .values()
            .map(|asterisk| asterisk.ari.clone())
            .collect()
    }
}

impl Asterisk {
    fn open(&mut self, application: &str) -> Opening {
        let (to_serve, sessions) = mpsc::channel(WAITING);
        let door = Door {
            sessions: to_serve,
            replaced: CancellationToken::new(),
        };
        self.doors.insert(application.to_owned(), door.clone());
        self.gone = None;
        Opening {
            ari: self.ari.clone(),
            started: Arc::clone(&self.started),
            door,
            sessions,
        }
    }

    fn close(&mut self, application: &str, door: &Door) {
        let former = self.doors.get(application);
        if former.is_some_and(|former| former.sessions.same_channel(&door.sessions)) {
            self.doors.remove(application);
        }
        if self.doors.is_empty() {
            self.gone = Some(Instant::now());
        }
    }

    /// Since when it is away, if nothing of it is left here.
    fn absent(&self) -> Option<Instant> {
        let idle = self.ari.rooms().is_empty() && self.ari.chores().is_empty();
        self.gone.filter(|_| idle)
    }
}

/// An Asterisk, for people.
pub(super) fn describe((username, id): &Identity) -> String {
    if username.is_empty() {
        format!("Asterisk {id}")
    } else {
        format!("Asterisk {id} as {username}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;

    fn identity(id: &(impl ToString + ?Sized)) -> Identity {
        ("pbx".to_owned(), id.to_string())
    }

    impl Known {
        fn enter(&mut self, id: &(impl ToString + ?Sized)) -> (Visit, Opening) {
            let peers = Peers::new(Limits::default(), HashMap::new()).unwrap();
            let visit = Visit {
                identity: identity(id),
                application: "ivr".to_owned(),
                per_call: false,
            };
            self.meet(&visit.identity, &peers).unwrap();
            let opening = self
                .asterisks
                .get_mut(&visit.identity)
                .unwrap()
                .open(&visit.application);
            (visit, opening)
        }

        fn leave(&mut self, (visit, opening): &(Visit, Opening)) {
            self.forget(visit, &opening.door);
        }

        fn knows(&self, id: &(impl ToString + ?Sized)) -> bool {
            self.asterisks.contains_key(&identity(id))
        }
    }

    #[tokio::test]
    async fn those_that_are_away_are_forgotten_where_they_are_many() {
        let mut known = Known::default();
        let here = known.enter("here");
        let untidy = known.enter("untidy");
        untidy.1.ari.chores().spawn(std::future::pending::<()>());
        known.leave(&untidy);
        for id in 0..ABSENT + 10 {
            let visit = known.enter(&id);
            known.leave(&visit);
        }
        assert!(known.knows("here") && known.knows("untidy"));
        assert!(!known.knows(&9) && known.knows(&10));
        assert_eq!(known.asterisks.len(), ABSENT + 2);
        known.leave(&here);
        let _back = known.enter(&10);
        let _new = known.enter("new");
        assert!(known.knows(&10) && !known.knows(&11));
    }

    #[tokio::test]
    async fn the_end_of_a_former_service_closes_no_other_door() {
        let mut known = Known::default();
        let former = known.enter("a");
        let _present = known.enter("a");
        known.leave(&former);
        assert_eq!(known.asterisks[&identity("a")].doors.len(), 1);
        assert!(known.asterisks[&identity("a")].gone.is_none());
    }
}
