//! Writes paths and queries the way Asterisk reads them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::request::RawRequest;

/// Asterisk reads "+" as a space in paths too, so that only the unreserved characters of RFC 3986 stay bare.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One path segment, or a name or value of a query.
fn escape(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, ESCAPED)
}

/// The request target below `base_path`.
pub(crate) fn target(base_path: &str, request: &RawRequest) -> String {
    use std::fmt::Write;
    let mut target = String::with_capacity(base_path.len() + 96);
    target.push_str(base_path);
    for segment in &request.path {
        // Writing to a String cannot fail.
        let _ = write!(target, "/{}", escape(segment));
    }
    for (index, (name, value)) in request.query.iter().enumerate() {
        let mark = if index == 0 { '?' } else { '&' };
        let _ = write!(target, "{mark}{}={}", escape(name), escape(value));
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Method;

    #[test]
    fn everything_that_asterisk_would_read_otherwise_is_escaped() {
        let request = RawRequest::new("channels.get", Method::Get, ["channels", "PJSIP/al+ice-%1 é"])
            .with_query("a&b", "x=1,2;#?");
        assert_eq!(
            target("/ari", &request),
            "/ari/channels/PJSIP%2Fal%2Bice-%251%20%C3%A9?a%26b=x%3D1%2C2%3B%23%3F"
        );
    }
}
