//! `/playbacks`, and playing on channels and bridges.

use super::{Outcome, Params, Reply, Stop, bridges, channels};
use crate::testing::world::{Playback, PlaybackState, Target, World, new_uuid};

pub(super) fn play_on_channel(world: &mut World, params: &Params) -> Outcome {
    let target = Target::Channel(channels::ready(world, params)?.id.clone());
    play(
        world,
        params,
        target,
        Reply::message(500, "Failed to queue media for playback"),
    )
}

pub(super) fn play_on_bridge(world: &mut World, params: &Params) -> Outcome {
    let target = Target::Bridge(bridges::find(world, params)?.id.clone());
    play(world, params, target, Reply::allocation_failed())
}

fn play(world: &mut World, params: &Params, target: Target, without_media: Reply) -> Outcome {
    let media = params.list("media");
    if media.is_empty() {
        return Err(without_media.into());
    }
    let id = params
        .second_id()
        .or_else(|| params.filled("playbackId"))
        .unwrap_or_else(new_uuid);
    let playback = Playback::new(id.clone(), target, media);
    let reply = Reply::json(201, playback.json()).header("Location", format!("/ari/playbacks/{id}"));
    world.play(playback);
    Ok(reply)
}

fn find<'w>(world: &'w World, params: &Params) -> Result<&'w Playback, Stop> {
    world
        .playback(params.id())
        .ok_or_else(|| Reply::message(404, "Playback not found").into())
}

pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    Ok(Reply::ok(find(world, params)?.json()))
}

pub(super) fn stop(world: &mut World, params: &Params) -> Outcome {
    find(world, params)?;
    world.stop_playback(params.id());
    Ok(Reply::no_content())
}

pub(super) fn control(world: &mut World, params: &Params) -> Outcome {
    use PlaybackState::{Paused, Playing, Queued};
    let state = find(world, params)?.state;
    let operation = params
        .get("operation")
        .ok_or_else(|| Reply::message(400, "Missing operation"))?;
    let (change, allowed): (fn(&mut World, &str), &[PlaybackState]) = match operation.as_str() {
        "pause" => (World::pause_playback, &[Playing, Paused]),
        "unpause" => (World::unpause_playback, &[Paused, Playing]),
        "restart" => (World::restart_playback, &[Playing, Queued]),
        "forward" => (World::forward_playback, &[Playing]),
        "reverse" => (World::reverse_playback, &[Playing]),
        _ => return Err(Reply::message(400, format!("Invalid operation {operation}")).into()),
    };
    if !allowed.contains(&state) {
        return Err(Reply::message(409, format!("Can only {operation} while media is playing")).into());
    }
    // Asterisk accepts, without effect, what is so already, and the restart of what has not begun.
    let has_effect = match operation.as_str() {
        "unpause" => state == Paused,
        _ => state == Playing,
    };
    if has_effect {
        change(world, params.id());
    }
    Ok(Reply::no_content())
}
