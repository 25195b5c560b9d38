//! Sequences of events, each as seen from a real Asterisk 22.10.1.

mod applications;
mod bridges;
mod calls;
mod dial;
mod leaving;
mod playbacks;

use serde_json::Value;

use super::bridge::BridgeKind;
use super::*;

const APP: &str = "EVERYTHING";
const SOCKET: SocketId = 1;

fn world() -> World {
    let sounds = Sounds {
        durations: BTreeMap::new(),
        otherwise: Duration::from_millis(20),
        missing: vec!["sound:missing".to_owned()],
    };
    let mut world = World::new(sounds, false);
    world.connect(SOCKET, &[APP], false);
    world
}

/// A call, as it is about to come in.
fn new_call(args: &[&str]) -> NewCall {
    NewCall {
        app: APP.to_owned(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        context: "default".to_owned(),
        exten: "1000".to_owned(),
        number: "+4930123".to_owned(),
        name: "Anna".to_owned(),
        endpoint: "PJSIP/anonymous".to_owned(),
        variables: Vec::new(),
    }
}

fn call(world: &mut World) -> String {
    let id = world.new_call(new_call(&[]));
    world.answer(&id);
    events(world);
    id
}

/// A bridge with these channels in it.
fn room(world: &mut World, id: &str, channels: &[&str]) {
    bridge(world, id);
    for channel in channels {
        world.add_to_bridge(id, channel);
    }
}

/// Takes the events that have been sent, parsed.
fn events(world: &mut World) -> Vec<Value> {
    let sent = world
        .take_effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send { text, .. } => Some(parse(&text)),
            Effect::After { .. } => None,
        });
    sent.collect()
}

/// Parses an event, which has to be one that the library reads.
fn parse(text: &str) -> Value {
    let event = crate::Event::decode(text.to_owned().into());
    let unread = matches!(
        event.kind,
        crate::EventKind::Malformed(_) | crate::EventKind::Unknown(_)
    );
    assert!(!unread, "{event:?}: {text}");
    serde_json::from_str(text).unwrap()
}

/// The events that have been sent, each as its type and what is particular about it.
fn told(world: &mut World) -> Vec<String> {
    events(world).iter().map(tell).collect()
}

fn tell(event: &Value) -> String {
    let kind = event["type"].as_str().unwrap();
    let detail = match kind {
        "PlaybackStarted" | "PlaybackFinished" | "PlaybackContinuing" => {
            format!(" {} {}", event["playback"]["id"], event["playback"]["state"])
        }
        "ChannelHangupRequest" => format!(" {} {} {}", event["cause"], event["soft"], event["tech_cause"]),
        "ChannelDestroyed" => format!(" {}", event["cause"]),
        "ChannelStateChange" => format!(" {}", event["channel"]["state"]),
        "ChannelEnteredBridge" | "ChannelLeftBridge" | "BridgeDestroyed" => {
            format!(
                " {} {}",
                event["bridge"]["id"],
                event["bridge"]["channels"].as_array().unwrap().len()
            )
        }
        "Dial" => format!(" {}", event["dialstatus"]),
        _ => String::new(),
    };
    format!("{kind}{detail}").replace('"', "")
}

fn play(world: &mut World, channel: &str, id: &str, media: &str) {
    let media = media.split(',').map(str::to_owned).collect();
    world.play(Playback::new(
        id.to_owned(),
        Target::Channel(channel.to_owned()),
        media,
    ));
}

fn bridge(world: &mut World, id: &str) {
    world.create_bridge(id.to_owned(), String::new(), BridgeKind::Mixing);
}

fn by_far_end() -> Hangup {
    Hangup {
        by: HungUpBy::FarEnd,
        cause: 16,
        tech_cause: None,
    }
}

fn by_request() -> Hangup {
    Hangup {
        by: HungUpBy::Application,
        cause: 17,
        tech_cause: None,
    }
}

/// Lets the item that plays come to its end.
fn item_over(world: &mut World, id: &str) {
    let timers = world.take_effects();
    let run = timers.iter().rev().find_map(|effect| match effect {
        Effect::After {
            timer: Timer::ItemOver { playback, run },
            ..
        } if playback == id => Some(*run),
        _ => None,
    });
    world.tick(&Timer::ItemOver {
        playback: id.to_owned(),
        run: run.expect("a timer was set"),
    });
}
