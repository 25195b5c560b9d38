//! `/channels`: operations on a channel that there is.

use super::{Outcome, Params, Reply, Stop};
use crate::testing::world::{Channel, Hangup, HungUpBy, Leave, Location, State, World, json};

pub(super) fn list(world: &mut World, _: &Params) -> Outcome {
    Ok(Reply::list(world.channels.iter().rev().map(Channel::json)))
}

pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    Ok(Reply::ok(find(world, params)?.json()))
}

fn find<'w>(world: &'w World, params: &Params) -> Result<&'w Channel, Stop> {
    world
        .channel(params.id())
        .ok_or_else(|| Reply::message(404, "Channel not found").into())
}

/// The channel, if it is in an application.
pub(super) fn controlled<'w>(world: &'w mut World, params: &Params) -> Result<&'w mut Channel, Stop> {
    let found = world.channel_mut(params.id());
    let channel = found.ok_or_else(|| Reply::message(404, "Channel not found"))?;
    if channel.app.is_none() {
        return Err(Reply::message(409, "Channel not in Stasis application").into());
    }
    Ok(channel)
}

/// The channel, if it is in an application and has been dialled or has come in.
pub(super) fn ready<'w>(world: &'w mut World, params: &Params) -> Result<&'w mut Channel, Stop> {
    let channel = controlled(world, params)?;
    if matches!(channel.state, State::Down | State::Ringing) {
        return Err(Reply::message(412, "Channel in invalid state").into());
    }
    Ok(channel)
}

/// An operation that changes a setting of a channel and tells nobody.
fn set(world: &mut World, params: &Params, change: impl FnOnce(&mut Channel)) -> Outcome {
    change(ready(world, params)?);
    Ok(Reply::no_content())
}

pub(super) fn answer(world: &mut World, params: &Params) -> Outcome {
    let channel = ready(world, params)?;
    if channel.is_busy() {
        return Err(Stop::Busy);
    }
    let id = channel.id.clone();
    world.answer(&id);
    Ok(Reply::no_content())
}

pub(super) fn hang_up(world: &mut World, params: &Params) -> Outcome {
    let id = find(world, params)?.id.clone();
    let (reason, code) = (params.filled("reason"), params.number("reason_code"));
    let cause = match (reason, code) {
        (Some(_), Some(_)) => {
            return Err(Reply::message(400, "The reason and reason_code can't both be specified").into());
        }
        (Some(reason), None) => cause_of(&reason)
            .ok_or_else(|| Reply::message(400, "Invalid reason for hangup reason provided"))?,
        (None, Some(code)) => u16::try_from(code)
            .map_err(|_| Reply::message(400, "Invalid reason for hangup reason provided"))?,
        (None, None) => 16,
    };
    world.hang_up(
        &id,
        Hangup {
            by: HungUpBy::Application,
            cause,
            tech_cause: None,
        },
    );
    Ok(Reply::no_content())
}

fn cause_of(reason: &str) -> Option<u16> {
    Some(match reason {
        "normal" => 16,
        "busy" => 17,
        "congestion" => 34,
        "no_answer" => 19,
        "timeout" => 18,
        "rejected" => 21,
        "unallocated" => 1,
        "normal_unspecified" => 31,
        "number_incomplete" => 28,
        "codec_mismatch" => 58,
        "interworking" => 127,
        "failure" => 38,
        "answered_elsewhere" => 26,
        _ => return None,
    })
}

pub(super) fn continue_in_dialplan(world: &mut World, params: &Params) -> Outcome {
    let channel = ready(world, params)?;
    let here = channel.location.clone();
    let context = params.filled("context");
    let exten = params.filled("extension");
    let priority = params.number("priority");
    let elsewhere = context.is_some() || exten.is_some() || priority.is_some();
    let location = elsewhere.then(|| Location {
        context: context.unwrap_or(here.context),
        exten: exten.unwrap_or(here.exten),
        priority: priority.filter(|priority| *priority > 0).unwrap_or(1),
    });
    let id = channel.id.clone();
    world.leave(&id, Leave::Continue(location));
    Ok(Reply::no_content())
}

