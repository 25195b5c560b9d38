//! The module `enums`: strings with known values.
//!
//! Written as text: the macro's body is no Rust that a formatter would lay out.

use super::{docs, idents};
use crate::error::{Error, Result};
use crate::ir::{Enum, Interface};

/// The variant for values that are not known.
const OPEN_END: &str = "Other";

pub(in crate::emit) fn module(interface: &Interface) -> Result<String> {
    let mut text = "use ari_client::rt;\n".to_owned();
    for listed in &interface.enums {
        text.push('\n');
        text += &enumeration(listed)?;
    }
    Ok(text)
}

fn enumeration(listed: &Enum) -> Result<String> {
    let name = idents::pascal(&listed.name);
    let words = docs::or_else(listed.description.as_ref(), || {
        "Values known of a string.".to_owned()
    });
    let mut text = "rt::open_enum! {\n".to_owned();
    text += &comment("    ", &words);
    text += &format!("    pub enum {name} {{\n");
    for value in &listed.values {
        let variant = idents::pascal(&value.name);
        if variant == OPEN_END {
            let problem = format!(
                "`{}` becomes `{OPEN_END}`, which holds unknown values",
                value.wire
            );
            return Err(Error::Name {
                file: format!("enums.rs: {name}"),
                problem,
            });
        }
        text += &comment("        ", &docs::named(value.description.as_ref(), &value.wire));
        text += &format!("        {variant} = {:?},\n", value.wire);
    }
    text += "    }\n}\n";
    Ok(text)
}

/// `text` as documentation comments.
fn comment(indent: &str, text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| format!("{indent}/// {line}").trim_end().to_owned() + "\n");
    lines.collect()
}
