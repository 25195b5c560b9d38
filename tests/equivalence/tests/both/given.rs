//! What an operation is called with.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Arguments by the parameter's name on the wire, as JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Given(BTreeMap<String, Value>);

impl Given {
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The argument `name` as a client takes it. A required one is always there.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> T {
        let value = self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("`{name}` is not given"));
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("`{name}`: {error}: {value}"))
    }

    /// The list of pairs `name`.
    pub(crate) fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let text = |pair: &Value, key: &str| pair[key].as_str().unwrap().to_owned();
        let pairs = self.read::<Vec<Value>>(name);
        pairs
            .iter()
            .map(|pair| (text(pair, "attribute"), text(pair, "value")))
            .collect()
    }
}
