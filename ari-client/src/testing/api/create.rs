//! Channels that requests make: outgoing calls, external media, snoops.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use super::channels::{arguments, controlled};
use super::{Outcome, Params, Reply, Stop};
use crate::testing::world::{CallerId, Channel, Dial, Origin, Phone, State, World};

/// How long it rings where the request does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn originate(world: &mut World, params: &Params) -> Outcome {
    originate_as(world, params, params.filled("channelId"))
}

pub(super) fn originate_with_id(world: &mut World, params: &Params) -> Outcome {
    originate_as(world, params, Some(params.id().to_owned()))
}

fn originate_as(world: &mut World, params: &Params, id: Option<String>) -> Outcome {
    let (app, extension) = (params.filled("app"), params.filled("extension"));
    let mut channel = outgoing(world, params, id, app.is_none() && extension.is_none())?;
    let args = arguments(params.get("appArgs"));
    if let Some(exten) = extension {
        channel.location.exten = exten;
        channel.location.context = params.filled("context").unwrap_or(channel.location.context);
        channel.location.priority = params.number("priority").unwrap_or(1).max(1);
    }
    if let Some(dial) = &mut channel.dial {
        dial.timeout = limit_of_originate(params);
        dial.enters = app.clone().map(|app| (app, args));
    }
    channel.running = ("AppDial2".to_owned(), "(Outgoing Line)".to_owned());
    let reply = Reply::ok(channel.json());
    let id = channel.id.clone();
    world.add_created(channel, app.as_deref());
    world.dial(&id);
    Ok(reply)
}

pub(super) fn create(world: &mut World, params: &Params) -> Outcome {
    let app = params.filled("app");
    let channel = outgoing(world, params, params.filled("channelId"), app.is_none())?;
    let (reply, id) = (Reply::ok(channel.json()), channel.id.clone());
    world.add_created(channel, app.as_deref());
    world.enter_now(&id, &app.unwrap_or_default(), &arguments(params.get("appArgs")));
    Ok(reply)
}

pub(super) fn dial(world: &mut World, params: &Params) -> Outcome {
    let channel = controlled(world, params)?;
    let not_down = || Reply::message(409, "Channel is not in the 'Down' state");
    if channel.state != State::Down {
        return Err(not_down().into());
    }
    let id = channel.id.clone();
    channel.dial.as_mut().ok_or_else(not_down)?.timeout = limit(params);
    world.dial(&id);
    Ok(Reply::no_content())
}

/// `originate` knows no limit for -1 alone.
fn limit_of_originate(params: &Params) -> Option<Duration> {
    match params.number("timeout") {
        Some(-1) => None,
        _ => Some(limit(params).unwrap_or(DEFAULT_TIMEOUT)),
    }
}

/// How long to let it ring, where the request says so.
fn limit(params: &Params) -> Option<Duration> {
    let seconds = params.number("timeout").filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds.unsigned_abs()))
}

/// A channel to the endpoint that a request names, not dialled yet.
fn outgoing(
    world: &mut World,
    params: &Params,
    id: Option<String>,
    goes_nowhere: bool,
) -> Result<Channel, Stop> {
    let endpoint = params
        .filled("endpoint")
        .ok_or_else(|| Reply::message(400, "Endpoint must be specified"))?;
    let invalid = || Reply::message(400, "Invalid endpoint specified");
    let (_, dialstring) = endpoint.split_once('/').ok_or_else(invalid)?;
    if goes_nowhere {
        return Err(Reply::message(400, "Application or extension must be specified").into());
    }
    let id = id.unwrap_or_else(|| world.new_channel_id());
    if world.channel(&id).is_some() {
        return Err(Reply::message(409, "Channel with given unique ID already exists").into());
    }
    let phone = *world.phones.get(&endpoint).ok_or_else(Reply::allocation_failed)?;
    let name = format!("{endpoint}-{:08x}", world.next_serial());
    let mut channel = Channel::new(&id, name, State::Down, Origin::Created);
    channel.caller = params
        .filled("callerId")
        .map(|id| caller_id(&id))
        .unwrap_or_default();
    channel.connected = channel.caller.clone();
    channel.variables = variables(params);
    let dialstring = dialstring.to_owned();
    channel.dial = Some(Dial {
        dialstring,
        phone,
        timeout: None,
        enters: None,
        begun: false,
    });
    Ok(channel)
}

