//! Where Asterisk is, who we are there, and how long to wait.

use std::fmt;
use std::time::Duration;

/// The address of Asterisk's HTTP server and the credentials of an ARI user there.
#[derive(Clone)]
pub(crate) struct Server {
    /// `host:port`.
    pub(crate) authority: String,
    /// The path of ARI: the server's prefix and `/ari`.
    pub(crate) base_path: String,
    /// The value of the `Authorization` header.
    pub(crate) authorization: String,
    pub(crate) username: String,
    /// How connections are encrypted, if they are.
    pub(crate) tls: Option<Tls>,
}

#[cfg(feature = "tls")]
pub(crate) use crate::transport::tls::Client as Tls;

/// There is none without the feature.
#[cfg(not(feature = "tls"))]
#[derive(Debug, Clone)]
pub(crate) enum Tls {}

impl Server {
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} as {}", self.username)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.authority, self.base_path)
    }
}

/// How long the client waits, and for how much it has room.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    /// For a request that is answered at once.
    pub(crate) request: Duration,
    /// For a request that [takes long](crate::request::RawRequest::takes_long).
    pub(crate) waiting: Duration,
    pub(crate) connections: usize,
    pub(crate) message: usize,
    pub(crate) mailboxes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(10),
            waiting: Duration::from_secs(30),
            connections: 80,
            message: 16 * 1024 * 1024,
            mailboxes: 256 * 1024 * 1024,
        }
    }
}

/// Setters of a builder's [`Limits`].
macro_rules! limits {
    ($($(#[$doc:meta])* pub fn $name:ident($value:ident: $type:ty) { $limit:ident = $set:expr })+) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $value: $type) -> Self {
            self.limits.$limit = $set;
            self
        }
    )+};
}

pub(crate) use limits;
