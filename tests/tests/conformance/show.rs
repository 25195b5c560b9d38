//! How replies and events are shown in a transcript.

use http::StatusCode;
use serde_json::Value;

use crate::names::Names;
use crate::script::EVENT;
use crate::wire::Reply;

/// The name of the event socket that most scenarios use.
const USUAL: &str = "EVERYTHING";

/// How objects are shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Detail {
    /// By what tells them apart: who, in which state, with whom.
    Brief,
    /// With all their fields.
    Whole,
}

/// Whether an event is left out, because it says nothing about how calls go: Asterisk sends it or not, as the phones
/// and its own modules happen to do their work.
pub(crate) fn is_chatter(event: &Value) -> bool {
    let variable = event["variable"].as_str().unwrap_or_default();
    match event["type"].as_str().unwrap_or_default() {
        "ChannelConnectedLine" | "ChannelDialplan" | "ChannelCallerId" | "DeviceStateChanged" => true,
        // Quality of the audio, peers in the bridge, the end of Stasis(), the SIP address: all for the dialplan.
        "ChannelVarset" => ["RTPAUDIO", "BRIDGEP", "STASISSTATUS", "SIPDOMAIN"]
            .iter()
            .any(|own| variable.starts_with(own)),
        _ => false,
    }
}

/// The lines of a reply.
pub(crate) fn reply(names: &Names, reply: &Reply, detail: Detail) -> Vec<String> {
    let mut line = reply.status.as_u16().to_string();
    if let Some(location) = &reply.location {
        line += &format!(" Location: {}", names.with_names(location));
    }
    if reply.body.is_empty() {
        return vec![line];
    }
    let Ok(body) = serde_json::from_slice::<Value>(&reply.body) else {
        return vec![line + " (no JSON)"];
    };
    let mut body = names.tidy(body);
    if let Some(variables) = body.get_mut("channelvars").and_then(Value::as_object_mut) {
        // Set when the channel enters Stasis, which may be before the reply is written.
        variables.remove("STASISSTATUS");
    }
    if reply.status == StatusCode::CREATED {
        // Whether a playback has begun already when the reply is written is a matter of microseconds.
        body["state"] = "queued".into();
    }
    match (body, detail) {
        (body, _) if body["message"].is_string() => vec![format!("{line} {}", text(&body["message"]))],
        (body, Detail::Whole) => whole(line, &body),
        (Value::Array(list), Detail::Brief) => {
            // Asterisk keeps no order.
            let mut list: Vec<String> = list.iter().map(brief).collect();
            list.sort();
            vec![format!("{line} [{}]", list.join(", "))]
        }
        (body, Detail::Brief) => vec![format!("{line} {}", brief(&body))],
    }
}

/// The lines of the events of one step. Those about one thing keep their order; between things there is none, as
/// Asterisk handles each in a thread of its own.
pub(crate) fn events(names: &Names, events: Vec<(String, Value)>, detail: Detail) -> Vec<String> {
    let mut events: Vec<(String, Value)> = events
        .into_iter()
        .map(|(socket, event)| (socket, names.tidy(event)))
        .collect();
    events.sort_by_key(|(socket, event)| (socket.clone(), subject(event)));
    let lines = events.into_iter().map(|(socket, event)| {
        let mut line = EVENT.to_owned();
        if socket != USUAL {
            line += &format!("({socket}) ");
        }
        match detail {
            Detail::Brief => vec![line + &brief_event(&event)],
            Detail::Whole => whole(line + &text(&event["type"]), &event),
        }
    });
    lines.flatten().collect()
}

/// What an event is about: a channel where it names one, else a bridge. How dialling gets on is told by another
/// thread than how the dialled channel does.
fn subject(event: &Value) -> String {
    if let Some(dialled) = event["peer"]["id"].as_str() {
        return format!("{dialled}, dialled");
    }
    let target = event["playback"]["target_uri"]
        .as_str()
        .and_then(|uri| uri.split_once(':'));
    let id = [&event["channel"]["id"], &event["bridge"]["id"]];
    let id = id.iter().find_map(|id| id.as_str());
    target.map(|(_, id)| id).or(id).unwrap_or_default().to_owned()
}

fn whole(line: String, value: &Value) -> Vec<String> {
    let json = serde_json::to_string_pretty(value).unwrap_or_default();
    let json = json.lines().map(|line| format!("    {line}"));
    std::iter::once(line).chain(json).collect()
}

fn brief_event(event: &Value) -> String {
    let kind = text(&event["type"]);
    let fields = event.as_object().into_iter().flatten();
    let fields = fields.filter(|(key, _)| !["type", "application", "timestamp"].contains(&&***key));
    let mut shown: Vec<String> = fields
        .map(|(key, value)| match key.as_str() {
            "channel" | "bridge" | "playback" => brief(value),
            // Its state may be that of before or after.
            "peer" => format!("peer={}", text(&value["id"])),
            _ => format!("{key}={}", brief(value)),
        })
        .collect();
    // What it is about comes first.
    shown.sort_by_key(|field| field.contains('='));
    let extension = match kind.as_str() {
        "StasisStart" => format!(" exten={}", text(&event["channel"]["dialplan"]["exten"])),
        _ => String::new(),
    };
    format!("{kind} {}{extension}", shown.join(" "))
        .trim_end()
        .to_owned()
}

/// A value in a few words.
fn brief(value: &Value) -> String {
    let has = |key: &str| value.get(key).is_some();
    let field = |key: &str| text(&value[key]);
    if has("caller") {
        format!("{} {}", field("id"), field("state"))
    } else if has("bridge_type") {
        format!(
            "{} {} {}",
            field("id"),
            field("bridge_type"),
            brief(&value["channels"])
        )
    } else if has("media_uri") {
        let next = value
            .get("next_media_uri")
            .map(|next| format!(" then {}", text(next)));
        let (id, media, next) = (field("id"), field("media_uri"), next.unwrap_or_default());
        format!("{id} {} {media}{next} to {}", field("state"), field("target_uri"))
    } else if has("channel_ids") {
        let lists = ["channel_ids", "bridge_ids", "endpoint_ids", "device_names"];
        let named = |key: &&str| value[*key].as_array().is_some_and(|list| !list.is_empty());
        let lists = lists.iter().filter(|key| named(key));
        let lists = lists.map(|key| format!(" {key}={}", brief(&value[*key])));
        format!("{}{}", field("name"), lists.collect::<String>())
    } else if let Some(list) = value.as_array() {
        let mut list: Vec<String> = list.iter().map(brief).collect();
        if list.iter().all(|item| !item.contains(' ')) {
            return format!("[{}]", list.join(", "));
        }
        list.sort();
        format!("[{}]", list.join("; "))
    } else {
        text(value)
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
