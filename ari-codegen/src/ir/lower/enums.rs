//! Enumerations: the values that parameters and properties are allowed to have.

use super::super::{Enum, EnumValue, Name, Type};
use super::At;
use crate::error::Result;
use crate::fixups::enum_name;

/// What is taken in every enumeration: a server may send values that nobody listed.
const OPEN_END: &str = "Other";

/// The enumerations met so far.
#[derive(Debug, Default)]
pub(super) struct Enums(Vec<Enum>);

impl Enums {
    /// The type of the property `property` of `model`.
    pub(super) fn of_property(
        &mut self,
        model: &str,
        property: &str,
        values: &[String],
        at: &At<'_>,
    ) -> Result<Type> {
        let by_rule = Name::new(model).join(&Name::new(property));
        self.add(&format!("{model}.{property}"), by_rule, values, at)
    }

    /// The type of the parameter `param` of the operation `nickname` of `resource`.
    pub(super) fn of_param(
        &mut self,
        (resource, nickname, param): (&str, &str, &str),
        values: &[String],
        at: &At<'_>,
    ) -> Result<Type> {
        let by_rule = Name::new(nickname).join(&Name::new(param));
        self.add(&format!("{resource}.{nickname}.{param}"), by_rule, values, at)
    }

    /// All of them, sorted by name.
    pub(super) fn finish(&mut self) -> Vec<Enum> {
        self.0.sort_by(|a, b| a.name.cmp(&b.name));
        std::mem::take(&mut self.0)
    }

    fn add(&mut self, owner: &str, by_rule: Name, values: &[String], at: &At<'_>) -> Result<Type> {
        let shared = enum_name(owner);
        let name = shared.map_or(by_rule, Name::new);
        let values = enum_values(values, at)?;
        match self.0.iter_mut().find(|known| known.name == name) {
            None => self.0.push(Enum {
                name: name.clone(),
                values,
                description: None,
            }),
            Some(known) if known.values == values => {}
            Some(known) if shared.is_some() => {
                let new = values
                    .into_iter()
                    .filter(|value| !known.values.contains(value))
                    .collect::<Vec<_>>();
                known.values.extend(new);
            }
            Some(_) => {
                let problem = format!("becomes `{}`, which has other values elsewhere", name.pascal());
                return Err(at.key("allowableValues").error(problem));
            }
        }
        Ok(Type::Enum(name))
    }
}

fn enum_values(wires: &[String], at: &At<'_>) -> Result<Vec<EnumValue>> {
    let at = at.key("allowableValues");
    let mut values: Vec<EnumValue> = Vec::new();
    for (index, wire) in wires.iter().enumerate() {
        let at = at.item("values", index);
        let name = Name::new(wire);
        if name.is_empty() {
            return Err(at.error(format!("`{wire}` holds no words to make a name of")));
        }
        if name.pascal() == OPEN_END {
            return Err(at.error(format!(
                "`{wire}` becomes `{OPEN_END}`, which holds unknown values"
            )));
        }
        if let Some(other) = values.iter().find(|other| other.name == name) {
            let problem = format!("`{wire}` becomes `{}`, as `{}` does", name.pascal(), other.wire);
            return Err(at.error(problem));
        }
        values.push(EnumValue {
            wire: wire.clone(),
            name,
            description: None,
        });
    }
    Ok(values)
}
