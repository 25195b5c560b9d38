//! Fixups of the specification itself.

use super::{Fixup, Unused};
use crate::swagger::{AllowableValues, Code, Declaration, Model, Operation, Parameter, Property, Spec};

pub(super) const FIXUPS: [Fixup<Spec>; 7] = [
    Fixup {
        name: "error-codes-are-numbers",
        reason: "the error codes of `move` are strings",
        apply: error_codes_are_numbers,
    },
    Fixup {
        name: "path-parameters-are-required",
        reason: "`tech` and `resource` of endpoints do not say so",
        apply: path_parameters_are_required,
    },
    Fixup {
        name: "may-be-absent",
        reason: "Asterisk leaves these out, or sends null, although they are required",
        apply: may_be_absent,
    },
    Fixup {
        name: "properties-left-out",
        reason: "Asterisk sends these, and its specification does not know them",
        apply: properties_left_out,
    },
    Fixup {
        name: "values-misspelt",
        reason: "Asterisk's source has another spelling on the wire than its specification",
        apply: values_misspelt,
    },
    Fixup {
        name: "values-in-prose",
        reason: "the values stand in a description, or in Asterisk's source alone",
        apply: values_in_prose,
    },
    Fixup {
        name: "enumerations-named-by-hand",
        reason: "the name made by rule reads badly, is taken, or differs between parameters of one meaning",
        apply: enumerations_named_by_hand,
    },
];

/// Properties that are required on paper only. A channel that runs no dialplan has no priority.
const MAY_BE_ABSENT: [(&str, &str); 1] = [("DialplanCEP", "priority")];

/// Model, properties, and the type of them all: the media experience scores that the RTP engine keeps.
const LEFT_OUT: [(&str, &[&str], &str); 1] = [(
    "RTPstat",
    &[
        "txmes",
        "rxmes",
        "remote_maxmes",
        "remote_minmes",
        "remote_normdevmes",
        "remote_stdevmes",
        "local_maxmes",
        "local_minmes",
        "local_normdevmes",
        "local_stdevmes",
    ],
    "double",
)];

/// Owner, misspelt value, value on the wire.
const MISSPELT_VALUES: [(&str, &str, &str); 1] = [("Channel.state", "Rsrved", "Rsrvd")];

/// Values by owner: `resource.nickname.parameter` or `Model.property`.
const VALUES_IN_PROSE: [(&str, &[&str]); 5] = [
    ("Channel.state", &["Mute"]),
    ("Playback.state", &["paused"]),
    ("bridges.addChannel.role", &["announcer", "participant"]),
    ("channels.externalMedia.direction", &["in", "out"]),
    (
        "channels.transfer_progress.states",
        &[
            "channel_progress",
            "channel_answered",
            "channel_unavailable",
            "channel_declined",
        ],
    ),
];

/// Owner and name. Owners that share a name share the enumeration, with the values of all.
const ENUM_NAMES: [(&str, &str); 18] = [
    ("DeviceState.state", "DeviceStateValue"),
    ("deviceStates.update.deviceState", "DeviceStateValue"),
    ("ContactInfo.contact_status", "ContactStatus"),
    ("LiveRecording.state", "RecordingState"),
    ("asterisk.getInfo.only", "InfoSection"),
    ("bridges.addChannel.role", "BridgeRole"),
    ("bridges.record.ifExists", "IfExists"),
    ("bridges.record.terminateOn", "TerminateOn"),
    ("channels.record.ifExists", "IfExists"),
    ("channels.record.terminateOn", "TerminateOn"),
    ("channels.mute.direction", "MuteDirection"),
    ("channels.unmute.direction", "MuteDirection"),
    ("channels.snoopChannel.spy", "SnoopDirection"),
    ("channels.snoopChannel.whisper", "SnoopDirection"),
    ("channels.snoopChannelWithId.spy", "SnoopDirection"),
    ("channels.snoopChannelWithId.whisper", "SnoopDirection"),
    ("channels.transfer_progress.states", "TransferState"),
    ("playbacks.control.operation", "PlaybackOperation"),
];

/// The name given by hand to the enumeration of `owner`.
pub(crate) fn enum_name(owner: &str) -> Option<&'static str> {
    ENUM_NAMES
        .iter()
        .find_map(|(known, name)| (*known == owner).then_some(*name))
}

fn error_codes_are_numbers(spec: &mut Spec, unused: &mut Unused) {
    let mut found = false;
    for response in operations(spec).flat_map(|operation| &mut operation.error_responses) {
        if let Code::Text(text) = &response.code
            && let Ok(number) = text.parse()
        {
            response.code = Code::Number(number);
            found = true;
        }
    }
    if !found {
        unused.add("no code is a string");
    }
}

