//! `/asterisk`.

use serde_json::{Map, Value, json};

use super::channels::variable_name;
use super::{Outcome, Params, Reply};
use crate::testing::world::{ASTERISK_ID, World, timestamp};

pub(super) fn info(world: &mut World, params: &Params) -> Outcome {
    let status = json!({ "startup_time": world.started, "last_reload_time": world.started });
    let config = json!({ "name": "", "default_language": "en", "setid": { "user": "", "group": "" } });
    let build = json!({ "os": "", "kernel": "", "machine": "", "options": "", "date": world.started, "user": "nobody" });
    let sections = [
        ("build", build),
        (
            "system",
            json!({ "version": "22.10.1", "entity_id": ASTERISK_ID }),
        ),
        ("config", config),
        ("status", status),
    ];
    let only = params.list("only");
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    let chosen = sections.into_iter().filter(|(name, _)| wanted(name));
    let chosen: Map<String, Value> = chosen.map(|(name, section)| (name.to_owned(), section)).collect();
    Ok(Reply::ok(Value::Object(chosen).to_string()))
}

pub(super) fn ping(_: &mut World, _: &Params) -> Outcome {
    let pong = json!({ "ping": "pong", "timestamp": timestamp(), "asterisk_id": ASTERISK_ID });
    Ok(Reply::ok(pong.to_string()))
}

pub(super) fn get_variable(world: &mut World, params: &Params) -> Outcome {
    let name = variable_name(params)?;
    let value = world.globals.get(&name).map_or("", String::as_str);
    Ok(Reply::ok(json!({ "value": value }).to_string()))
}

pub(super) fn set_variable(world: &mut World, params: &Params) -> Outcome {
    let name = variable_name(params)?;
    world
        .globals
        .insert(name, params.get("value").unwrap_or_default());
    Ok(Reply::no_content())
}
