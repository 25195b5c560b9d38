//! What a client stands on that `ari-codegen generate --backend progenitor` wrote.
//!
//! It has the shape of what progenitor's clients use otherwise (reqwest and `progenitor-client`), and sends by an
//! [`Ari`]: over any transport, encoded as Asterisk reads it, and known to the applications that run beside.

mod reply;

use serde::Serialize;
use serde_json::Value;

use crate::client::Ari;
use crate::encode::Encoder;
use crate::error::{Error as AriError, Result};
use crate::id::{ObjectKind, new_id};
use crate::request::{Method, RawRequest};

pub use reply::{ByteStream, Error, Response, ResponseValue, StatusCode};

/// Sends requests.
#[derive(Debug, Clone)]
pub struct Client {
    ari: Ari,
}

impl Client {
    /// A client that sends by `ari`.
    #[must_use]
    pub fn new(ari: &Ari) -> Self {
        Self { ari: ari.clone() }
    }

    /// Begins a `GET` request.
    #[must_use]
    pub fn get(&self, path: Path) -> RequestBuilder {
        RequestBuilder::new(Method::Get, path)
    }

    /// Begins a `POST` request.
    #[must_use]
    pub fn post(&self, path: Path) -> RequestBuilder {
        RequestBuilder::new(Method::Post, path)
    }

    /// Begins a `PUT` request.
    #[must_use]
    pub fn put(&self, path: Path) -> RequestBuilder {
        RequestBuilder::new(Method::Put, path)
    }

    /// Begins a `DELETE` request.
    #[must_use]
    pub fn delete(&self, path: Path) -> RequestBuilder {
        RequestBuilder::new(Method::Delete, path)
    }

    /// Sends a request. Any answer that the OpenAPI document describes is a response, a refusal as well.
    ///
    /// # Errors
    /// A request that cannot be sent, no answer, or one that is not ARI's.
    pub async fn exec(&self, request: Request, operation: &Operation) -> Result<Response> {
        let reply = self.ari.request(request.encode(operation)?).await;
        reply.map_or_else(Response::refusal, |reply| {
            Ok(Response::new(reply.status, reply.body))
        })
    }
}

/// A path with names in it, and the values in their order.
#[derive(Debug, Clone)]
pub struct Path {
    template: &'static str,
    values: Vec<String>,
}

impl Path {
    /// The path `template`, such as `/channels/{channelId}`, with a value for each name.
    pub fn new(template: &'static str, values: impl IntoIterator<Item = String>) -> Self {
        Self {
            template,
            values: values.into_iter().collect(),
        }
    }
}

/// The parts of a path below the root.
fn parts(template: &'static str) -> impl Iterator<Item = Part> {
    template.trim_start_matches('/').split('/').map(|part| {
        let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        name.map_or(Part::Literal(part), Part::Name)
    })
}

enum Part {
    Literal(&'static str),
    Name(&'static str),
}

/// A query parameter.
#[derive(Debug)]
pub struct QueryParam<'v, T> {
    name: &'static str,
    value: &'v T,
}

impl<'v, T> QueryParam<'v, T> {
    /// The parameter `name`; a list stays one.
    pub fn new(name: &'static str, value: &'v T) -> Self {
        Self { name, value }
    }
}

/// A request that is being put together.
#[derive(Debug)]
pub struct RequestBuilder {
    request: Request,
    problem: Option<AriError>,
}

impl RequestBuilder {
    fn new(method: Method, path: Path) -> Self {
        let names = parts(path.template).filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Name(name) => Some(name),
        });
        let values = names.zip(path.values.into_iter().map(Value::String));
        let request = Request {
            method,
            template: path.template,
            values: values.collect(),
            body: None,
        };
        Self {
            request,
            problem: None,
        }
    }

    /// Adds a query parameter if it has a value.
    #[must_use]
    pub fn query<T: Serialize>(mut self, param: &QueryParam<'_, T>) -> Self {
        match serde_json::to_value(param.value) {
            Ok(Value::Null) => {}
            Ok(value) => self.request.values.push((param.name, value)),
            Err(error) => self.refuse(param.name, &error),
        }
        self
    }

    /// Sets the JSON body.
    #[must_use]
    pub fn json<T: Serialize>(mut self, body: &T) -> Self {
        match serde_json::to_value(body) {
            Ok(body) => self.request.body = Some(body),
            Err(error) => self.refuse("body", &error),
        }
        self
    }

    /// The request.
    ///
    /// # Errors
    /// A value that cannot be sent.
    pub fn build(self) -> Result<Request> {
        self.problem.map_or(Ok(self.request), Err)
    }

    fn refuse(&mut self, name: &str, error: &serde_json::Error) {
        let problem = AriError::invalid(format!("`{name}` is not JSON: {error}"));
        self.problem.get_or_insert(problem);
    }
}