fn path_parameters_are_required(spec: &mut Spec, unused: &mut Unused) {
    let mut found = false;
    for param in operations(spec).flat_map(|operation| &mut operation.parameters) {
        if param.param_type == "path" && param.required != Some(true) {
            param.required = Some(true);
            found = true;
        }
    }
    if !found {
        unused.add("every path parameter is required");
    }
}

fn may_be_absent(spec: &mut Spec, unused: &mut Unused) {
    for (model, name) in MAY_BE_ABSENT {
        match property(spec, model, name) {
            Some(property) if property.required == Some(true) => property.required = Some(false),
            _ => unused.add(format!("no required property {model}.{name}")),
        }
    }
}

fn properties_left_out(spec: &mut Spec, unused: &mut Unused) {
    for (id, names, data_type) in LEFT_OUT {
        let Some(model) = model(spec, id) else {
            unused.add(format!("no model {id}"));
            continue;
        };
        for name in names {
            if model.properties.get_mut(name).is_some() {
                unused.add(format!("{id} has `{name}`"));
            } else {
                let property = Property {
                    data_type: data_type.to_owned(),
                    description: None,
                    required: Some(false),
                    allowable_values: None,
                };
                model.properties.0.push(((*name).to_owned(), property));
            }
        }
    }
}

fn values_misspelt(spec: &mut Spec, unused: &mut Unused) {
    for (owner, misspelt, right) in MISSPELT_VALUES {
        let values = values(spec, owner);
        match values.and_then(|values| values.iter_mut().find(|value| *value == misspelt)) {
            Some(value) => *value = right.to_owned(),
            None => unused.add(format!("{owner} has no value `{misspelt}`")),
        }
    }
}

fn values_in_prose(spec: &mut Spec, unused: &mut Unused) {
    for (owner, more) in VALUES_IN_PROSE {
        let Some(values) = values(spec, owner) else {
            unused.add(format!("there is no {owner}"));
            continue;
        };
        for value in more {
            if values.iter().any(|known| known == value) {
                unused.add(format!("{owner} has the value `{value}`"));
            } else {
                values.push((*value).to_owned());
            }
        }
    }
}

fn enumerations_named_by_hand(spec: &mut Spec, unused: &mut Unused) {
    for (owner, _) in ENUM_NAMES {
        if !matches!(slot(spec, owner), Some(Some(AllowableValues::List { .. }))) {
            unused.add(format!("{owner} has no list of values"));
        }
    }
}

/// The values that `owner` allows; an empty list to fill where it allows any.
fn values<'s>(spec: &'s mut Spec, owner: &str) -> Option<&'s mut Vec<String>> {
    let slot = slot(spec, owner)?;
    match slot.get_or_insert_with(|| AllowableValues::List { values: Vec::new() }) {
        AllowableValues::List { values } => Some(values),
        AllowableValues::Range { .. } => None,
    }
}

fn slot<'s>(spec: &'s mut Spec, owner: &str) -> Option<&'s mut Option<AllowableValues>> {
    match owner.split('.').collect::<Vec<_>>()[..] {
        [model, name] => property(spec, model, name).map(|property| &mut property.allowable_values),
        [resource, nickname, name] => {
            param(spec, resource, nickname, name).map(|param| &mut param.allowable_values)
        }
        _ => None,
    }
}

fn declarations(spec: &mut Spec) -> impl Iterator<Item = &mut Declaration> {
    spec.files.iter_mut().map(|file| &mut file.declaration)
}

fn operations(spec: &mut Spec) -> impl Iterator<Item = &mut Operation> {
    declarations(spec)
        .flat_map(|declaration| &mut declaration.apis)
        .flat_map(|api| &mut api.operations)
}

fn model<'s>(spec: &'s mut Spec, id: &str) -> Option<&'s mut Model> {
    declarations(spec).find_map(|declaration| declaration.models.get_mut(id))
}

fn property<'s>(spec: &'s mut Spec, id: &str, name: &str) -> Option<&'s mut Property> {
    model(spec, id)?.properties.get_mut(name)
}

fn param<'s>(spec: &'s mut Spec, resource: &str, nickname: &str, name: &str) -> Option<&'s mut Parameter> {
    let file = spec
        .files
        .iter_mut()
        .find(|file| file.name.strip_suffix(".json") == Some(resource))?;
    let operations = file
        .declaration
        .apis
        .iter_mut()
        .flat_map(|api| &mut api.operations);
    let operation = { operations }.find(|operation| operation.nickname == nickname)?;
    operation.parameters.iter_mut().find(|param| param.name == name)
}
