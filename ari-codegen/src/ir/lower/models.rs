//! Models, with what they inherit.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Interface, Model, Name, Presence, Property, Role, Type};
use super::{At, Lowering};
use crate::error::Result;
use crate::swagger::{self, AllowableValues, Spec};

/// The file of each model. Models of all files share one namespace.
pub(super) fn known(spec: &Spec) -> Result<BTreeMap<&str, &str>> {
    let mut known = BTreeMap::new();
    for file in &spec.files {
        for (key, model) in &file.declaration.models.0 {
            let at = At::file(&file.name).key("models").key(key);
            if *key != model.id {
                return Err(at
                    .key("id")
                    .error(format!("the model is called `{}` here", model.id)));
            }
            if let Some(other) = known.insert(key.as_str(), file.name.as_str()) {
                return Err(at.error(format!("the model is also in {other}")));
            }
        }
    }
    Ok(known)
}

/// Refuses models and enumerations whose names differ on the wire and are the same in code.
pub(super) fn check_names(spec: &Spec, interface: &Interface) -> Result<()> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for listed in &interface.enums {
        taken.insert(listed.name.pascal(), "an enumeration".to_owned());
    }
    for file in &spec.files {
        for (key, _) in &file.declaration.models.0 {
            let at = At::file(&file.name).key("models").key(key);
            let name = Name::new(key);
            if name.is_empty() {
                return Err(at.error("the name holds no words"));
            }
            if let Some(other) = taken.insert(name.pascal(), format!("the model `{key}`")) {
                return Err(at.error(format!("becomes `{}`, as {other} does", name.pascal())));
            }
        }
    }
    Ok(())
}

/// Refuses a model that holds itself: no object of it could ever end.
pub(super) fn check_containment(spec: &Spec, interface: &Interface) -> Result<()> {
    for file in &spec.files {
        for (key, _) in &file.declaration.models.0 {
            if held(interface, key).contains(key.as_str()) {
                return Err(At::file(&file.name)
                    .key("models")
                    .key(key)
                    .error("the model holds itself"));
            }
        }
    }
    Ok(())
}

/// The models that every object of the model `wire` may hold one of, directly or in a part, lists aside.
fn held<'i>(interface: &'i Interface, wire: &str) -> BTreeSet<&'i str> {
    let mut held = BTreeSet::new();
    let mut open = vec![wire];
    while let Some(model) = open.pop().and_then(|wire| interface.model(wire)) {
        for property in &model.properties {
            if let Type::Model(part) = &property.ty
                && held.insert(part.as_str())
            {
                open.push(part);
            }
        }
    }
    held
}

impl<'s> Lowering<'s> {
    pub(super) fn models(&mut self) -> Result<Vec<Model>> {
        let mut models = Vec::new();
        let spec = self.spec;
        for file in &spec.files {
            for (key, model) in &file.declaration.models.0 {
                models.push(self.model(model, &At::file(&file.name).key("models").key(key))?);
            }
        }
        Ok(models)
    }

    /// Refuses sub types that are no models, and those that nothing tells apart: their events would be missing.
    fn check_sub_types(&self, model: &swagger::Model, at: &At<'_>) -> Result<()> {
        if !model.sub_types.is_empty() && self.spec.root().is_none() {
            return Err(at.key("subTypes").error("no model has a discriminator"));
        }
        match model
            .sub_types
            .iter()
            .find(|sub_type| !self.known.contains_key(sub_type.as_str()))
        {
            Some(unknown) => Err(at.key("subTypes").error(format!("unknown model `{unknown}`"))),
            None => Ok(()),
        }
    }

    fn model(&mut self, model: &'s swagger::Model, at: &At<'s>) -> Result<Model> {
        self.check_sub_types(model, at)?;
        let is_event = self.tree.is_event(&model.id);
        let mut properties = Vec::new();
        for (ancestor, at) in self.lineage(model, at)? {
            for property in self.properties(ancestor, &at)? {
                let at = at.key("properties").key(&property.wire);
                add(&mut properties, property, &at)?;
            }
        }
        if is_event {
            properties.retain(|property| !self.tree.is_discriminator(&property.wire));
        }
        Ok(Model {
            wire: model.id.clone(),
            name: Name::new(&model.id),
            properties,
            role: if is_event { Role::Event } else { Role::Plain },
            description: model.description.clone(),
        })
    }

    /// `model` and its ancestors, the oldest first.
    fn lineage(&self, model: &'s swagger::Model, at: &At<'s>) -> Result<Vec<(&'s swagger::Model, At<'s>)>> {
        let mut lineage = vec![(model, at.clone())];
        let mut current = model.id.as_str();
        while let Some(parent) = self.tree.parent(current) {
            let found = self
                .find(parent)
                .filter(|(found, _)| lineage.iter().all(|(known, _)| known.id != found.id));
            let (model, at) =
                found.ok_or_else(|| at.error(format!("inherits from itself, by way of `{parent}`")))?;
            lineage.push((model, at));
            current = &model.id;
        }
        lineage.reverse();
        Ok(lineage)
    }

    fn find(&self, id: &str) -> Option<(&'s swagger::Model, At<'s>)> {
        let (key, name) = self.known.get_key_value(id)?;
        let file = self.spec.files.iter().find(|file| file.name == *name)?;
        let models = &file.declaration.models.0;
        let model = models
            .iter()
            .find_map(|(known, model)| (known == key).then_some(model))?;
        Some((model, At::file(name).key("models").key(key)))
    }

    fn properties(&mut self, model: &swagger::Model, at: &At<'_>) -> Result<Vec<Property>> {
        let identity = identity(model);
        let mut properties = Vec::new();
        for (wire, property) in &model.properties.0 {
            let at = at.key("properties").key(wire);
            let name = Name::new(wire);
            if name.is_empty() {
                return Err(at.error("the name holds no words"));
            }
            let ty = match (&property.allowable_values, property.data_type.as_str()) {
                (Some(AllowableValues::List { values }), "string") => {
                    self.enums.of_property(&model.id, wire, values, &at)?
                }
                (_, data_type) => self.type_of(data_type, &at.key("type"))?,
            };
            let required = property.required.unwrap_or(false);
            let presence = presence(required, identity == Some(wire.as_str()), &ty);
            properties.push(Property {
                wire: wire.clone(),
                name,
                ty,
                presence,
                declared_by: model.id.clone(),
                description: property.description.clone(),
            });
        }
        Ok(properties)
    }
}

/// Adds `property`, in the place of an inherited one of the same wire name.
fn add(properties: &mut Vec<Property>, property: Property, at: &At<'_>) -> Result<()> {
    properties.retain(|inherited| inherited.wire != property.wire);
    if let Some(other) = properties.iter().find(|other| other.name == property.name) {
        let problem = format!("becomes `{}`, as `{}` does", property.name.snake(), other.wire);
        return Err(at.error(problem));
    }
    properties.push(property);
    Ok(())
}

/// The property by which an object of `model` is known: its id, or else its name.
fn identity(model: &swagger::Model) -> Option<&'static str> {
    ["id", "name"]
        .into_iter()
        .find(|name| model.properties.0.iter().any(|(wire, _)| wire == name))
}

fn presence(required: bool, is_identity: bool, ty: &Type) -> Presence {
    match (required, ty) {
        (false, _) => Presence::Optional,
        (true, Type::Model(_)) => Presence::Strict,
        (true, _) if is_identity => Presence::Strict,
        (true, _) => Presence::Defaulted,
    }
}
