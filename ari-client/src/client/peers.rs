//! Clients of Asterisks that dial us.

use std::collections::HashMap;

use super::{Ari, AriBuilder, RestOver};
use crate::config::{Limits, Server};
use crate::error::Result;

/// What the clients of Asterisks that dial us are made of: checked settings.
#[derive(Debug)]
pub(crate) struct Peers {
    limits: Limits,
    /// Where HTTP servers are, by the user name that the Asterisk shows; that without a name is for all others.
    bases: HashMap<Option<String>, Base>,
}

/// An HTTP server, and how requests go there. What must be read for it was read.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) server: Server,
    pub(super) limits: Limits,
    pub(super) rest: RestOver,
}

impl Peers {
    /// Checks `bases`; `limits` are for those who have none.
    pub(crate) fn new(limits: Limits, bases: HashMap<Option<String>, AriBuilder>) -> Result<Self> {
        let checked = bases
            .into_iter()
            .map(|(username, builder)| Ok((username, builder.base()?)));
        let bases = checked.collect::<Result<_>>()?;
        Ok(Self { limits, bases })
    }

    /// A client of an Asterisk that dials in.
    pub(crate) fn client(&self, username: &str, id: &str) -> Result<Ari> {
        match self.base(username) {
            Some((_, base)) => {
                let Base { server, limits, rest } = base.clone();
                Ari::of_peer(id, Some(server), limits, rest)
            }
            None => Ari::of_peer(id, None, self.limits.clone(), RestOver::WebSocket),
        }
    }

    /// Whether the requests for two user names go to the same HTTP server.
    pub(crate) fn share_a_base(&self, one: &str, other: &str) -> bool {
        let base = |username| self.base(username).map(|(name, _)| name);
        base(one).is_some() && base(one) == base(other)
    }

    fn base(&self, username: &str) -> Option<(&Option<String>, &Base)> {
        let own = self.bases.get_key_value(&Some(username.to_owned()));
        own.or_else(|| self.bases.get_key_value(&None))
    }
}
