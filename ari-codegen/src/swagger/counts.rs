//! How much a specification describes.

use std::fmt;

use super::Spec;

/// The size of a specification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Operations, the upgrade to a WebSocket included.
    pub operations: usize,
    /// Parameters of all operations.
    pub parameters: usize,
    /// Models, the events among them included.
    pub models: usize,
    /// Properties of all models, inherited ones counted once.
    pub properties: usize,
    /// Events.
    pub events: usize,
}

impl Spec {
    /// Counts what the specification describes.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            events: self.events().len(),
            ..Counts::default()
        };
        for file in &self.files {
            for operation in file.declaration.apis.iter().flat_map(|api| &api.operations) {
                counts.operations += 1;
                counts.parameters += operation.parameters.len();
            }
            for (_, model) in &file.declaration.models.0 {
                counts.models += 1;
                counts.properties += model.properties.0.len();
            }
        }
        counts
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operations,
            parameters,
            models,
            properties,
            events,
        } = self;
        write!(f, "{operations} operations with {parameters} parameters, ")?;
        write!(
            f,
            "{models} models with {properties} properties, {events} of them events"
        )
    }
}
