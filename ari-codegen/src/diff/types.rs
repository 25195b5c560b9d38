//! Which types understand each other on the wire.

use crate::emit::rust::type_name;
use crate::ir::Type;

/// The type as the bindings spell it.
pub(super) fn shown(ty: &Type) -> String {
    type_name(ty)
}

/// Whether a reader who expects `old` understands what is written as `new`.
pub(super) fn decodes(old: &Type, new: &Type) -> bool {
    match (old, new) {
        // Enumerations keep what they do not know; an object takes any content.
        (Type::Text | Type::Enum(_), Type::Text | Type::Enum(_))
        | (Type::Text, Type::Timestamp)
        | (Type::Float, Type::Integer)
        | (Type::Object, Type::Model(_)) => true,
        (Type::List(old), Type::List(new)) => decodes(old, new),
        (old, new) => old == new,
    }
}

/// Whether a server that expects `new` accepts the argument that is written as `old`.
pub(super) fn accepts(new: &Type, old: &Type) -> bool {
    match (new, old) {
        // A list of one is written as its item is.
        (Type::List(new), Type::List(old)) => accepts(new, old),
        (Type::List(new), old) => accepts(new, old),
        (new, old) => decodes(new, old),
    }
}
