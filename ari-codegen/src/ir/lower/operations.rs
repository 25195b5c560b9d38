//! Resources and their operations.

use std::collections::BTreeMap;

use super::super::{Content, Method, Name, Operation, Param, Place, Reply, Resource, Segment, Type};
use super::{At, Lowering};
use crate::error::Result;
use crate::swagger::{self, AllowableValues, Code, SpecFile};

impl Lowering<'_> {
    pub(super) fn resources(&mut self) -> Result<Vec<Resource>> {
        let mut resources: Vec<Resource> = Vec::new();
        for (index, file) in self.spec.files.iter().enumerate() {
            let at = At::file("resources.json").item("apis", index).key("path");
            let resource = self.resource(file)?;
            if resource.name.is_empty() {
                return Err(at.error(format!("the name `{}` holds no words", resource.wire)));
            }
            if let Some(other) = resources.iter().find(|other| other.name == resource.name) {
                return Err(at.error(becomes(&resource.wire, &resource.name.snake(), &other.wire)));
            }
            resources.push(resource);
        }
        Ok(resources)
    }

    fn resource(&mut self, file: &SpecFile) -> Result<Resource> {
        let wire = file.name.trim_end_matches(".json").to_owned();
        let mut operations: Vec<Operation> = Vec::new();
        for (index, api) in file.declaration.apis.iter().enumerate() {
            let at = At::file(&file.name).item("apis", index);
            for (index, operation) in api.operations.iter().enumerate() {
                let at = at.item("operations", index);
                let operation = self.operation(&wire, &api.path, operation, &at)?;
                if let Some(other) = operations.iter().find(|other| other.name == operation.name) {
                    let problem = becomes(&operation.nickname, &operation.name.pascal(), &other.nickname);
                    return Err(at.key("nickname").error(problem));
                }
                operations.push(operation);
            }
        }
        Ok(Resource {
            name: Name::new(&wire),
            wire,
            operations,
            models: file
                .declaration
                .models
                .0
                .iter()
                .map(|(key, _)| key.clone())
                .collect(),
            description: None,
        })
    }

    fn operation(
        &mut self,
        resource: &str,
        path: &str,
        operation: &swagger::Operation,
        at: &At<'_>,
    ) -> Result<Operation> {
        let mut params: Vec<Param> = Vec::new();
        for (index, param) in operation.parameters.iter().enumerate() {
            let names = (resource, operation.nickname.as_str(), param.name.as_str());
            let at = at.item("parameters", index);
            let param = self.param(names, param, &at)?;
            if let Some(other) = params.iter().find(|other| other.name == param.name) {
                let problem = becomes(&param.wire, &param.name.snake(), &other.wire);
                return Err(at.key("name").error(problem));
            }
            params.push(param);
        }
        let name = Name::new(&operation.nickname);
        if name.is_empty() {
            return Err(at.key("nickname").error("the name holds no words"));
        }
        Ok(Operation {
            nickname: operation.nickname.clone(),
            name,
            method: method(&operation.http_method, at)?,
            path: segments(path, &params, at)?,
            detour: None,
            params,
            reply: self.reply(&operation.response_class, at)?,
            errors: errors(operation, at)?,
            since: operation.since.clone(),
            websocket: operation.upgrade.as_deref() == Some("websocket"),
            description: prose(operation),
            reply_description: None,
            statuses: reasons(operation),
            example: None,
        })
    }

    fn reply(&self, class: &str, at: &At<'_>) -> Result<Reply> {
        Ok(match class {
            "void" => Reply::Nothing,
            "binary" => Reply::Bytes,
            class => Reply::Json(self.type_of(class, &at.key("responseClass"))?),
        })
    }

    fn param(&mut self, names: (&str, &str, &str), param: &swagger::Parameter, at: &At<'_>) -> Result<Param> {
        let name = Name::new(&param.name);
        if name.is_empty() {
            return Err(at.key("name").error("the name holds no words"));
        }
        let (min, max) = match param.allowable_values {
            Some(AllowableValues::Range { min, max }) => (min, max),
            _ => (None, None),
        };
        Ok(Param {
            wire: param.name.clone(),
            name,
            place: self.place(names, param, at)?,
            required: required(param, at)?,
            default: param.default_value.clone(),
            min,
            max,
            creates: None,
            description: param.description.clone(),
        })
    }

    fn place(&mut self, names: (&str, &str, &str), param: &swagger::Parameter, at: &At<'_>) -> Result<Place> {
        match (param.param_type.as_str(), param.data_type.as_str()) {
            ("path", "string") => Ok(Place::Path),
            ("path", other) => Err(at.key("dataType").error(format!("`{other}` in a path"))),
            ("query", _) => self.query(names, param, at).map(Place::Query),
            ("body", "containers") => Ok(Place::BodyKey(Content::Anything)),
            ("body", "object") => Ok(Place::Body),
            ("body", other) => Err(at
                .key("dataType")
                .error(format!("unknown type of body `{other}`"))),
            (other, _) => Err(at
                .key("paramType")
                .error(format!("unknown type of parameter `{other}`"))),
        }
    }

    fn query(&mut self, names: (&str, &str, &str), param: &swagger::Parameter, at: &At<'_>) -> Result<Type> {
        let ty = match (&param.allowable_values, param.data_type.as_str()) {
            (Some(AllowableValues::List { values }), "string") => self.enums.of_param(names, values, at)?,
            (_, data_type) => self.type_of(data_type, &at.key("dataType"))?,
        };
        if matches!(ty, Type::Model(_) | Type::Object | Type::List(_)) {
            return Err(at
                .key("dataType")
                .error(format!("`{}` in a query", param.data_type)));
        }
        let multiple = param.allow_multiple.unwrap_or(false);
        Ok(if multiple { Type::List(Box::new(ty)) } else { ty })
    }
}

