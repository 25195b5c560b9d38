//! A call of each operation by both clients, generated from the OpenAPI document.
#![allow(unused_variables, reason = "some operations have no arguments")]

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use ari_client::{Ari, ObjectKind, Resources as _, VariableValue};
use ari_equivalence::client::{Client, types};
use ari_equivalence::enums;
use serde_json::Value;

use super::given::Given;

/// An operation on its way; what went wrong is told as text.
pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// One operation, and how each client calls it.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) params: &'static [Param],
    pub(crate) ours: for<'a> fn(&'a Ari, &'a Given) -> Sending<'a>,
    pub(crate) theirs: for<'a> fn(&'a Client, &'a Given) -> Sending<'a>,
}

pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
    /// The object that gets the value as its id, and whether the client makes an id where none is given.
    pub(crate) creates: Option<(ObjectKind, bool)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    /// A key of the JSON body.
    Body,
    /// The JSON body.
    Whole,
}

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Choice(&'static [&'static str]),
    Integer,
    Flag,
    Texts,
    Choices(&'static [&'static str]),
    Strings,
    Variables,
    Values,
    Pairs,
    Whole,
}

impl Operation {
    /// The path that a request goes to. Asterisk has a fault at `POST /bridges`, which clients go round.
    pub(crate) fn route(&self) -> &'static str {
        match self.name {
            "bridges.create" => "/bridges/{bridgeId}",
            _ => self.path,
        }
    }

    /// Whether the value of the parameter `name` is a part of the path.
    pub(crate) fn routes_by(&self, name: &str) -> bool {
        self.route()
            .split('/')
            .any(|part| part.trim_matches(['{', '}']) == name && part.starts_with('{'))
    }

    /// The operation of this name.
    pub(crate) fn named(name: &str) -> &'static Self {
        let found = OPERATIONS.iter().find(|operation| operation.name == name);
        found.unwrap_or_else(|| panic!("no operation {name}"))
    }
}

include!(concat!(env!("OUT_DIR"), "/driver.rs"));
