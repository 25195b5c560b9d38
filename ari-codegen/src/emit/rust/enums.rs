//! The module `enums`: strings with known values.
//!
//! Written as text: the macro's body is no Rust that a formatter would lay out.

use super::{docs, idents};
use crate::error::line;
use crate::ir::{Enum, Interface};

pub(in crate::emit) fn module(interface: &Interface) -> String {
    let mut text = "use ari_client::rt;\n".to_owned();
    for listed in &interface.enums {
        text.push('\n');
        text += &enumeration(listed);
    }
    text
}

fn enumeration(listed: &Enum) -> String {
    let name = idents::pascal(&listed.name);
    let words = docs::or_else(listed.description.as_ref(), || {
        "Values known of a string.".to_owned()
    });
    let mut text = "rt::open_enum! {\n".to_owned();
    text += &comment("    ", &words);
    text += &format!("    pub enum {name} {{\n");
    for value in &listed.values {
        let variant = idents::variant(&value.name);
        text += &comment("        ", &docs::named(value.description.as_ref(), &value.wire));
        text += &format!("        {variant} = {:?},\n", value.wire);
    }
    text += "    }\n}\n";
    text
}

/// `text` as documentation comments.
fn comment(indent: &str, text: &str) -> String {
    let lines = text
        .lines()
        .map(|text| format!("{indent}/// {}", line(text)).trim_end().to_owned() + "\n");
    lines.collect()
}
