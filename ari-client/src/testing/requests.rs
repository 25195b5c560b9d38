//! The log of requests.

use std::fmt;

/// A request that the server has seen.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The HTTP method, such as `POST`.
    pub method: String,
    /// The path behind `/ari`, decoded, such as `/channels/1700000000.1/answer`.
    pub path: String,
    /// The query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The body, if there was one and it was JSON.
    pub body: Option<serde_json::Value>,
    /// The status of the answer; `None` where the connection was closed without one.
    pub status: Option<u16>,
    /// Whether it came over an event socket.
    pub over_socket: bool,
}

impl Request {
    /// The value of a query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether method and path are these; see [`FakeAsterisk::fail_next`](super::FakeAsterisk::fail_next) for what a
    /// path may be.
    #[must_use]
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && path_matches(path, &self.path)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        match self.status {
            Some(status) => write!(f, " -> {status}"),
            None => f.write_str(" -> no answer"),
        }
    }
}

/// Whether a path is what a pattern means, in which `*` stands for any one segment.
pub(super) fn path_matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(segment)) if part == "*" || part == segment => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path_matches;

    #[test]
    fn a_star_is_one_segment() {
        assert!(path_matches("/channels/*/answer", "/channels/1.2/answer"));
        assert!(!path_matches("/channels/*", "/channels/1.2/answer"));
        assert!(!path_matches("/channels/*/answer", "/channels/1.2"));
    }
}
