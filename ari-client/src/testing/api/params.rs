//! Parameters of a request, from path, query and body.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// The body of a request, as far as ARI reads it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Body(pub(crate) Map<String, Value>);

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params {
    path: Vec<String>,
    query: Vec<(String, String)>,
    body: Body,
}

impl Params {
    pub(crate) fn new(query: Vec<(String, String)>, body: Body) -> Self {
        Self {
            path: Vec::new(),
            query,
            body,
        }
    }

    /// The same with what the `*` of a route's path stand for.
    pub(super) fn with_path(&self, pattern: &str, path: &[String]) -> Self {
        let wild = pattern.split('/').zip(path).filter(|(part, _)| *part == "*");
        Self {
            path: wild.map(|(_, segment)| segment.clone()).collect(),
            ..self.clone()
        }
    }

    /// The id in the path: of the channel, bridge, playback or application.
    pub(crate) fn id(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// The second id in the path: of a new playback or snoop.
    pub(crate) fn second_id(&self) -> Option<String> {
        self.path.get(1).cloned()
    }

    /// A text. The body wins over the query; a value of another JSON type counts as missing, as in Asterisk.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        if let Some(value) = self.body.0.get(name) {
            return value.as_str().map(str::to_owned);
        }
        // Of a repeated name the last one counts.
        self.query
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    }

    /// A text that is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// A number; text that is none counts as 0 in a query, as in Asterisk.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        if let Some(value) = self.body.0.get(name) {
            return Some(value.as_i64().unwrap_or_default());
        }
        self.get(name).map(|text| text.parse().unwrap_or_default())
    }

    /// A truth value.
    pub(crate) fn flag(&self, name: &str) -> bool {
        if let Some(value) = self.body.0.get(name) {
            return *value == Value::Bool(true);
        }
        self.get(name)
            .is_some_and(|text| matches!(text.as_str(), "yes" | "true" | "y" | "t" | "1" | "on"))
    }

    /// A list: a JSON array or text, or a comma list in the query.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        if let Some(Value::Array(items)) = self.body.0.get(name) {
            return items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
        }
        let items = self.filled(name).unwrap_or_default();
        items
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// An object in the body.
    pub(crate) fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.body.0.get(name).and_then(Value::as_object)
    }

    /// The body itself.
    pub(crate) fn body(&self) -> &Map<String, Value> {
        &self.body.0
    }
}

/// Reads a query string. As in paths, `+` means a space.
pub(crate) fn parse_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescape(name), unescape(value))
        })
        .collect()
}

/// Undoes percent encoding, in Asterisk's way.
pub(crate) fn unescape(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(query: &str, body: Value) -> Params {
        let Value::Object(body) = body else {
            panic!("not an object")
        };
        Params::new(parse_query(query), Body(body))
    }

    #[test]
    fn the_body_wins_and_is_strict_about_types() {
        let params = params(
            "app=a&app=b&exten=1&timeout=x",
            json!({ "exten": 1, "mute": "yes" }),
        );
        assert_eq!(
            params.get("app").as_deref(),
            Some("b"),
            "the last of a repeated name counts"
        );
        assert_eq!(params.get("exten"), None, "a number is no text");
        assert_eq!(params.number("timeout"), Some(0));
        assert!(!params.flag("mute"));
    }

    #[test]
    fn lists_are_arrays_in_a_body_and_comma_separated_in_a_query() {
        assert_eq!(
            params("media=sound:a,sound:b", json!({})).list("media"),
            ["sound:a", "sound:b"]
        );
        assert_eq!(
            params("", json!({ "media": ["sound:a,b"] })).list("media"),
            ["sound:a,b"]
        );
    }

    #[test]
    fn a_plus_is_a_space_unless_escaped() {
        assert_eq!(unescape("a+b%2Bc%20d"), "a b+c d");
    }
}