/// A request as progenitor understands the OpenAPI document.
#[derive(Debug)]
pub struct Request {
    method: Method,
    template: &'static str,
    /// What the path names, then the query.
    values: Vec<(&'static str, Value)>,
    body: Option<Value>,
}

/// What the OpenAPI document does not tell of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The name, such as `channels.originate`.
    pub name: &'static str,
    /// The parameters that are the ids of new objects, and whether the client makes an id where none is given.
    pub creates: &'static [(&'static str, ObjectKind, bool)],
    /// The lists that need an item.
    pub lists: &'static [&'static str],
    /// The path that the request takes in place of its own.
    pub detour: Option<&'static str>,
    /// Whether the body is a value of its own, not keys beside the query's.
    pub whole_body: bool,
}

impl Operation {
    /// An operation of which the document tells all but the name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            creates: &[],
            lists: &[],
            detour: None,
            whole_body: false,
        }
    }

    fn creates(&self, name: &str) -> Option<ObjectKind> {
        let mut created = self.creates.iter();
        created.find_map(|(known, kind, _)| (*known == name).then_some(*kind))
    }

    /// The ids that the client makes, of those that `values` do not give.
    fn made(&self, values: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
        let given = |name: &str| values.iter().any(|(known, _)| *known == name);
        self.creates
            .iter()
            .filter(|(name, _, always)| *always && !given(name))
            .map(|(name, kind, _)| (*name, Value::String(new_id(*kind))))
            .collect()
    }

    fn segment(&self, encoder: Encoder, name: &'static str, value: String) -> Encoder {
        match self.creates(name) {
            Some(kind) => encoder.created_segment(name, kind, value),
            None => encoder.segment(name, value),
        }
    }

    fn query(&self, encoder: Encoder, name: &'static str, value: Value) -> Encoder {
        match (self.creates(name), value) {
            (Some(kind), Value::String(id)) => encoder.created(name, kind, id),
            (_, Value::Array(items)) if self.lists.contains(&name) => encoder.query_items(name, items),
            (_, Value::Array(items)) => encoder.query_list(name, items),
            (_, value) => encoder.query(name, value),
        }
    }
}

impl Request {
    /// The request as Asterisk reads it.
    fn encode(mut self, operation: &Operation) -> Result<RawRequest> {
        let made = operation.made(&self.values);
        self.values.extend(made);
        let mut encoder = Encoder::new(operation.name, self.method);
        for part in parts(operation.detour.unwrap_or(self.template)) {
            encoder = match part {
                Part::Literal(text) => encoder.literal(text),
                Part::Name(name) => operation.segment(encoder, name, self.take(name)),
            };
        }
        for (name, value) in self.values {
            encoder = operation.query(encoder, name, value);
        }
        match self.body {
            Some(body) if operation.whole_body => encoder.whole_body("body", Some(body)),
            Some(Value::Object(body)) => encoder.body_object(body),
            Some(_) => {
                return Err(AriError::invalid("`body` is no JSON object").with_operation(operation.name));
            }
            None => encoder,
        }
        .finish()
    }

    /// Takes out the text under `name`; nothing is an empty one, which no path may hold.
    fn take(&mut self, name: &str) -> String {
        let at = self.values.iter().position(|(known, _)| *known == name);
        match at.map(|at| self.values.remove(at)) {
            Some((_, Value::String(text))) => text,
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests;
