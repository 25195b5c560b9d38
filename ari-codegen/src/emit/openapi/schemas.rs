//! Schemas of types, models and enumerations.

use super::json::{Json, Object};
use crate::ir::{Content, Enum, Interface, Model, Name, Param, Place, Presence, Property, Role, Type};

/// The schema of a time.
pub(in crate::emit) const TIMESTAMP: &str = "Timestamp";

/// The schema of a variable's value in a request.
pub(in crate::emit) const VARIABLE_VALUE: &str = "VariableValue";

/// The schema of `ty`.
pub(super) fn of(ty: &Type) -> Object {
    match ty {
        Type::Text => Object::new().with("type", "string"),
        Type::Integer => Object::new().with("type", "integer").with("format", "int64"),
        Type::Float => Object::new().with("type", "number").with("format", "double"),
        Type::Boolean => Object::new().with("type", "boolean"),
        Type::Timestamp => reference(TIMESTAMP),
        Type::Object => anything(),
        Type::List(item) => Object::new().with("type", "array").with("items", of(item)),
        Type::Enum(name) => reference(&enum_name(name)),
        Type::Model(wire) => reference(wire),
    }
}

/// An object with any members.
pub(super) fn anything() -> Object {
    Object::new()
        .with("type", "object")
        .with("additionalProperties", true)
}

pub(super) fn reference(schema: &str) -> Object {
    Object::new().with("$ref", format!("#/components/schemas/{schema}"))
}

/// `schema` with words. A reference takes none beside it, and is wrapped.
pub(super) fn described(schema: Object, words: Option<&str>) -> Object {
    match words {
        Some(_) if schema.names().any(|name| name == "$ref") => Object::new()
            .with("allOf", Json::from_iter([schema]))
            .with_some("description", words),
        _ => schema.with_some("description", words),
    }
}

/// The name of an enumeration's schema.
pub(in crate::emit) fn enum_name(name: &Name) -> String {
    name.pascal()
}

/// Schemas that are no models of the specification.
pub(super) fn shared(interface: &Interface) -> Object {
    let timestamp = of(&Type::Text)
        .with(
            "description",
            "A time. The offset from UTC has no colon in it, unlike that of RFC 3339, so that this is no `date-time`.",
        )
        .with("example", "2025-03-17T08:32:35.709-0600");
    let shared = Object::new().with(TIMESTAMP, timestamp);
    if params(interface).any(|param| param.place == Place::BodyKey(Content::Variables)) {
        shared.with(VARIABLE_VALUE, variable_value())
    } else {
        shared
    }
}

fn params(interface: &Interface) -> impl Iterator<Item = &Param> {
    let operations = interface
        .resources
        .iter()
        .flat_map(|resource| &resource.operations);
    operations.flat_map(|operation| &operation.params)
}

fn variable_value() -> Object {
    let report = of(&Type::Boolean).with(
        "description",
        "Whether every event of the channel or bridge tells the variable.",
    );
    let properties = Object::new()
        .with("value", of(&Type::Text))
        .with("report_events", report);
    let object = Object::new()
        .with("type", "object")
        .with("properties", properties)
        .with_names("required", vec!["value".to_owned()]);
    Object::new()
        .with(
            "description",
            "The value of a variable, which may also be told in events.",
        )
        .with("anyOf", Json::from_iter([of(&Type::Text), object]))
}

/// The enumerations. Asterisk sends values that its specification does not list, and takes some, so that each
/// is any string beside its known values.
pub(super) fn enums(interface: &Interface) -> Object {
    let open = |listed: &Enum| {
        let known: Vec<_> = listed.values.iter().map(|value| value.wire.clone()).collect();
        let known = of(&Type::Text).with("enum", known);
        Object::new()
            .with("description", enum_words(listed))
            .with("anyOf", Json::from_iter([known, of(&Type::Text)]))
    };
    Object::of(
        interface
            .enums
            .iter()
            .map(|listed| (enum_name(&listed.name), open(listed))),
    )
}

/// Words on an enumeration and its values.
fn enum_words(listed: &Enum) -> String {
    const OPEN: &str = "One of these values, or one that is not known here.";
    let words = listed.description.as_deref().map(|words| format!("{words}\n\n"));
    let values = listed.values.iter().filter_map(|value| {
        let words = value.description.as_ref()?;
        Some(format!("\n* `{}`: {}", value.wire, words.replace('\n', "\n  ")))
    });
    let values: Vec<_> = values.collect();
    let gap = if values.is_empty() { "" } else { "\n" };
    format!("{}{OPEN}{gap}{}", words.unwrap_or_default(), values.concat())
}

/// The models that are no events.
pub(super) fn models(interface: &Interface) -> Object {
    let plain = interface.models.iter().filter(|model| model.role == Role::Plain);
    Object::of(plain.map(|model| (model.wire.clone(), object(model, None))))
}

/// The schema of `model`, with `tag` as its first property.
pub(super) fn object(model: &Model, tag: Option<(&str, Object)>) -> Object {
    // Required is what a reader cannot do without; servers leave out others that the specification promises.
    let strict = model
        .properties
        .iter()
        .filter(|property| property.presence == Presence::Strict);
    let tagged = tag.iter().map(|(name, _)| (*name).to_owned());
    let required = tagged
        .chain(strict.map(|property| property.wire.clone()))
        .collect();
    let tag = tag.map(|(name, schema)| (name.to_owned(), schema));
    let properties = model.properties.iter().map(property);
    let properties = Object::of(tag.into_iter().chain(properties));
    Object::new()
        .with("type", "object")
        .with_some("description", model.description.as_deref())
        .with_some("properties", (!properties.is_empty()).then_some(properties))
        .with_names("required", required)
}

fn property(property: &Property) -> (String, Object) {
    let schema = described(of(&property.ty), property.description.as_deref());
    (property.wire.clone(), schema)
}