/// Two names on the wire that are one in code.
fn becomes(wire: &str, name: &str, other: &str) -> String {
    format!("`{wire}` becomes `{name}`, as `{other}` does")
}

/// A request without a part of its path is another request.
fn required(param: &swagger::Parameter, at: &At<'_>) -> Result<bool> {
    match (param.param_type.as_str(), param.required.unwrap_or(false)) {
        ("path", false) => Err(at.key("required").error("a part of a path is not required")),
        (_, required) => Ok(required),
    }
}

fn method(text: &str, at: &At<'_>) -> Result<Method> {
    match text {
        "GET" => Ok(Method::Get),
        "POST" => Ok(Method::Post),
        "PUT" => Ok(Method::Put),
        "DELETE" => Ok(Method::Delete),
        other => Err(at.key("httpMethod").error(format!("unknown method `{other}`"))),
    }
}

/// The segments of a path such as `/channels/{channelId}/play`, each parameter among them declared.
pub(crate) fn parse_path(path: &str) -> Vec<Segment> {
    let segments = path.trim_matches('/').split('/');
    segments
        .map(
            |segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(param) => Segment::Param(param.to_owned()),
                None => Segment::Literal(segment.to_owned()),
            },
        )
        .collect()
}

fn segments(path: &str, params: &[Param], at: &At<'_>) -> Result<Vec<Segment>> {
    let segments = parse_path(path);
    let in_path = |name: &str| segments.contains(&Segment::Param(name.to_owned()));
    if let Some(param) = params
        .iter()
        .find(|param| param.place == Place::Path && !in_path(&param.wire))
    {
        return Err(at.error(format!("the path `{path}` does not hold `{}`", param.wire)));
    }
    let declared = |name: &str| {
        params
            .iter()
            .any(|param| param.place == Place::Path && param.wire == name)
    };
    for (index, segment) in segments.iter().enumerate() {
        let Segment::Param(name) = segment else { continue };
        if !declared(name) {
            return Err(at.error(format!("`{name}` of the path `{path}` is not declared")));
        }
        if segments[..index].contains(segment) {
            return Err(at.error(format!("the path `{path}` holds `{name}` twice")));
        }
    }
    Ok(segments)
}

fn errors(operation: &swagger::Operation, at: &At<'_>) -> Result<Vec<u16>> {
    let responses = operation.error_responses.iter().enumerate();
    let codes = responses.map(|(index, response)| match &response.code {
        Code::Number(code) => Ok(*code),
        Code::Text(code) => Err(at
            .item("errorResponses", index)
            .key("code")
            .error(format!("the string `{code}` in place of a number"))),
    });
    let mut codes = codes.collect::<Result<Vec<_>>>()?;
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

/// What the specification says of the error statuses.
fn reasons(operation: &swagger::Operation) -> BTreeMap<u16, String> {
    let responses = operation.error_responses.iter();
    let reasons = responses.filter_map(|response| match (&response.code, &response.reason) {
        (Code::Number(code), Some(reason)) => Some((*code, reason.clone())),
        _ => None,
    });
    reasons.collect()
}

/// The specification's own words, where it has any.
fn prose(operation: &swagger::Operation) -> Option<String> {
    match (&operation.summary, &operation.notes) {
        (Some(summary), Some(notes)) => Some(format!("{summary}\n\n{notes}")),
        (summary, notes) => summary.clone().or_else(|| notes.clone()),
    }
}
