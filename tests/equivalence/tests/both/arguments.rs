//! The table of argument sets: for each operation what is usual, what is missing, and what goes wrong elsewhere.

use serde_json::{Value, json};

use super::driver::{Kind, Operation, Param, Place};
use super::given::Given;

/// Arguments, and what is special about them.
pub(crate) struct Set {
    pub(crate) label: String,
    pub(crate) given: Given,
}

/// Texts that some part of the way might take for something else.
pub(crate) const SPECIAL: [&str; 20] = [
    "+",
    "/",
    "%",
    ",",
    "#",
    "?",
    "&",
    "=",
    ";",
    "a b",
    " ",
    "+ / % , # ? &",
    "%2F%2C",
    "a,b,,c",
    "..",
    "\"quoted\" \\ 'so'",
    "{\"json\":[1]}",
    "${EXTEN}",
    "line\nbreak\ttab",
    "Grüße, 電話 ☎ \u{1F4DE}",
];

/// Longer than the request line that Asterisk reads, escaped or not.
const LONG: usize = 5_000;

/// Letters of two bytes, six when escaped: one value of so many is about as long as a request line may be.
const EDGE: [usize; 9] = [560, 570, 575, 580, 585, 590, 595, 598, 600];

/// Such letters in each part of a path: long, and yet three parts fit into a request line.
const LONG_PATH: usize = 150;

/// More items than Asterisk takes in a query.
const MANY: usize = 128;

/// The sets for `operation`.
pub(crate) fn sets(operation: &Operation) -> Vec<Set> {
    let mut sets = vec![
        set("required", operation, is_required, &Fill::Plain),
        set("all", operation, |_| true, &Fill::Plain),
        set("long", operation, |_| true, &Fill::Long("x", LONG)),
        set("long unicode", operation, |_| true, &Fill::Long("é☎", LONG)),
        set("long path", operation, is_required, &Fill::Path(LONG_PATH)),
        set("long path and all", operation, |_| true, &Fill::Path(LONG_PATH)),
        set("too long path", operation, is_required, &Fill::Path(LONG)),
        set("empty", operation, |_| true, &Fill::Empty),
        set("extreme", operation, |_| true, &Fill::Extreme),
        set("many", operation, |_| true, &Fill::Many),
    ];
    for count in EDGE {
        let fill = Fill::Long("é", count);
        sets.push(set(&format!("all é {count}"), operation, |_| true, &fill));
        sets.push(set(&format!("required é {count}"), operation, is_required, &fill));
    }
    for text in SPECIAL {
        let fill = Fill::Text(text);
        sets.push(set(&format!("all {text:?}"), operation, |_| true, &fill));
        sets.push(set(&format!("required {text:?}"), operation, is_required, &fill));
    }
    for chosen in operation.params.iter().filter(|param| !is_required(param)) {
        let only = |param: &Param| is_required(param) || param.name == chosen.name;
        for (what, fill) in [
            ("plain", Fill::Plain),
            ("long", Fill::Long("x", LONG)),
            ("empty", Fill::Empty),
        ] {
            sets.push(set(
                &format!("only {} {what}", chosen.name),
                operation,
                only,
                &fill,
            ));
        }
    }
    for empty in operation
        .params
        .iter()
        .filter(|param| operation.routes_by(param.name))
    {
        let set = set("", operation, is_required, &Fill::Plain);
        sets.push(Set {
            label: format!("{} empty", empty.name),
            given: set.given.with(empty.name, ""),
        });
    }
    sets
}

/// What a client cannot do without. Progenitor knows no body that may be left out, unless it can make an empty one.
fn is_required(param: &Param) -> bool {
    param.required || param.place == Place::Whole
}

fn set(label: &str, operation: &Operation, chosen: impl Fn(&Param) -> bool, fill: &Fill) -> Set {
    let mut given = Given::default();
    for param in operation.params.iter().filter(|param| chosen(param)) {
        given = given.with(param.name, fill.value(operation, param));
    }
    Set {
        label: label.to_owned(),
        given,
    }
}

/// What parameters are filled with.
enum Fill {
    Plain,
    /// The same text wherever there is one.
    Text(&'static str),
    /// This text, so many times. Paths stay short: they cannot move into the body.
    Long(&'static str, usize),
    /// So many letters in every part of a path.
    Path(usize),
    /// Empty lists, objects and texts. Paths are not empty.
    Empty,
    /// The ends of the ranges, and values that no enumeration lists.
    Extreme,
    /// More items than fit into a query.
    Many,
}

impl Fill {
    fn value(&self, operation: &Operation, param: &Param) -> Value {
        match param.kind {
            Kind::Text if operation.routes_by(param.name) => self.segment(param.name).into(),
            Kind::Text => self.text(param.name).into(),
            Kind::Choice(values) => self.choice(values[0]).into(),
            Kind::Integer => self.integer().into(),
            Kind::Flag => (!matches!(self, Self::Extreme)).into(),
            Kind::Texts => self.items(&[&self.text("one"), &self.text("two")]),
            Kind::Choices(values) => {
                self.items(&values.iter().map(|value| self.choice(value)).collect::<Vec<_>>())
            }
            Kind::Strings | Kind::Variables | Kind::Values => self.object(param.kind),
            Kind::Pairs if matches!(self, Self::Empty) => json!([]),
            Kind::Pairs => {
                json!([{"attribute": self.text("name"), "value": self.text("value")}, {"attribute": "b", "value": ""}])
            }
            Kind::Whole if matches!(self, Self::Empty) => json!({}),
            Kind::Whole => json!({"allowed": [{"type": self.text("StasisStart")}], "disallowed": []}),
        }
    }

    fn text(&self, plain: &str) -> String {
        match self {
            Self::Plain | Self::Path(_) | Self::Extreme | Self::Many => plain.to_owned(),
            Self::Text(text) => (*text).to_owned(),
            Self::Long(text, count) => text.repeat(*count),
            Self::Empty => String::new(),
        }
    }

    fn segment(&self, plain: &str) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Path(count) => "é".repeat(*count),
            _ => plain.to_owned(),
        }
    }

    fn choice(&self, known: &str) -> String {
        match self {
            Self::Extreme => format!("not {known}"),
            Self::Empty | Self::Many => known.to_owned(),
            _ => self.text(known),
        }
    }

    fn integer(&self) -> i64 {
        match self {
            Self::Extreme => i64::MAX,
            Self::Empty => 0,
            _ => 7,
        }
    }

    fn items(&self, plain: &[impl AsRef<str>]) -> Value {
        match self {
            Self::Empty => json!([]),
            Self::Many => (0..MANY).map(|item| item.to_string()).collect(),
            _ => plain.iter().map(AsRef::as_ref).collect(),
        }
    }

    fn object(&self, kind: Kind) -> Value {
        if matches!(self, Self::Empty) {
            return json!({});
        }
        let (name, text) = (self.text("name"), self.text("value"));
        match kind {
            Kind::Variables => json!({name: text, "reported": {"value": text, "report_events": true}}),
            Kind::Values => json!({name: text, "number": 1, "list": [true, null]}),
            _ => json!({name: text, "other": ""}),
        }
    }
}
