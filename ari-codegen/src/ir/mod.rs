//! What the interface is, in terms that no target language and no file format shapes.
//!
//! Backends read this and nothing else.

mod events;
mod lower;
mod names;
mod routing;
mod types;

pub(crate) use lower::lower;
pub(crate) use names::Name;
pub(crate) use routing::{Routed, routed};

use std::collections::BTreeMap;

use serde_json::Value;

/// The whole interface of one version of Asterisk.
#[derive(Debug, Clone)]
pub(crate) struct Interface {
    pub(crate) version: String,
    pub(crate) resources: Vec<Resource>,
    pub(crate) models: Vec<Model>,
    pub(crate) enums: Vec<Enum>,
}

/// A group of operations: one declaration.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// As in the names of operations: `deviceStates` in `deviceStates.list`.
    pub(crate) wire: String,
    /// What it is called in code.
    pub(crate) name: Name,
    pub(crate) operations: Vec<Operation>,
    /// The wire names of the models that it declares.
    pub(crate) models: Vec<String>,
    pub(crate) description: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) nickname: String,
    pub(crate) name: Name,
    pub(crate) method: Method,
    /// The documented path.
    pub(crate) path: Vec<Segment>,
    /// The path that is used in its place, where a fixup says so.
    pub(crate) detour: Option<Vec<Segment>>,
    pub(crate) params: Vec<Param>,
    pub(crate) reply: Reply,
    /// The documented error statuses.
    pub(crate) errors: Vec<u16>,
    pub(crate) since: Vec<String>,
    /// An upgrade to a WebSocket, no request.
    pub(crate) websocket: bool,
    pub(crate) description: Option<String>,
    /// What the reply holds.
    pub(crate) reply_description: Option<String>,
    /// What statuses mean, undocumented ones among them.
    pub(crate) statuses: BTreeMap<u16, String>,
    /// Lines of Rust that use it.
    pub(crate) example: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Delete,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    /// The value of the parameter of this name.
    Param(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    Nothing,
    Bytes,
    Json(Type),
}

#[derive(Debug, Clone)]
pub(crate) struct Param {
    pub(crate) wire: String,
    pub(crate) name: Name,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) default: Option<Value>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    /// The object that gets this value as its id.
    pub(crate) creates: Option<Creates>,
    pub(crate) description: Option<String>,
}

/// Where a parameter's value travels, and what it may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    Path,
    /// The query, or a key of the JSON body.
    Query(Type),
    /// A key of the JSON body.
    BodyKey(Content),
    /// The whole JSON body.
    Body,
}

/// The JSON under a key of a body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// An object of strings.
    Texts,
    /// An object of channel or bridge variables: strings, or objects that also tell to report changes.
    Variables,
    /// An object of anything.
    Values,
    /// A list of objects of a model that has these two string properties.
    Pairs {
        model: String,
        name: String,
        value: String,
    },
    /// Anything.
    Anything,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Creates {
    pub(crate) kind: Kind,
    /// Whether the object comes to be although no id is given.
    pub(crate) always: bool,
}

/// A kind of object that events are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Channel,
    Bridge,
    Playback,
    Recording,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    Text,
    Integer,
    Float,
    Boolean,
    Timestamp,
    /// A JSON object of any content.
    Object,
    List(Box<Type>),
    /// The enumeration of this name.
    Enum(Name),
    /// The model of this wire name.
    Model(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) wire: String,
    pub(crate) name: Name,
    /// With the inherited ones, which come first.
    pub(crate) properties: Vec<Property>,
    pub(crate) role: Role,
    pub(crate) description: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A part of a request, a reply or an event.
    Plain,
    /// An event, told apart by its wire name in the property `type`, which it does not list.
    Event,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Property {
    pub(crate) wire: String,
    pub(crate) name: Name,
    pub(crate) ty: Type,
    pub(crate) presence: Presence,
    /// The wire name of the model that has it, or passes it on.
    pub(crate) declared_by: String,
    pub(crate) description: Option<String>,
}

/// How a reader meets the absence of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// As an error: without it the object means nothing.
    Strict,
    /// With an empty value: the specification promises it, and servers do not always keep that.
    Defaulted,
    Optional,
}

/// A string with values that are known, which may have others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Enum {
    pub(crate) name: Name,
    pub(crate) values: Vec<EnumValue>,
    pub(crate) description: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EnumValue {
    pub(crate) wire: String,
    pub(crate) name: Name,
    pub(crate) description: Option<String>,
}

impl Interface {
    pub(crate) fn model(&self, wire: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.wire == wire)
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(|model| model.role == Role::Event)
    }
}

impl Type {
    /// The type of one item, for a list, else the type itself.
    pub(crate) fn item(&self) -> &Self {
        match self {
            Self::List(item) => item,
            single => single,
        }
    }
}

/// A path such as `/channels/{channelId}`.
pub(crate) fn template(segments: &[Segment]) -> String {
    let segments = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Param(name) => format!("/{{{name}}}"),
    });
    segments.collect()
}

impl Operation {
    /// The path that requests go to.
    pub(crate) fn route(&self) -> &[Segment] {
        self.detour.as_deref().unwrap_or(&self.path)
    }

    /// The parameters in the order of a call: what the path names, in its order, then the others as declared.
    pub(crate) fn ordered_params(&self) -> impl Iterator<Item = &Param> {
        let in_path = self.path.iter().filter_map(|segment| self.param_of(segment));
        in_path.chain(self.params.iter().filter(|param| param.place != Place::Path))
    }

    /// The parameter whose value the segment is.
    pub(crate) fn param_of(&self, segment: &Segment) -> Option<&Param> {
        match segment {
            Segment::Literal(_) => None,
            Segment::Param(name) => self.params.iter().find(|param| param.wire == *name),
        }
    }

    /// Whether the value of `param` is a segment of the route.
    pub(crate) fn routes_by(&self, param: &Param) -> bool {
        self.route()
            .iter()
            .any(|segment| matches!(segment, Segment::Param(name) if *name == param.wire))
    }
}
