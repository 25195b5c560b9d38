//! The dialect's objects. What is a fact is read and written; what is prose is read at most.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ordered::Ordered;

/// `resources.json`: which declarations there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listing {
    /// A key of ours, written by `import`: Asterisk's own files tell only the version of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asterisk_version: Option<String>,
    pub(crate) api_version: String,
    pub(crate) swagger_version: String,
    pub(crate) apis: Vec<Listed>,
}

/// One declaration's place, such as `/api-docs/channels.{format}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) path: String,
}

/// One resource: its operations and models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Declaration {
    pub(crate) api_version: String,
    pub(crate) swagger_version: String,
    pub(crate) resource_path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) since: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) requires_modules: Vec<String>,
    pub(crate) apis: Vec<Api>,
    #[serde(default)]
    pub(crate) models: Ordered<Model>,
}

/// One path and what can be done there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Api {
    pub(crate) path: String,
    pub(crate) operations: Vec<Operation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) http_method: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) since: Vec<String>,
    #[serde(skip_serializing)]
    pub(crate) summary: Option<String>,
    #[serde(skip_serializing)]
    pub(crate) notes: Option<String>,
    pub(crate) nickname: String,
    /// `websocket` on the one operation that is no request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upgrade: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) websocket_protocol: Option<String>,
    pub(crate) response_class: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parameters: Vec<Parameter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) error_responses: Vec<ErrorResponse>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(skip_serializing)]
    pub(crate) description: Option<String>,
    pub(crate) param_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) allow_multiple: Option<bool>,
    pub(crate) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_value: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) allowable_values: Option<AllowableValues>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "valueType", rename_all = "UPPERCASE")]
pub(crate) enum AllowableValues {
    List {
        values: Vec<String>,
    },
    Range {
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ErrorResponse {
    pub(crate) code: Code,
    #[serde(skip_serializing)]
    pub(crate) reason: Option<String>,
}

/// A status code: a number, and in one place a string.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Code {
    Number(u16),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Model {
    pub(crate) id: String,
    #[serde(skip_serializing)]
    pub(crate) description: Option<String>,
    /// The property that tells the sub types apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) discriminator: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sub_types: Vec<String>,
    #[serde(default)]
    pub(crate) properties: Ordered<Property>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Property {
    #[serde(rename = "type")]
    pub(crate) data_type: String,
    #[serde(skip_serializing)]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) allowable_values: Option<AllowableValues>,
}
