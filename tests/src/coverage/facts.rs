//! What there is to cover, read from the committed specification: nothing here is counted by hand.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// The declarations of the resources, with the names by which operations are known.
const DECLARATIONS: [(&str, &str); 11] = [
    (
        "asterisk",
        include_str!("../../../specs/asterisk-22/asterisk.json"),
    ),
    (
        "endpoints",
        include_str!("../../../specs/asterisk-22/endpoints.json"),
    ),
    (
        "channels",
        include_str!("../../../specs/asterisk-22/channels.json"),
    ),
    ("bridges", include_str!("../../../specs/asterisk-22/bridges.json")),
    (
        "recordings",
        include_str!("../../../specs/asterisk-22/recordings.json"),
    ),
    ("sounds", include_str!("../../../specs/asterisk-22/sounds.json")),
    (
        "playbacks",
        include_str!("../../../specs/asterisk-22/playbacks.json"),
    ),
    (
        "deviceStates",
        include_str!("../../../specs/asterisk-22/deviceStates.json"),
    ),
    (
        "mailboxes",
        include_str!("../../../specs/asterisk-22/mailboxes.json"),
    ),
    ("events", include_str!("../../../specs/asterisk-22/events.json")),
    (
        "applications",
        include_str!("../../../specs/asterisk-22/applications.json"),
    ),
];

/// One operation of the REST interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operation {
    /// Resource and nickname, such as `channels.originate`.
    pub(super) name: String,
    /// Method and path, such as `POST /channels`.
    pub(super) request: String,
    /// The statuses by which it says that it fails.
    pub(super) failures: Vec<u16>,
}

/// All operations and events.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) operations: Vec<Operation>,
    pub(super) events: Vec<String>,
}

impl Facts {
    /// Reads the committed specification.
    pub(super) fn read() -> Result<Self> {
        let mut facts = Self::default();
        for (resource, text) in DECLARATIONS {
            facts.add(resource, text).with_context(|| resource.to_owned())?;
        }
        Ok(facts)
    }

    /// Reads the specification that an Asterisk ships; of a resource that it does not have there is no file.
    pub(super) fn shipped(folder: &Path) -> Result<Self> {
        let mut facts = Self::default();
        for (resource, _) in DECLARATIONS {
            let path = folder.join(resource).with_extension("json");
            if path.is_file() {
                let text = std::fs::read_to_string(&path);
                let added = text
                    .map_err(Into::into)
                    .and_then(|text| facts.add(resource, &text));
                added.with_context(|| path.display().to_string())?;
            }
        }
        let some = !facts.operations.is_empty() && !facts.events.is_empty();
        ensure!(some, "{}: holds no operations or no events", folder.display());
        Ok(facts)
    }

    fn add(&mut self, resource: &str, text: &str) -> Result<()> {
        let declaration: Value = serde_json::from_str(text)?;
        self.operations.extend(operations(resource, &declaration));
        let events = items(&declaration["models"]["Event"]["subTypes"]);
        self.events.extend(events.filter_map(text_of));
        Ok(())
    }

    pub(super) fn operation(&self, name: &str) -> Result<&Operation> {
        let found = self.operations.iter().find(|operation| operation.name == name);
        found.with_context(|| format!("the specification has no operation {name}"))
    }
}

fn operations<'d>(resource: &'d str, declaration: &'d Value) -> impl Iterator<Item = Operation> + 'd {
    items(&declaration["apis"]).flat_map(move |api| {
        items(&api["operations"])
            // The one that becomes a WebSocket is no request with a reply.
            .filter(|operation| operation["upgrade"].is_null())
            .map(move |operation| one(resource, &api["path"], operation))
    })
}

fn one(resource: &str, path: &Value, operation: &Value) -> Operation {
    let text = |value: &Value| text_of(value).unwrap_or_default();
    Operation {
        name: format!("{resource}.{}", text(&operation["nickname"])),
        request: format!("{} {}", text(&operation["httpMethod"]), text(path)),
        failures: items(&operation["errorResponses"])
            .filter_map(|response| status(&response["code"]))
            .collect(),
    }
}

/// A status code, which is a string in one place.
fn status(code: &Value) -> Option<u16> {
    match code {
        Value::String(text) => text.parse().ok(),
        code => code.as_u64().and_then(|code| u16::try_from(code).ok()),
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_is_counted() {
        let facts = Facts::read().unwrap();
        assert_eq!((facts.operations.len(), facts.events.len()), (108, 45));
        let movement = facts.operation("channels.move").unwrap();
        assert_eq!(movement.request, "POST /channels/{channelId}/move");
        assert_eq!(movement.failures, [404, 409]);
        assert!(facts.operation("asterisk.ping").unwrap().failures.is_empty());
        assert!(facts.operation("events.eventWebsocket").is_err());
    }
}
