//! The objects of the specification, made from its own files: nothing here knows the generated code.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::option::weighted;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The models and operations of `specs/asterisk-22`.
pub(crate) struct Schema {
    models: BTreeMap<String, Value>,
    /// Name and type of the reply.
    operations: Vec<(String, String)>,
}

/// The one that all tests share.
pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::read);
    &SCHEMA
}

impl Schema {
    fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/asterisk-22");
        let (mut models, mut operations) = (BTreeMap::new(), Vec::new());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let resource = path.file_stem().unwrap().to_str().unwrap();
            models.extend(file["models"].as_object().cloned().unwrap_or_default());
            let apis = file["apis"].as_array().into_iter().flatten();
            for operation in apis.filter_map(|api| api["operations"].as_array()).flatten() {
                if operation.get("upgrade").is_none() {
                    let name = format!("{resource}.{}", text(&operation["nickname"]));
                    operations.push((name, text(&operation["responseClass"]).to_owned()));
                }
            }
        }
        Self { models, operations }
    }

    /// Name and type of the reply, of each operation that is a request.
    pub(crate) fn operations(&self) -> &[(String, String)] {
        &self.operations
    }

    /// The names of the events.
    pub(crate) fn events(&self) -> Vec<String> {
        names(&self.models["Event"]["subTypes"])
            .map(str::to_owned)
            .collect()
    }

    /// The names of the models that are no events.
    pub(crate) fn plain_models(&self) -> Vec<&str> {
        let events = self.events();
        let models = self.models.keys().filter(|model| !events.contains(model));
        models.map(String::as_str).collect()
    }

    /// Any event of this type.
    pub(crate) fn event(&self, name: &str) -> BoxedStrategy<Value> {
        let name = name.to_owned();
        let object = self.object(&name);
        object
            .prop_map(move |event| with(event, "type", name.as_str()))
            .boxed()
    }

    /// Any event.
    pub(crate) fn any_event(&self) -> BoxedStrategy<Value> {
        proptest::strategy::Union::new(self.events().iter().map(|name| self.event(name))).boxed()
    }

    /// Any object of the model: what is required is there, the rest may be missing or null.
    pub(crate) fn object(&self, model: &str) -> BoxedStrategy<Value> {
        let fields: Vec<_> = self
            .properties(model)
            .map(|(name, property)| self.field(name, property))
            .collect();
        let object =
            |fields: Vec<Option<(String, Value)>>| Value::Object(fields.into_iter().flatten().collect());
        fields.prop_map(object).boxed()
    }

    /// Any value of the type.
    pub(crate) fn value(&self, ty: &str) -> BoxedStrategy<Value> {
        if let Some(item) = ty.strip_prefix("List[").and_then(|rest| rest.strip_suffix(']')) {
            return vec(self.value(item), 0..3).prop_map(Value::from).boxed();
        }
        match ty {
            "void" => Just(Value::Null).boxed(),
            "string" | "Date" | "binary" => any_text().prop_map(Value::from).boxed(),
            "int" | "long" => any::<i64>().prop_map(Value::from).boxed(),
            "double" => any::<f64>()
                .prop_filter("JSON has no other", |number| number.is_finite())
                .prop_map(Value::from)
                .boxed(),
            "boolean" => any::<bool>().prop_map(Value::from).boxed(),
            "object" => btree_map(any_text(), any_text(), 0..3)
                .prop_map(|object| json!(object))
                .boxed(),
            model => self.object(model),
        }
    }

    /// The ids in `object`, of the model `model`, that routing goes by: kind and id.
    pub(crate) fn keys(&self, model: &str, object: &Map<String, Value>) -> Vec<(&'static str, String)> {
        let mut keys = Vec::new();
        for (name, property) in self.properties(model) {
            let Some(part) = object.get(name).and_then(Value::as_object) else {
                continue;
            };
            match text(&property["type"]) {
                "Channel" => keys.push(("channel", text(&part["id"]).to_owned())),
                "Bridge" => keys.push(("bridge", text(&part["id"]).to_owned())),
                "Playback" => keys.extend(played("playback", &part["id"], part)),
                "LiveRecording" => keys.extend(played("recording", &part["name"], part)),
                other if self.models.contains_key(other) => keys.extend(self.keys(other, part)),
                _ => {}
            }
        }
        keys.retain(|(_, id)| !id.is_empty());
        keys
    }

    fn field(&self, name: &str, property: &Value) -> BoxedStrategy<Option<(String, Value)>> {
        let name = name.to_owned();
        let value = self.value(text(&property["type"]));
        let value = if name == "target_uri" {
            target().boxed()
        } else {
            value
        };
        let present = if property["required"] == true {
            value.prop_map(Some).boxed()
        } else {
            weighted(0.7, prop_oneof![9 => value, 1 => Just(Value::Null)]).boxed()
        };
        present
            .prop_map(move |value| Some((name.clone(), value?)))
            .boxed()
    }

    /// Own and inherited properties.
    fn properties(&self, model: &str) -> impl Iterator<Item = (&str, &Value)> {
        let mut models = vec![&self.models[model]];
        while let Some(parent) = models.last().and_then(|model| self.parent(text(&model["id"]))) {
            models.push(parent);
        }
        let properties = models
            .into_iter()
            .filter_map(|model| model["properties"].as_object());
        properties
            .flatten()
            .map(|(name, property)| (name.as_str(), property))
    }

    fn parent(&self, model: &str) -> Option<&Value> {
        self.models
            .values()
            .find(|parent| names(&parent["subTypes"]).any(|name| name == model))
    }
}

/// `object` with one more member.
pub(crate) fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    object
        .as_object_mut()
        .unwrap()
        .insert(name.to_owned(), value.into());
    object
}

/// Whether all that `sent` holds is in `kept`; null is as good as nothing.
pub(crate) fn is_whole(sent: &Value, kept: &Value) -> bool {
    match (sent, kept) {
        (Value::Object(sent), Value::Object(kept)) => sent.iter().all(|(name, member)| {
            member.is_null() || kept.get(name).is_some_and(|kept| is_whole(member, kept))
        }),
        (Value::Array(sent), Value::Array(kept)) => {
            sent.len() == kept.len() && sent.iter().zip(kept).all(|(sent, kept)| is_whole(sent, kept))
        }
        // Asterisk writes 0 for 0.0.
        (Value::Number(sent), Value::Number(kept)) if kept.is_f64() => sent.as_f64() == kept.as_f64(),
        (sent, kept) => sent == kept,
    }
}

/// Short texts and any others.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9:/-]{0,12}", any::<String>()]
}

fn target() -> impl Strategy<Value = Value> {
    ("(channel:|bridge:|)", any_text()).prop_map(|(scheme, id)| Value::from(scheme + &id))
}

fn played(kind: &'static str, id: &Value, part: &Map<String, Value>) -> Vec<(&'static str, String)> {
    let target = text(&part["target_uri"]);
    let on = ["channel", "bridge"]
        .into_iter()
        .filter_map(|kind| Some((kind, target.strip_prefix(kind)?.strip_prefix(':')?.to_owned())));
    [(kind, text(id).to_owned())].into_iter().chain(on).collect()
}

fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
