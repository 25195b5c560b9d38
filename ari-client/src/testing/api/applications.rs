//! `/applications`, and events that applications send themselves.

use serde_json::{Map, Value};

use super::{Outcome, Params, Reply, Stop};
use crate::testing::world::{App, Claim, Event, Interest, World};

pub(super) fn list(world: &mut World, _: &Params) -> Outcome {
    Ok(Reply::list(world.apps.values().map(|app| app.json().to_string())))
}

pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    Ok(Reply::ok(find(world, params)?.json().to_string()))
}

fn find<'w>(world: &'w mut World, params: &Params) -> Result<&'w mut App, Stop> {
    world
        .apps
        .get_mut(params.id())
        .ok_or_else(|| Reply::message(404, "Application not found").into())
}

pub(super) fn subscribe(world: &mut World, params: &Params) -> Outcome {
    for source in sources(world, params)? {
        let interest = interest(&source)?;
        let exists = match interest {
            Interest::ALL_CHANNELS | Interest::ALL_BRIDGES => true,
            Interest::Channel(id) => world.channel(id).is_some(),
            Interest::Bridge(id) => world.bridge(id).is_some(),
        };
        if !exists {
            return Err(Reply::message(422, "Event source does not exist").into());
        }
        world.add_interest(params.id(), interest);
    }
    get(world, params)
}

pub(super) fn unsubscribe(world: &mut World, params: &Params) -> Outcome {
    for source in sources(world, params)? {
        let interest = interest(&source)?;
        if matches!(interest, Interest::ALL_CHANNELS | Interest::ALL_BRIDGES) {
            return Err(Reply::message(501, "Method not implemented").into());
        }
        let app = find(world, params)?.json().to_string();
        if !world.remove_interest(params.id(), interest) {
            return Err(Reply::message(422, "Event source was not subscribed to").into());
        }
        if !world.apps.contains_key(params.id()) {
            return Ok(Reply::ok(app));
        }
    }
    get(world, params)
}

fn sources(world: &mut World, params: &Params) -> Result<Vec<String>, Stop> {
    let sources = params.list("eventSource");
    if sources.is_empty() {
        return Err(Reply::message(400, "Missing parameter eventSource").into());
    }
    find(world, params)?;
    Ok(sources)
}

fn interest(source: &str) -> Result<Interest<'_>, Stop> {
    Ok(match source.split_once(':') {
        Some(("channel", "")) => Interest::ALL_CHANNELS,
        Some(("bridge", "")) => Interest::ALL_BRIDGES,
        Some(("channel", id)) => Interest::Channel(id),
        Some(("bridge", id)) => Interest::Bridge(id),
        Some(("endpoint" | "deviceState", _)) => {
            return Err(Reply::message(501, "FakeAsterisk has no endpoints and device states").into());
        }
        _ => return Err(Reply::message(400, "Invalid event source URI scheme").into()),
    })
}

pub(super) fn filter(world: &mut World, params: &Params) -> Outcome {
    let app = find(world, params)?;
    let filter = params.body();
    if filter.is_empty() {
        app.allowed.clear();
        app.disallowed.clear();
    }
    if let Some(allowed) = types(filter, "allowed") {
        app.allowed = allowed;
    }
    if let Some(disallowed) = types(filter, "disallowed") {
        app.disallowed = disallowed;
    }
    Ok(Reply::ok(app.json().to_string()))
}

fn types(filter: &Map<String, Value>, list: &str) -> Option<Vec<String>> {
    let entries = filter.get(list)?.as_array()?;
    Some(
        entries
            .iter()
            .filter_map(|entry| entry.get("type")?.as_str())
            .map(str::to_owned)
            .collect(),
    )
}

pub(super) fn claim(world: &mut World, params: &Params) -> Outcome {
    let required = |name| {
        let missing = || Reply::message(400, format!("{name} parameter is required"));
        params.filled(name).ok_or_else(missing)
    };
    let (channel, application) = (required("channelId")?, required("application")?);
    match world.claim(&channel, &application) {
        Claim::Granted => Ok(Reply::no_content()),
        Claim::Taken => {
            Err(Reply::message(409, "Channel has already been claimed by another application").into())
        }
        Claim::NotOffered => Err(Reply::message(404, "Channel not found or not in broadcast state").into()),
    }
}

pub(super) fn user_event(world: &mut World, params: &Params) -> Outcome {
    let app = params.filled("application");
    let app = app.ok_or_else(|| Reply::message(400, "Missing parameter application"))?;
    if !world.apps.contains_key(&app) {
        return Err(Reply::message(404, "Application not found").into());
    }
    let mut content = params.object("variables").cloned().unwrap_or_default();
    content.insert("eventname".to_owned(), params.id().into());
    let event = Event::new("ChannelUserevent")
        .for_app(&app)
        .field("eventname", params.id());
    world.emit(&event.field("userevent", &content));
    Ok(Reply::no_content())
}