/// Reads `Anna <123>`, or a bare number.
fn caller_id(text: &str) -> CallerId {
    match text.split_once('<') {
        Some((name, number)) => CallerId {
            name: name.trim().trim_matches('"').to_owned(),
            number: number.trim().trim_end_matches('>').to_owned(),
        },
        None => CallerId {
            name: String::new(),
            number: text.trim().to_owned(),
        },
    }
}

fn variables(params: &Params) -> std::collections::BTreeMap<String, String> {
    let given = params.object("variables").into_iter().flatten();
    given
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

pub(super) fn external_media(world: &mut World, params: &Params) -> Outcome {
    let required =
        |name: &str, text: &'static str| params.filled(name).ok_or_else(|| Reply::message(400, text));
    let app = required("app", "app cannot be empty")?;
    let format = required("format", "format cannot be empty")?;
    let host = required(
        "external_host",
        "external_host is required for all but websocket server connections",
    )?;
    let rtp = params
        .filled("encapsulation")
        .is_none_or(|encapsulation| encapsulation == "rtp")
        && params
            .filled("transport")
            .is_none_or(|transport| transport == "udp");
    if !rtp {
        return Err(Reply::message(501, "FakeAsterisk has external media over RTP only").into());
    }
    if host
        .rsplit_once(':')
        .is_none_or(|(_, port)| port.parse::<u16>().is_err())
    {
        let text = "external_host must be <host>:<port> for all transports other than websocket";
        return Err(Reply::message(400, text).into());
    }
    // Asterisk answers every failure to make the channel like this, a duplicate id too.
    let failed = || Reply::message(500, "An internal error prevented this request from being handled");
    let id = params
        .filled("channelId")
        .unwrap_or_else(|| world.new_channel_id());
    if world.channel(&id).is_some() {
        return Err(failed().into());
    }
    let (socket, port) = media_socket(&host).map_err(|_| failed())?;
    let name = format!("UnicastRTP/{host}-0x{:012x}", world.next_serial());
    let mut channel = Channel::new(&id, name, State::Down, Origin::Created);
    channel.running = ("AppDial2".to_owned(), "(Outgoing Line)".to_owned());
    channel.variables = variables(params);
    channel
        .variables
        .insert("UNICASTRTP_LOCAL_ADDRESS".to_owned(), "127.0.0.1".to_owned());
    channel
        .variables
        .insert("UNICASTRTP_LOCAL_PORT".to_owned(), port.to_string());
    channel.dial = Some(Dial {
        dialstring: format!("{host}/c({format})"),
        phone: Phone::AnswersAfter(Duration::ZERO),
        timeout: None,
        enters: Some((app.clone(), arguments(params.get("data")))),
        begun: false,
    });
    let reply = Reply::ok(channel.json_with_variables());
    world.add_created(channel, Some(&app));
    world.media.insert(id.clone(), Arc::new(socket));
    world.dial(&id);
    Ok(reply)
}

/// A socket that sends to the external host, and its port.
fn media_socket(host: &str) -> std::io::Result<(UdpSocket, u16)> {
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    socket.connect(host)?;
    socket.set_nonblocking(true)?;
    let port = socket.local_addr()?.port();
    Ok((socket, port))
}

pub(super) fn snoop(world: &mut World, params: &Params) -> Outcome {
    let spied = world.channel(params.id());
    let spied = spied
        .ok_or_else(|| Reply::message(404, "Provided channel was not found"))?
        .id
        .clone();
    let listens = |name: &str| params.filled(name).is_some_and(|direction| direction != "none");
    if !listens("spy") && !listens("whisper") {
        return Err(Reply::message(400, "Direction must be specified for at least spy or whisper").into());
    }
    let app = params
        .filled("app")
        .ok_or_else(|| Reply::message(400, "Application name is required"))?;
    let id = params
        .second_id()
        .or_else(|| params.filled("snoopId"))
        .unwrap_or_else(|| world.new_channel_id());
    if world.channel(&id).is_some() {
        return Err(Reply::message(500, "Snoop channel could not be created").into());
    }
    let name = format!("Snoop/{spied}-{:08x}", world.next_serial());
    let channel = Channel::new(&id, name, State::Up, Origin::Snoop(spied));
    let reply = Reply::ok(channel.json());
    world.add_created(channel, None);
    world.enter_now(&id, &app, &arguments(params.get("appArgs")));
    Ok(reply)
}
