//! The event decoder, and the peek that routing goes by.

use ari_client::rt::{Keys, Peek};
use ari_client::{Event, EventKind, EventType};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::json::{any_json, mutated};
use crate::properties::event::{LISTED, holds, typed};
use crate::schema::{is_whole, schema, with};

#[test]
fn the_properties_know_every_type() {
    assert_eq!(LISTED, EventType::ALL);
    let names: Vec<_> = EventType::ALL.iter().map(|event| event.name()).collect();
    let events = schema().events();
    assert_eq!(names.len(), events.len());
    assert!(events.iter().all(|event| names.contains(&event.as_str())));
}

proptest! {
    #[test]
    fn any_bytes(frame in vec(any::<u8>(), 0..200)) {
        holds(&frame);
    }

    #[test]
    fn any_json_of_any_type(frame in any_json(), name in prop_oneof![Just("StasisStart"), Just("Teleported")]) {
        holds(frame.to_string().as_bytes());
        if frame.is_object() {
            holds(with(frame, "type", name).to_string().as_bytes());
        }
    }

    #[test]
    fn any_event_is_typed_and_whole((sent, more) in (schema().any_event(), any_json())) {
        let frame = with(sent.clone(), "a field of tomorrow", more);
        holds(frame.to_string().as_bytes());
        let event = Event::decode(frame.to_string().into());
        prop_assert_eq!(event.event_type().name(), &sent["type"]);
        let kept = typed(&event.kind);
        prop_assert!(is_whole(&sent, &kept), "{} became {}", sent, kept);
    }

    #[test]
    fn routing_knows_every_object(sent in schema().any_event()) {
        let text = sent.to_string();
        let peek: Peek<'_> = serde_json::from_str(&text).unwrap();
        let mut keys = Vec::new();
        peek.keys(&mut |kind, id| keys.push((kind.to_string(), id.to_owned())));
        let name = sent["type"].as_str().unwrap();
        let mut expected: Vec<_> = schema()
            .keys(name, sent.as_object().unwrap())
            .into_iter()
            .map(|(kind, id)| (kind.to_owned(), id))
            .collect();
        keys.sort();
        expected.sort();
        prop_assert_eq!(keys, expected);
    }

    #[test]
    fn any_event_with_something_odd(frame in schema().any_event().prop_flat_map(|event| mutated(&event))) {
        holds(frame.as_bytes());
    }

    #[test]
    fn the_type_may_stand_anywhere(sent in schema().any_event(), at in any::<prop::sample::Index>()) {
        let mut members: Vec<_> = sent.as_object().unwrap().iter().filter(|(name, _)| *name != "type").collect();
        let name = Value::from("type");
        let name = name.as_str().unwrap().to_owned();
        members.insert(at.index(members.len() + 1), (&name, &sent["type"]));
        let spelt: Vec<_> = members.iter().map(|(name, member)| format!("{}: {member}", Value::from(name.as_str()))).collect();
        let event = Event::decode(format!(" {{ {} }} ", spelt.join(" , ")).into());
        prop_assert_eq!(event.kind, Event::decode(sent.to_string().into()).kind);
    }
}

#[test]
fn a_frame_without_a_type_or_with_a_broken_one_keeps_its_bytes() {
    for frame in [
        r#"{"channel":{"id":"a"}}"#,
        r#"{"type":"Stasis"#,
        r#"["StasisStart"]"#,
    ] {
        holds(frame.as_bytes());
        assert!(
            matches!(Event::decode(frame.into()).kind, EventKind::Malformed(_)),
            "{frame}"
        );
    }
}
