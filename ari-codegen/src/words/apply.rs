//! Puts words to the items of an interface.

use std::collections::BTreeMap;

use super::ledger::Ledger;
use super::{EnumWords, ModelWords, OperationWords, ResourceWords, Words};
use crate::error::Result;
use crate::ir::{Enum, Interface, Model, Operation, Param, Reply, Resource};

/// Describes every item of `interface` by `words`.
pub(crate) fn apply(words: &Words, interface: &mut Interface) -> Result<()> {
    let mut words = words.clone();
    let mut ledger = Ledger::default();
    for resource in &mut interface.resources {
        match words.resources.remove(&resource.wire) {
            Some(words) => describe(resource, &mut interface.models, words, &mut ledger),
            None => ledger.note(format!("{}.toml is missing", resource.wire)),
        }
    }
    for stray in words.resources.keys() {
        ledger.note(format!("{stray}.toml describes nothing in the specification"));
    }
    enums(&mut interface.enums, words.enums, &mut ledger);
    ledger.close()
}

fn describe(resource: &mut Resource, models: &mut [Model], words: ResourceWords, ledger: &mut Ledger) {
    let file = format!("{}.toml: ", resource.wire);
    resource.description = ledger.say(Some(words.is), &format!("{file}is"));
    let mut shared = Shared::new(words.params);
    let mut operations = words.operations;
    for operation in &mut resource.operations {
        let at = format!("{file}operations");
        if let Some(words) = ledger.take(&mut operations, &operation.nickname, &at) {
            describe_operation(
                operation,
                words,
                &mut shared,
                &format!("{at}.{}", operation.nickname),
                ledger,
            );
        }
    }
    ledger.nothing_left(&operations, &format!("{file}operations"));
    ledger.nothing_left(&shared.unused, &format!("{file}params"));
    let mut words = words.models;
    let at = format!("{file}models");
    for wire in &resource.models {
        if let Some(words) = ledger.take(&mut words, wire, &at) {
            describe_model(wire, models, words, &format!("{at}.{wire}"), ledger);
        }
    }
    ledger.nothing_left(&words, &at);
}

/// Words for parameters of the same name in several operations.
struct Shared {
    words: BTreeMap<String, String>,
    unused: BTreeMap<String, String>,
}

impl Shared {
    fn new(words: BTreeMap<String, String>) -> Self {
        let unused = words.clone();
        Self { words, unused }
    }

    fn get(&mut self, name: &str) -> Option<String> {
        self.unused.remove(name);
        self.words.get(name).cloned()
    }
}

fn describe_operation(
    operation: &mut Operation,
    words: OperationWords,
    shared: &mut Shared,
    at: &str,
    ledger: &mut Ledger,
) {
    operation.description = ledger.say(Some(words.does), &format!("{at}.does"));
    let replies = operation.reply != Reply::Nothing;
    if replies != words.reply.is_some() {
        let problem = if replies {
            "is missing"
        } else {
            "describes no reply"
        };
        ledger.note(format!("{at}.reply {problem}"));
    }
    operation.reply_description = ledger.say(words.reply, &format!("{at}.reply"));
    if operation.websocket == words.example.is_some() {
        let problem = if operation.websocket {
            "is not for an upgrade"
        } else {
            "is missing"
        };
        ledger.note(format!("{at}.example {problem}"));
    }
    operation.example = ledger.say(words.example, &format!("{at}.example"));
    describe_params(
        &mut operation.params,
        words.params,
        shared,
        &format!("{at}.params"),
        ledger,
    );
    let at = format!("{at}.statuses");
    for code in operation.errors.iter().map(u16::to_string) {
        if !words.statuses.contains_key(&code) {
            ledger.note(format!("{at}.{code} is missing"));
        }
    }
    for (code, text) in words.statuses {
        match code.parse() {
            Ok(number) => {
                let text = ledger.say(Some(text), &format!("{at}.{code}"));
                operation.statuses.extend(text.map(|text| (number, text)));
            }
            Err(_) => ledger.note(format!("{at}.{code} is no status code")),
        }
    }
}

fn describe_params(
    params: &mut [Param],
    mut words: BTreeMap<String, String>,
    shared: &mut Shared,
    at: &str,
    ledger: &mut Ledger,
) {
    for param in params {
        let own = words.remove(&param.wire);
        match own.or_else(|| shared.get(&param.wire)) {
            Some(text) => param.description = ledger.say(Some(text), &format!("{at}.{}", param.wire)),
            None => ledger.note(format!("{at}.{} is missing", param.wire)),
        }
    }
    ledger.nothing_left(&words, at);
}

/// Describes the model `wire`, and its properties wherever they are inherited.
fn describe_model(wire: &str, models: &mut [Model], mut words: ModelWords, at: &str, ledger: &mut Ledger) {
    if let Some(model) = models.iter_mut().find(|model| model.wire == wire) {
        model.description = ledger.say(Some(words.is), &format!("{at}.is"));
    }
    let at = format!("{at}.properties");
    let declared = models.iter_mut().flat_map(|model| &mut model.properties);
    let mut said = BTreeMap::new();
    for property in declared.filter(|property| property.declared_by == wire) {
        let name = &property.wire;
        if !said.contains_key(name) {
            said.insert(name.clone(), ledger.words(&mut words.properties, name, &at));
        }
        property.description = said.get(name).cloned().flatten();
    }
    ledger.nothing_left(&words.properties, &at);
}

fn enums(enums: &mut [Enum], mut words: BTreeMap<String, EnumWords>, ledger: &mut Ledger) {
    let at = "enums.toml: enums";
    for listed in enums {
        let name = listed.name.pascal();
        let Some(mut words) = ledger.take(&mut words, &name, at) else {
            continue;
        };
        listed.description = ledger.say(Some(words.is), &format!("{at}.{name}.is"));
        let at = format!("{at}.{name}.values");
        for value in &mut listed.values {
            value.description = ledger.words(&mut words.values, &value.wire, &at);
        }
        ledger.nothing_left(&words.values, &at);
    }
    ledger.nothing_left(&words, at);
}
