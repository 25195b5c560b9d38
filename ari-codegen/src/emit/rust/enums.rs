//! The module `enums`: strings with known values.
//!
//! Written as text: the macro's body is no Rust that a formatter would lay out.

use super::idents;
use crate::error::{Error, Result};
use crate::ir::{Enum, Interface};

/// The variant for values that are not known.
const OPEN_END: &str = "Other";

pub(super) fn module(interface: &Interface) -> Result<String> {
    let mut text = "use ari_client::rt;\n".to_owned();
    for listed in &interface.enums {
        text.push('\n');
        text += &enumeration(listed)?;
    }
    Ok(text)
}

fn enumeration(listed: &Enum) -> Result<String> {
    let name = idents::pascal(&listed.name);
    let mut text = format!("rt::open_enum! {{\n    pub enum {name} {{\n");
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
        text += &format!("        /// `{}` on the wire.\n", value.wire);
        text += &format!("        {variant} = {:?},\n", value.wire);
    }
    text += "    }\n}\n";
    Ok(text)
}