pub(super) fn move_to(world: &mut World, params: &Params) -> Outcome {
    let id = controlled(world, params)?.id.clone();
    // Asterisk 22.10.1 crashes where the name is missing; there is nothing to be like.
    let app = params
        .filled("app")
        .ok_or_else(|| Reply::message(400, "Missing parameter app"))?;
    let args = arguments(params.get("appArgs"));
    world.leave(&id, Leave::Move { app, args });
    Ok(Reply::no_content())
}

/// Splits Stasis arguments.
pub(super) fn arguments(args: Option<String>) -> Vec<String> {
    let args = args.filter(|args| !args.is_empty());
    args.map(|args| args.split(',').map(str::to_owned).collect())
        .unwrap_or_default()
}

pub(super) fn ring(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.ringing = true)
}

pub(super) fn ring_stop(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.ringing = false)
}

pub(super) fn progress(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |_| ())
}

pub(super) fn hold(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.on_hold = true)
}

pub(super) fn unhold(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.on_hold = false)
}

pub(super) fn start_music(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.music = true)
}

pub(super) fn stop_music(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.music = false)
}

pub(super) fn start_silence(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.silence = true)
}

pub(super) fn stop_silence(world: &mut World, params: &Params) -> Outcome {
    set(world, params, |channel| channel.silence = false)
}

pub(super) fn send_dtmf(world: &mut World, params: &Params) -> Outcome {
    let digits = params.filled("dtmf");
    let channel = ready(world, params)?;
    channel
        .digits
        .push_str(&digits.ok_or_else(|| Reply::message(400, "DTMF is required"))?);
    Ok(Reply::no_content())
}

pub(super) fn mute(world: &mut World, params: &Params) -> Outcome {
    set_mute(world, params, true)
}

pub(super) fn unmute(world: &mut World, params: &Params) -> Outcome {
    set_mute(world, params, false)
}

fn set_mute(world: &mut World, params: &Params, muted: bool) -> Outcome {
    let channel = ready(world, params)?;
    let direction = params
        .filled("direction")
        .ok_or_else(|| Reply::message(400, "Direction is required"))?;
    let (inward, outward) = match direction.as_str() {
        "in" => (true, false),
        "out" => (false, true),
        "both" => (true, true),
        _ => return Err(Reply::message(400, "Invalid direction specified").into()),
    };
    if inward {
        channel.muted_in = muted;
    }
    if outward {
        channel.muted_out = muted;
    }
    Ok(Reply::no_content())
}

pub(super) fn get_variable(world: &mut World, params: &Params) -> Outcome {
    let name = variable_name(params)?;
    let channel = world.channel(params.id());
    let channel = channel.ok_or_else(|| Reply::message(404, "Provided channel was not found"))?;
    let value = channel
        .variable(&name)
        .or_else(|| world.globals.get(&name).cloned());
    let value = value.ok_or_else(|| Reply::message(404, "Provided variable was not found"))?;
    Ok(Reply::ok(format!("{{\"value\":{}}}", json(&value))))
}

pub(super) fn set_variable(world: &mut World, params: &Params) -> Outcome {
    let name = variable_name(params)?;
    let channel = controlled(world, params)?;
    if channel.is_busy() {
        return Err(Stop::Busy);
    }
    let id = channel.id.clone();
    match params.get("value") {
        Some(value) => world.set_variable(&id, &name, &value),
        None => world.unset_variable(&id, &name),
    }
    Ok(Reply::no_content())
}

pub(super) fn variable_name(params: &Params) -> Result<String, Stop> {
    params
        .filled("variable")
        .ok_or_else(|| Reply::message(400, "Variable name is required").into())
}
