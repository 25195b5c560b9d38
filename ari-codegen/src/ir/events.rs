//! The tree of events, which is declared from the top down.

use std::collections::BTreeMap;

use crate::swagger::{Model, Spec};

/// Which models are events, and whom each model inherits from.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    parents: BTreeMap<String, String>,
    events: Vec<String>,
    discriminator: Option<String>,
}

impl Tree {
    /// Reads the sub types of every model.
    ///
    /// An event is a sub type of a sub type of the model with the discriminator. What comes right below that one
    /// (`MissingParams`) is a message, but no event.
    pub(crate) fn new(spec: &Spec) -> Self {
        let models = || spec.files.iter().flat_map(|file| file.declaration.models.0.iter().map(|(_, model)| model));
        let mut tree = Self::default();
        for model in models() {
            for sub_type in &model.sub_types {
                tree.parents.insert(sub_type.clone(), model.id.clone());
            }
        }
        let Some(root) = models().find(|model| model.discriminator.is_some()) else { return tree };
        tree.discriminator.clone_from(&root.discriminator);
        let below = |model: &&Model| tree.parents.get(&model.id) == Some(&root.id);
        tree.events = models().filter(below).flat_map(|model| model.sub_types.clone()).collect();
        tree
    }

    /// The model that `model` inherits from.
    pub(crate) fn parent(&self, model: &str) -> Option<&str> {
        self.parents.get(model).map(String::as_str)
    }

    pub(crate) fn is_event(&self, model: &str) -> bool {
        self.events.iter().any(|event| event == model)
    }

    /// Whether `property` tells messages apart, so that an event need not keep it.
    pub(crate) fn is_discriminator(&self, property: &str) -> bool {
        self.discriminator.as_deref() == Some(property)
    }
}
