//! Reads a request as Asterisk does, from the bytes on the wire. Written from how Asterisk behaves, not from the encoder.

use std::collections::BTreeMap;

use serde_json::Value;

/// What Asterisk makes of a request.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) method: String,
    pub(crate) path: Vec<String>,
    /// In their order; of two with one name, the last counts.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Read {
    /// `target` is the request target, `body` the body or nothing.
    pub(crate) fn new(method: &str, target: &str, body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix("/ari/").unwrap();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self {
            method: method.to_owned(),
            path: path.split('/').map(decoded).collect(),
            query: pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
            body: if body.is_empty() {
                Value::Null
            } else {
                serde_json::from_slice(body).unwrap()
            },
        }
    }

    fn in_query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A text: the body counts before the query.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.body.get(name) {
            Some(value) => value.as_str(),
            None => self.in_query(name),
        }
    }

    /// A number, which is one in JSON, and whatever digits there are in a query.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.body.get(name) {
            Some(value) => value.as_i64(),
            None => self.in_query(name).map(|text| text.parse().unwrap_or(0)),
        }
    }

    /// A list.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        match self.body.get(name) {
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Some(one) => Some(vec![one.as_str()?.to_owned()]),
            None => self.in_query(name).map(separated),
        }
    }

    /// An object of texts, which only the body can hold.
    pub(crate) fn texts(&self, name: &str) -> BTreeMap<String, String> {
        let object = self.body.get(name).and_then(Value::as_object);
        let members = object.into_iter().flatten();
        members
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect()
    }
}

/// Escapes are bytes, "+" is a space, and a NUL ends the text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = std::str::from_utf8(&behind[..2]).unwrap();
                rest = &behind[2..];
                u8::from_str_radix(digits, 16).unwrap()
            }
            plain => *plain,
        });
    }
    bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    String::from_utf8(bytes).unwrap()
}

/// The items of a list in a query. Brackets and quotes hold commas together, quotes and backslashes are dropped.
fn separated(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let (mut round, mut square, mut quoted) = (0_u32, 0_u32, false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => round += 1,
            ')' => round = round.saturating_sub(1),
            '[' => square += 1,
            ']' => square = square.saturating_sub(1),
            '"' => {
                quoted = !quoted;
                continue;
            }
            '\\' => {
                items.last_mut().unwrap().extend(letters.next());
                continue;
            }
            ',' if round == 0 && square == 0 && !quoted => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        items.last_mut().unwrap().push(letter);
    }
    assert!(items.len() < 128, "Asterisk refuses so many");
    items
}
