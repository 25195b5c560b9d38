//! Writes the driver: a table of the operations in the OpenAPI document, and a call of each by both clients.
//!
//! What an operation takes is read in the document, so that none is forgotten. What it creates, no document tells.

use std::fmt::Write as _;

use ari_codegen::CreatedId;
use serde_json::Value;

/// Resources whose methods have another name in our client.
const RENAMED: [(&str, &str); 1] = [("events", "user_events")];

/// What the parameter is called that is the whole body: a document has no name for it.
const WHOLE: &str = "filter";

type Result<T> = std::result::Result<T, String>;

/// The text of the driver for `document`, whose operations make new objects of the ids `created`.
pub(crate) fn text(document: &Value, created: &[CreatedId]) -> Result<String> {
    let mut table = String::new();
    let mut calls = String::new();
    let paths = document["paths"].as_object().ok_or("no paths")?;
    for (path, item) in paths {
        for (method, operation) in item.as_object().ok_or("no operations")? {
            let operation = Operation::read(document, method, path, operation)?;
            operation
                .describe(created, &mut table)
                .map_err(|error| error.to_string())?;
            operation
                .call_ours(&mut calls)
                .map_err(|error| error.to_string())?;
            operation
                .call_theirs(&mut calls)
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(format!(
        "pub(crate) static OPERATIONS: &[Operation] = &[\n{table}];\n{calls}"
    ))
}

struct Operation {
    method: String,
    path: String,
    resource: String,
    nickname: String,
    params: Vec<Param>,
}

struct Param {
    wire: String,
    place: &'static str,
    required: bool,
    kind: Kind,
}

enum Kind {
    Text,
    /// One of some texts, and the name of its type.
    Choice(String, Vec<String>),
    Integer,
    Flag,
    List(Box<Kind>),
    Strings,
    Variables,
    Values,
    Pairs(String),
    Whole,
}

impl Operation {
    fn read(document: &Value, method: &str, path: &str, operation: &Value) -> Result<Self> {
        let id = operation["operationId"].as_str().ok_or("no operationId")?;
        let (resource, nickname) = id.split_once('_').ok_or_else(|| format!("{id}: no resource"))?;
        let mut params = Vec::new();
        for param in operation["parameters"].as_array().into_iter().flatten() {
            let wire = param["name"].as_str().ok_or("no name")?.to_owned();
            params.push(Param {
                place: if param["in"] == "path" { "Path" } else { "Query" },
                required: param["required"] == true,
                kind: Kind::read(document, &param["schema"])
                    .ok_or_else(|| format!("{id}: {wire}: unknown schema"))?,
                wire,
            });
        }
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        params.extend(body_params(document, body).map_err(|problem| format!("{id}: {problem}"))?);
        Ok(Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            resource: resource.to_owned(),
            nickname: nickname.to_owned(),
            params,
        })
    }

    fn function(&self) -> String {
        format!(
            "{}_{}",
            ari_codegen::rust_name(&self.resource),
            ari_codegen::rust_name(&self.nickname).trim_end_matches('_')
        )
    }

    /// What the table says that the parameter `wire` creates.
    fn creates(&self, created: &[CreatedId], wire: &str) -> String {
        let name = format!("{}.{}", self.resource, self.nickname);
        let is_it = |id: &&CreatedId| id.operation == name && id.param == wire;
        created.iter().find(is_it).map_or_else(
            || "None".to_owned(),
            |id| format!("Some((ObjectKind::{}, {}))", id.kind, id.always),
        )
    }

    fn describe(&self, created: &[CreatedId], out: &mut String) -> std::fmt::Result {
        let (method, path, function) = (&self.method, &self.path, self.function());
        let (resource, nickname) = (&self.resource, &self.nickname);
        write!(
            out,
            "Operation {{ name: \"{resource}.{nickname}\", method: \"{method}\", path: \"{path}\", "
        )?;
        write!(
            out,
            "ours: ours_{function}, theirs: theirs_{function}, params: &["
        )?;
        for param in &self.params {
            let (wire, place, required) = (&param.wire, param.place, param.required);
            let (kind, creates) = (param.kind.described(), self.creates(created, wire));
            write!(
                out,
                "Param {{ name: \"{wire}\", place: Place::{place}, required: {required}, kind: Kind::{kind}, \
                creates: {creates} }}, "
            )?;
        }
        writeln!(out, "] }},")
    }

    fn call_ours(&self, out: &mut String) -> std::fmt::Result {
        let renamed = RENAMED.iter().find(|(wire, _)| *wire == self.resource);
        let accessor = renamed.map_or_else(
            || ari_codegen::rust_name(&self.resource),
            |(_, name)| (*name).to_owned(),
        );
        let method = ari_codegen::rust_name(&self.nickname);
        let required = self.params.iter().filter(|param| param.required);
        let arguments: Vec<_> = required.map(|param| param.kind.for_ours(&param.wire)).collect();
        let call = format!("ari.{accessor}().{method}({})", arguments.join(", "));
        let optional = self.params.iter().filter(|param| !param.required);
        let setters = optional.map(|param| {
            let setter = format!(
                "{}({})",
                ari_codegen::rust_name(&param.wire),
                param.kind.for_ours(&param.wire)
            );
            (param, setter)
        });
        self.function_of(out, "ours", "ari: &'a Ari", &call, setters, "")
    }

    fn call_theirs(&self, out: &mut String) -> std::fmt::Result {
        let call = format!("client.{}()", self.function());
        let setters = self.params.iter().map(|param| {
            let value = param.kind.for_theirs(&param.wire);
            let name = ari_codegen::rust_name(&param.wire);
            let setter = match (param.place, name.as_str()) {
                ("Body", name) => format!("body_map(|body| body.{name}({value}))"),
                ("Whole", _) => format!("body({value})"),
                // The builder's word for the body of the request is taken.
                (_, "body") if self.params.iter().any(|param| param.place == "Body") => {
                    format!("body_text({value})")
                }
                (_, name) => format!("{name}({value})"),
            };
            (param, setter)
        });
        self.function_of(out, "theirs", "client: &'a Client", &call, setters, ".send()")
    }

    fn function_of<'p>(
        &self,
        out: &mut String,
        whose: &str,
        argument: &str,
        call: &str,
        setters: impl Iterator<Item = (&'p Param, String)>,
        send: &str,
    ) -> std::fmt::Result {
        let function = self.function();
        writeln!(
            out,
            "fn {whose}_{function}<'a>({argument}, given: &'a Given) -> Sending<'a> {{ Box::pin(async move {{"
        )?;
        writeln!(out, "    let call = {call};")?;
        for (param, setter) in setters {
            writeln!(
                out,
                "    let call = if given.has(\"{}\") {{ call.{setter} }} else {{ call }};",
                param.wire
            )?;
        }
        writeln!(
            out,
            "    call{send}.await.map(drop).map_err(|error| error.to_string())\n}}) }}"
        )
    }
}

fn body_params(document: &Value, body: &Value) -> Result<Vec<Param>> {
    let Some(properties) = body["properties"].as_object() else {
        // The document cannot say that a body may be left out and have progenitor believe it.
        let whole = body.is_object().then(|| Param {
            wire: WHOLE.to_owned(),
            place: "Whole",
            required: false,
            kind: Kind::Whole,
        });
        return Ok(whole.into_iter().collect());
    };
    let required = |name: &str| {
        body["required"]
            .as_array()
            .is_some_and(|names| names.iter().any(|known| known == name))
    };
    let params = properties.iter().map(|(wire, schema)| {
        Ok(Param {
            wire: wire.clone(),
            place: "Body",
            required: required(wire),
            kind: Kind::read(document, schema).ok_or_else(|| format!("{wire}: unknown schema"))?,
        })
    });
    params.collect()
}

impl Kind {
    fn read(document: &Value, schema: &Value) -> Option<Self> {
        if let Some(target) = schema["$ref"]
            .as_str()
            .or_else(|| schema["allOf"][0]["$ref"].as_str())
        {
            let name = target.strip_prefix("#/components/schemas/")?;
            let target = &document["components"]["schemas"][name];
            let values = target["anyOf"][0]["enum"].as_array()?;
            let values = values.iter().filter_map(Value::as_str).map(str::to_owned);
            return Some(Self::Choice(name.to_owned(), values.collect()));
        }
        match schema["type"].as_str()? {
            "string" => Some(Self::Text),
            "integer" => Some(Self::Integer),
            "boolean" => Some(Self::Flag),
            "array" => match schema["items"]["$ref"]
                .as_str()
                .and_then(|target| target.rsplit('/').next())
            {
                Some(name) if document["components"]["schemas"][name]["type"] == "object" => {
                    Some(Self::Pairs(name.to_owned()))
                }
                _ => Self::read(document, &schema["items"]).map(|item| Self::List(Box::new(item))),
            },
            "object" => match &schema["additionalProperties"] {
                Value::Bool(true) => Some(Self::Values),
                values if values["type"] == "string" => Some(Self::Strings),
                values => values["$ref"].is_string().then_some(Self::Variables),
            },
            _ => None,
        }
    }

    /// The kind as the table has it.
    fn described(&self) -> String {
        match self {
            Self::Text => "Text".to_owned(),
            Self::Choice(_, values) => format!("Choice(&{values:?})"),
            Self::Integer => "Integer".to_owned(),
            Self::Flag => "Flag".to_owned(),
            Self::List(item) => match &**item {
                Self::Choice(_, values) => format!("Choices(&{values:?})"),
                _ => "Texts".to_owned(),
            },
            Self::Strings => "Strings".to_owned(),
            Self::Variables => "Variables".to_owned(),
            Self::Values => "Values".to_owned(),
            Self::Pairs(_) => "Pairs".to_owned(),
            Self::Whole => "Whole".to_owned(),
        }
    }

    /// The argument under `wire` as our client takes it.
    fn for_ours(&self, wire: &str) -> String {
        let ty = match self {
            Self::Text | Self::Choice(..) => "String",
            Self::Integer => "i64",
            Self::Flag => "bool",
            Self::List(_) => "Vec<String>",
            Self::Strings => "BTreeMap<String, String>",
            Self::Variables => "BTreeMap<String, VariableValue>",
            Self::Values => "BTreeMap<String, Value>",
            Self::Pairs(_) => return format!("given.pairs(\"{wire}\")"),
            Self::Whole => "Value",
        };
        format!("given.read::<{ty}>(\"{wire}\")")
    }

    /// The argument under `wire` as progenitor's client takes it.
    fn for_theirs(&self, wire: &str) -> String {
        let ty = match self {
            Self::List(item) => match &**item {
                Self::Choice(name, _) => format!("Vec<enums::{name}>"),
                _ => "Vec<String>".to_owned(),
            },
            Self::Values | Self::Whole => "serde_json::Map<String, Value>".to_owned(),
            Self::Pairs(model) => format!("Vec<types::{model}>"),
            _ => return self.for_ours(wire),
        };
        format!("given.read::<{ty}>(\"{wire}\")")
    }
}
