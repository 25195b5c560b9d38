//! Facts about the interface that the specification has no words for.

use super::{Fixup, Unused};
use crate::ir::{Content, Creates, Interface, Kind, Name, Operation, Param, Place, Presence, Segment};

pub(super) const FIXUPS: [Fixup<Interface>; 5] = [
    Fixup {
        name: "body-contents",
        reason: "`containers` does not tell what the body holds under the parameter's name",
        apply: body_contents,
    },
    Fixup {
        name: "created-ids",
        reason: "an id in a request that creates an object can be made by the client, and must be known before the reply",
        apply: created_ids,
    },
    Fixup {
        name: "create-bridge-by-path",
        reason: "Asterisk 20.20 and 22.10 read every body key of `POST /bridges` as a bridge variable and leak the bridge",
        apply: create_bridge_by_path,
    },
    Fixup {
        name: "names-that-identify-nothing",
        reason: "these models have a name that may well be empty or missing",
        apply: names_that_identify_nothing,
    },
    Fixup {
        name: "user-events",
        reason: "the resource `events` only sends and claims; the name is wanted for the events themselves",
        apply: user_events,
    },
];

/// Resource, parameter, content. A parameter has the same content in every operation of a resource.
const BODY_CONTENTS: [(&str, &str, Content); 4] = [
    ("bridges", "variables", Content::Variables),
    ("channels", "variables", Content::Variables),
    ("endpoints", "variables", Content::Texts),
    ("events", "variables", Content::Values),
];

/// Resource, parameter, model of the list's items with its two properties.
const BODY_PAIRS: [(&str, &str, [&str; 3]); 1] =
    [("asterisk", "fields", ["ConfigTuple", "attribute", "value"])];

/// Operation, parameter, kind of the object that gets the id.
const CREATED: [(&str, &str, Kind); 14] = [
    ("channels.originate", "channelId", Kind::Channel),
    ("channels.originateWithId", "channelId", Kind::Channel),
    ("channels.create", "channelId", Kind::Channel),
    ("channels.externalMedia", "channelId", Kind::Channel),
    ("channels.snoopChannel", "snoopId", Kind::Channel),
    ("channels.snoopChannelWithId", "snoopId", Kind::Channel),
    ("channels.play", "playbackId", Kind::Playback),
    ("channels.playWithId", "playbackId", Kind::Playback),
    ("channels.record", "name", Kind::Recording),
    ("bridges.create", "bridgeId", Kind::Bridge),
    ("bridges.createWithId", "bridgeId", Kind::Bridge),
    ("bridges.play", "playbackId", Kind::Playback),
    ("bridges.playWithId", "playbackId", Kind::Playback),
    ("bridges.record", "name", Kind::Recording),
];

/// The same for objects that come to be only where the id is given: the far half of a Local channel.
const CREATED_IF_GIVEN: [(&str, &str, Kind); 3] = [
    ("channels.originate", "otherChannelId", Kind::Channel),
    ("channels.originateWithId", "otherChannelId", Kind::Channel),
    ("channels.create", "otherChannelId", Kind::Channel),
];

/// Models whose `name` may be missing.
const NAMES: [&str; 4] = ["CallerID", "ConfigInfo", "RESTHeader", "RESTQueryStringParameter"];

fn body_contents(interface: &mut Interface, unused: &mut Unused) {
    let pairs = BODY_PAIRS.map(|(resource, param, item)| {
        let [model, name, value] = item.map(str::to_owned);
        (resource, param, Content::Pairs { model, name, value })
    });
    for (resource, name, content) in BODY_CONTENTS.into_iter().chain(pairs) {
        let mut found = false;
        for param in operations(interface, resource).flat_map(|operation| &mut operation.params) {
            if param.wire == name && param.place == Place::BodyKey(Content::Anything) {
                param.place = Place::BodyKey(content.clone());
                found = true;
            }
        }
        if !found {
            unused.add(format!("no body of {resource} has `{name}`"));
        }
    }
}

fn created_ids(interface: &mut Interface, unused: &mut Unused) {
    let always = CREATED.map(|row| (row, true));
    for ((operation, name, kind), always) in
        always.into_iter().chain(CREATED_IF_GIVEN.map(|row| (row, false)))
    {
        match param(interface, operation, name) {
            Some(param) => param.creates = Some(Creates { kind, always }),
            None => unused.add(format!("no parameter {operation}.{name}")),
        }
    }
}

fn create_bridge_by_path(interface: &mut Interface, unused: &mut Unused) {
    let [literal, id] = [
        Segment::Literal("bridges".to_owned()),
        Segment::Param("bridgeId".to_owned()),
    ];
    match operation(interface, "bridges.create") {
        Some(create) if create.path == [literal.clone()] && create.param_of(&id).is_some() => {
            create.detour = Some(vec![literal, id]);
        }
        _ => unused.add("no `POST /bridges`"),
    }
}

fn names_that_identify_nothing(interface: &mut Interface, unused: &mut Unused) {
    for wire in NAMES {
        let model = interface.models.iter_mut().find(|model| model.wire == wire);
        let mut properties = model.into_iter().flat_map(|model| &mut model.properties);
        match properties.find(|property| property.wire == "name" && property.presence == Presence::Strict) {
            Some(name) => name.presence = Presence::Defaulted,
            None => unused.add(format!("no required {wire}.name")),
        }
    }
}

fn user_events(interface: &mut Interface, unused: &mut Unused) {
    match interface
        .resources
        .iter_mut()
        .find(|resource| resource.wire == "events")
    {
        Some(events) => events.name = Name::new("userEvents"),
        None => unused.add("no resource `events`"),
    }
}

fn operations<'i>(interface: &'i mut Interface, resource: &str) -> impl Iterator<Item = &'i mut Operation> {
    let resources = interface
        .resources
        .iter_mut()
        .filter(move |known| known.wire == resource);
    resources.flat_map(|resource| &mut resource.operations)
}

fn operation<'i>(interface: &'i mut Interface, name: &str) -> Option<&'i mut Operation> {
    let (resource, nickname) = name.split_once('.')?;
    operations(interface, resource).find(|operation| operation.nickname == nickname)
}

fn param<'i>(interface: &'i mut Interface, operation_name: &str, wire: &str) -> Option<&'i mut Param> {
    operation(interface, operation_name)?
        .params
        .iter_mut()
        .find(|param| param.wire == wire)
}
