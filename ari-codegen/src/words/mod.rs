//! Words for what a specification describes: a folder of TOML files, one for each resource, and `enums.toml`.
//!
//! They take the place of the specification's own prose, and are complete: an item without words and words
//! without an item are errors.

mod apply;
mod ledger;
mod read;

use std::collections::BTreeMap;

use serde::Deserialize;

pub(crate) use apply::apply;

/// Words for every item of a specification.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// By file name without its ending: the resource's name.
    resources: BTreeMap<String, ResourceWords>,
    enums: BTreeMap<String, EnumWords>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceWords {
    is: String,
    /// For parameters that mean the same in several operations.
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    operations: BTreeMap<String, OperationWords>,
    #[serde(default)]
    models: BTreeMap<String, ModelWords>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationWords {
    does: String,
    reply: Option<String>,
    example: Option<String>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    statuses: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelWords {
    is: String,
    #[serde(default)]
    properties: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnumWords {
    is: String,
    values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnumFile {
    enums: BTreeMap<String, EnumWords>,
}
