//! The module `enums`: strings with known values.
//!
//! Written as text: the macro's body is no Rust that a formatter would lay out.

use super::idents;
use crate::ir::{Enum, Interface};

pub(super) fn module(interface: &Interface) -> String {
    let enums = interface.enums.iter().map(|listed| format!("\n{}", enumeration(listed)));
    std::iter::once("use ari_client::rt;\n".to_owned()).chain(enums).collect()
}

fn enumeration(listed: &Enum) -> String {
    let mut text = format!("rt::open_enum! {{\n    pub enum {} {{\n", idents::pascal(&listed.name));
    for value in &listed.values {
        text += &format!("        /// `{}` on the wire.\n", value.wire);
        text += &format!("        {} = {:?},\n", idents::pascal(&value.name), value.wire);
    }
    text + "    }\n}\n"
}
