//! JSON texts, and what can be wrong or odd about one.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

/// A JSON text as a tree that, unlike a [`Value`], can have a name twice, any order, and any spelling.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    /// What is neither array nor object, as it is spelt.
    Text(String),
    Array(Vec<Json>),
    /// Names as they are spelt, with their quotes.
    Object(Vec<(String, Json)>),
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.iter();
                Self::Object(
                    members
                        .map(|(name, member)| (quoted(name), member.into()))
                        .collect(),
                )
            }
            other => Self::Text(other.to_string()),
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Array(items) => {
                let items: Vec<_> = items.iter().map(Self::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, member)| format!("{name}:{member}"))
                    .collect();
                write!(f, "{{{}}}", members.join(","))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// One thing that is odd about a text.
#[derive(Debug, Clone)]
pub(crate) enum Oddity {
    Replaced(Json),
    /// By another value of the same text.
    Copied(Index),
    Removed,
    Twice,
    Renamed(String),
    First,
    Last,
}

/// Any JSON at all, plain.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Values at which readers stumble: numbers that fit nowhere, broken escapes, nesting.
fn odd_value() -> impl Strategy<Value = Json> {
    let spelt = [
        "null",
        "true",
        "0",
        "-0",
        "-1",
        "1.5",
        "1e2",
        "1e999",
        "-1e-999",
        "18446744073709551616",
        "\"\"",
        "[]",
        "{}",
        r#""\u0000""#,
        r#""\ud834\udd1e""#,
        r#""\ud800""#,
        r#""\/\b\f""#,
        "\"\u{7f}\u{2028}\u{fffd}\"",
        "{\"id\":7}",
        "[\"id\"]",
        "nul",
        "01",
        "\"",
    ];
    prop_oneof![
        proptest::sample::select(spelt.to_vec()).prop_map(|text| Json::Text(text.to_owned())),
        any_json().prop_map(|value| Json::from(&value)),
        (1_usize..300).prop_map(|depth| Json::Text("[".repeat(depth) + &"]".repeat(depth))),
        (1_usize..300).prop_map(|depth| Json::Text("{\"a\":".repeat(depth) + "1" + &"}".repeat(depth))),
    ]
}

fn oddity() -> impl Strategy<Value = Oddity> {
    let names = [
        "type",
        "id",
        "channel",
        "bridge",
        "application",
        "peer",
        "playback",
        "target_uri",
        "t\u{ff}",
    ];
    let name = proptest::sample::select(names.to_vec()).prop_map(quoted);
    let escaped = Just(r#""\u0074ype""#.to_owned());
    prop_oneof![
        4 => odd_value().prop_map(Oddity::Replaced),
        2 => any::<Index>().prop_map(Oddity::Copied),
        2 => Just(Oddity::Removed),
        1 => Just(Oddity::Twice),
        1 => prop_oneof![name, escaped].prop_map(Oddity::Renamed),
        1 => Just(Oddity::First),
        1 => Just(Oddity::Last),
    ]
}

/// The text of `value` with up to six oddities.
pub(crate) fn mutated(value: &Value) -> impl Strategy<Value = String> + use<> {
    let json = Json::from(value);
    vec((any::<Index>(), any::<Index>(), oddity()), 0..7).prop_map(move |oddities| {
        let mut json = json.clone();
        for (node, member, oddity) in oddities {
            let nodes = json.nodes();
            let oddity = match oddity {
                Oddity::Copied(from) => Oddity::Replaced(json.node(&mut from.index(nodes)).clone()),
                other => other,
            };
            apply(json.node(&mut node.index(nodes)), member, oddity);
        }
        json.to_string()
    })
}

impl Json {
    /// How many values the text holds, itself among them.
    fn nodes(&self) -> usize {
        1 + match self {
            Self::Text(_) => 0,
            Self::Array(items) => items.iter().map(Self::nodes).sum(),
            Self::Object(members) => members.iter().map(|(_, member)| member.nodes()).sum(),
        }
    }

    /// The value of the number `at`, of those that the text holds.
    fn node(&mut self, at: &mut usize) -> &mut Self {
        let mut current = self;
        while *at > 0 {
            *at -= 1;
            let parts: Vec<&mut Self> = match current {
                Self::Text(_) => panic!("fewer values than were counted"),
                Self::Array(items) => items.iter_mut().collect(),
                Self::Object(members) => members.iter_mut().map(|(_, member)| member).collect(),
            };
            let mut holds_it = |part: &&mut Self| {
                let nodes = part.nodes();
                let found = *at < nodes;
                *at -= if found { 0 } else { nodes };
                found
            };
            current = parts.into_iter().find(|part| holds_it(part)).unwrap();
        }
        current
    }
}

fn apply(node: &mut Json, member: Index, oddity: Oddity) {
    match (node, oddity) {
        (node, Oddity::Replaced(other)) => *node = other,
        (Json::Object(members), oddity) if !members.is_empty() => {
            let at = member.index(members.len());
            match oddity {
                Oddity::Replaced(_) | Oddity::Copied(_) => {}
                Oddity::Removed => drop(members.remove(at)),
                Oddity::Twice => members.push(members[at].clone()),
                Oddity::Renamed(name) => members[at].0 = name,
                Oddity::First => members.swap(0, at),
                Oddity::Last => {
                    let last = members.remove(at);
                    members.push(last);
                }
            }
        }
        _ => {}
    }
}
