//! `/bridges`.

use super::{Outcome, Params, Reply, Stop};
use crate::testing::world::{Bridge, World, bridge_kind, new_uuid};

pub(super) fn list(world: &mut World, _: &Params) -> Outcome {
    Ok(Reply::list(world.bridges.iter().map(Bridge::json)))
}

pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    find(world, params)?;
    Ok(Reply::ok(
        world.bridge(params.id()).map(Bridge::json).unwrap_or_default(),
    ))
}

pub(super) fn find<'w>(world: &'w mut World, params: &Params) -> Result<&'w mut Bridge, Stop> {
    world
        .bridge_mut(params.id())
        .ok_or_else(|| Reply::message(404, "Bridge not found").into())
}

pub(super) fn create(world: &mut World, params: &Params) -> Outcome {
    let id = params.filled("bridgeId");
    let impossible = "Unable to create bridge. Possible duplicate bridge id '(null)'";
    make(world, params, id, impossible)
}

pub(super) fn create_with_id(world: &mut World, params: &Params) -> Outcome {
    make(
        world,
        params,
        Some(params.id().to_owned()),
        "Unable to create bridge",
    )
}

fn make(world: &mut World, params: &Params, id: Option<String>, impossible: &str) -> Outcome {
    let id = id.unwrap_or_else(new_uuid);
    if world.bridge(&id).is_some() {
        return Err(Reply::message(409, format!("Bridge with id '{id}' already exists")).into());
    }
    let kind = bridge_kind(params.get("type").as_deref()).ok_or_else(|| Reply::message(500, impossible))?;
    world.create_bridge(id.clone(), params.get("name").unwrap_or_default(), kind);
    Ok(Reply::ok(world.bridge(&id).map(Bridge::json).unwrap_or_default()))
}

pub(super) fn destroy(world: &mut World, params: &Params) -> Outcome {
    let id = find(world, params)?.id.clone();
    world.destroy_bridge(&id);
    Ok(Reply::no_content())
}

pub(super) fn add_channel(world: &mut World, params: &Params) -> Outcome {
    let bridge = find(world, params)?.id.clone();
    let channels = members(world, params)?;
    for channel in channels {
        world.add_to_bridge(&bridge, &channel);
        if params.flag("mute")
            && let Some(channel) = world.channel_mut(&channel)
        {
            channel.muted_in = true;
        }
    }
    Ok(Reply::no_content())
}

pub(super) fn remove_channel(world: &mut World, params: &Params) -> Outcome {
    let bridge = find(world, params)?.id.clone();
    let channels = members(world, params)?;
    let inside = |id: &String| {
        world
            .bridge(&bridge)
            .is_some_and(|bridge| bridge.channels.contains(id))
    };
    if !channels.iter().all(inside) {
        return Err(Reply::message(422, "Channel not in this bridge").into());
    }
    for channel in channels {
        world.remove_from_bridge(&channel);
    }
    Ok(Reply::no_content())
}

/// The ids of the channels that a request names, checked one by one.
fn members(world: &World, params: &Params) -> Result<Vec<String>, Stop> {
    let named = params.list("channel");
    if named.is_empty() {
        return Err(Reply::message(400, "Missing parameter channel").into());
    }
    let mut ids = Vec::new();
    let mut busy = false;
    for name in named {
        let channel = world
            .channel(&name)
            .ok_or_else(|| Reply::message(400, "Channel not found"))?;
        if channel.app.is_none() {
            return Err(Reply::message(422, "Channel not in Stasis application").into());
        }
        busy |= channel.is_busy();
        ids.push(channel.id.clone());
    }
    if busy { Err(Stop::Busy) } else { Ok(ids) }
}

pub(super) fn start_music(world: &mut World, params: &Params) -> Outcome {
    let hidden = world.new_channel_id();
    find(world, params)?.music.get_or_insert(hidden);
    Ok(Reply::no_content())
}

pub(super) fn stop_music(world: &mut World, params: &Params) -> Outcome {
    let music = find(world, params)?.music.take();
    music
        .map(|_| Reply::no_content())
        .ok_or_else(|| Reply::message(409, "Bridge isn't playing music").into())
}
