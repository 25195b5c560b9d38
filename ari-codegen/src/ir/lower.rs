//! From the specification to the interface.

mod enums;
mod models;
mod operations;

use std::collections::BTreeMap;

use super::events::Tree;
use super::{Interface, Type, types};
use crate::error::{Error, Result};
use crate::swagger::Spec;

/// The interface that `spec` describes.
pub(crate) fn lower(spec: &Spec) -> Result<Interface> {
    let mut lowering = Lowering::new(spec)?;
    let models = lowering.models()?;
    let resources = lowering.resources()?;
    let enums = lowering.enums.finish();
    let version = spec.version().unwrap_or("of unknown version").to_owned();
    let interface = Interface {
        version,
        resources,
        models,
        enums,
    };
    models::check_names(spec, &interface)?;
    models::check_containment(spec, &interface)?;
    Ok(interface)
}

struct Lowering<'s> {
    spec: &'s Spec,
    /// The file of each model.
    known: BTreeMap<&'s str, &'s str>,
    tree: Tree,
    enums: enums::Enums,
}

impl<'s> Lowering<'s> {
    fn new(spec: &'s Spec) -> Result<Self> {
        Ok(Self {
            spec,
            known: models::known(spec)?,
            tree: Tree::new(spec),
            enums: enums::Enums::default(),
        })
    }

    fn type_of(&self, text: &str, at: &At<'_>) -> Result<Type> {
        let ty = types::parse(text, &|model| self.known.contains_key(model))
            .ok_or_else(|| at.error(format!("unknown type `{text}`")))?;
        if let Type::Model(model) = ty.item()
            && self.tree.is_event(model)
        {
            return Err(at.error(format!("the event `{model}` is no part of anything")));
        }
        Ok(ty)
    }
}

/// A place in a file, for errors.
#[derive(Clone)]
struct At<'f> {
    file: &'f str,
    path: String,
}

impl<'f> At<'f> {
    fn file(file: &'f str) -> Self {
        Self {
            file,
            path: String::new(),
        }
    }

    fn key(&self, key: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            file: self.file,
            path: format!("{}{dot}{key}", self.path),
        }
    }

    fn item(&self, key: &str, index: usize) -> Self {
        let list = self.key(key);
        Self {
            path: format!("{}[{index}]", list.path),
            ..list
        }
    }

    fn error(&self, problem: impl Into<String>) -> Error {
        Error::Spec {
            file: self.file.to_owned(),
            place: self.path.clone(),
            problem: problem.into(),
        }
    }
}
