//! The tree of events, which is declared from the top down.

use std::collections::{BTreeMap, BTreeSet};

use crate::swagger::Spec;

/// Which models are events, and whom each model inherits from.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    parents: BTreeMap<String, String>,
    events: BTreeSet<String>,
    discriminator: Option<String>,
}

impl Tree {
    /// Reads the sub types of every model.
    pub(crate) fn new(spec: &Spec) -> Self {
        let mut tree = Self::default();
        for model in spec.models() {
            for sub_type in &model.sub_types {
                tree.parents.insert(sub_type.clone(), model.id.clone());
            }
        }
        tree.events = spec.events().into_iter().cloned().collect();
        tree.discriminator = spec.root().and_then(|root| root.discriminator.clone());
        tree
    }

    /// The model that `model` inherits from.
    pub(crate) fn parent(&self, model: &str) -> Option<&str> {
        self.parents.get(model).map(String::as_str)
    }

    pub(crate) fn is_event(&self, model: &str) -> bool {
        self.events.contains(model)
    }

    /// Whether `property` tells messages apart, so that an event need not keep it.
    pub(crate) fn is_discriminator(&self, property: &str) -> bool {
        self.discriminator.as_deref() == Some(property)
    }
}
