//! Sequences of events, each as seen from a real Asterisk 22.10.1.

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

fn call(world: &mut World) -> String {
    let id = world.new_call(NewCall {
        app: APP.to_owned(),
        args: Vec::new(),
        context: "default".to_owned(),
        exten: "1000".to_owned(),
        number: "+4930123".to_owned(),
        name: "Anna".to_owned(),
        endpoint: "PJSIP/anonymous".to_owned(),
        variables: Vec::new(),
    });
    world.answer(&id);
    events(world);
    id
}

/// Takes the events that have been sent, parsed.
fn events(world: &mut World) -> Vec<Value> {
    let sent = world
        .take_effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send { text, .. } => Some(serde_json::from_str(&text).unwrap()),
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

#[test]
fn an_inbound_call_comes_is_answered_and_hung_up() {
    let mut world = world();
    let id = world.new_call(NewCall {
        app: APP.to_owned(),
        args: vec!["a".to_owned(), "b".to_owned()],
        context: "default".to_owned(),
        exten: "1000".to_owned(),
        number: "+4930123".to_owned(),
        name: "Anna".to_owned(),
        endpoint: "PJSIP/anonymous".to_owned(),
        variables: Vec::new(),
    });
    let start = events(&mut world).remove(0);
    assert_eq!(start["application"], APP);
    assert_eq!(start["args"], serde_json::json!(["a", "b"]));
    assert_eq!(start["channel"]["state"], "Ring");
    assert_eq!(start["channel"]["caller"]["number"], "+4930123");
    assert_eq!(
        start["channel"]["dialplan"],
        serde_json::json!({"context": "default", "exten": "1000", "priority": 1, "app_name": "Stasis",
            "app_data": "EVERYTHING,a,b"})
    );
    world.answer(&id);
    world.answer(&id);
    assert_eq!(told(&mut world), ["ChannelStateChange Up"]);
    world.hang_up(&id, by_far_end());
    assert_eq!(
        told(&mut world),
        ["ChannelHangupRequest null null null", "StasisEnd"]
    );
    assert!(world.channels.is_empty() && world.apps[APP].channels.is_empty());
    assert_eq!(
        world.records[&id].ending,
        Some(Ending::HungUp {
            by: HungUpBy::FarEnd,
            cause: 16
        })
    );
}

#[test]
fn a_call_that_no_application_takes_ends() {
    let mut world = world();
    world.disconnect(SOCKET);
    let id = call(&mut world);
    assert_eq!(world.records[&id].ending, Some(Ending::NotTaken));
    assert!(world.channels.is_empty());
}

#[test]
fn a_hangup_by_request_says_so_with_a_flag() {
    let mut world = world();
    let id = call(&mut world);
    world.hang_up(&id, by_request());
    assert_eq!(
        told(&mut world),
        ["ChannelHangupRequest 32 true null", "StasisEnd"]
    );
    assert_eq!(
        world.records[&id].ending,
        Some(Ending::HungUp {
            by: HungUpBy::Application,
            cause: 17
        })
    );
}

#[test]
fn playbacks_of_a_channel_are_played_in_turn() {
    let mut world = world();
    let id = call(&mut world);
    play(&mut world, &id, "A", "sound:a");
    play(&mut world, &id, "B", "sound:b");
    play(&mut world, &id, "C", "sound:c");
    assert_eq!(told(&mut world), ["PlaybackStarted A playing"]);
    world.stop_playback("B");
    assert_eq!(
        told(&mut world),
        [""; 0],
        "a queued playback ends when its turn comes"
    );
    world.stop_playback("A");
    assert_eq!(
        told(&mut world),
        [
            "PlaybackFinished A done",
            "PlaybackFinished B done",
            "PlaybackStarted C playing"
        ]
    );
}

#[test]
fn a_list_of_media_continues_from_one_to_the_next() {
    let mut world = world();
    let id = call(&mut world);
    play(&mut world, &id, "A", "sound:a,sound:b");
    let started = world.playback("A").unwrap().json();
    assert!(
        started.contains(r#""media_uri":"sound:a","next_media_uri":"sound:b""#),
        "{started}"
    );
    item_over(&mut world, "A");
    let run = world.take_effects();
    let told: Vec<String> = run
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { text, .. } => Some(tell(&parse(text))),
            Effect::After { .. } => None,
        })
        .collect();
    assert_eq!(
        told,
        ["PlaybackContinuing A continuing", "PlaybackStarted A playing"]
    );
}

#[test]
fn missing_sounds_fail_and_unknown_schemes_are_never_heard_of_again() {
    let mut world = world();
    let id = call(&mut world);
    play(&mut world, &id, "A", "sound:missing");
    assert_eq!(
        told(&mut world),
        ["PlaybackStarted A playing", "PlaybackFinished A failed"]
    );
    play(&mut world, &id, "B", "foo:bar");
    assert_eq!(told(&mut world), ["PlaybackStarted B playing"]);
    assert!(!world.channel(&id).unwrap().is_busy());
}

#[test]
fn a_hangup_cuts_playbacks_off() {
    let mut world = world();
    let id = call(&mut world);
    play(&mut world, &id, "A", "sound:a");
    play(&mut world, &id, "B", "sound:b");
    events(&mut world);
    world.hang_up(&id, by_far_end());
    let expected = [
        "ChannelHangupRequest null null null",
        "PlaybackFinished A failed",
        "PlaybackStarted B playing",
        "PlaybackFinished B failed",
        "StasisEnd",
    ];
    assert_eq!(told(&mut world), expected);

    let id = call(&mut world);
    bridge(&mut world, "b1");
    world.add_to_bridge("b1", &id);
    play(&mut world, &id, "A", "sound:a");
    play(&mut world, &id, "B", "sound:b");
    events(&mut world);
    world.hang_up(&id, by_request());
    let expected = [
        "ChannelHangupRequest 32 true null",
        "PlaybackFinished A failed",
        "ChannelLeftBridge b1 0",
        "StasisEnd",
    ];
    assert_eq!(told(&mut world), expected);
    assert!(world.playbacks.is_empty());
}

#[test]
fn a_timer_of_a_paused_playback_is_too_late() {
    let mut world = world();
    let id = call(&mut world);
    play(&mut world, &id, "A", "sound:a");
    world.pause_playback("A");
    item_over(&mut world, "A");
    assert_eq!(world.playback("A").unwrap().state, PlaybackState::Paused);
    world.unpause_playback("A");
    item_over(&mut world, "A");
    assert_eq!(told(&mut world), ["PlaybackFinished A done"]);
}

fn bridge(world: &mut World, id: &str) {
    world.create_bridge(id.to_owned(), String::new(), BridgeKind::Mixing);
}

#[test]
fn a_channel_moves_between_bridges_and_leaves_by_hangup() {
    let mut world = world();
    let (one, two) = (call(&mut world), call(&mut world));
    bridge(&mut world, "b1");
    bridge(&mut world, "b2");
    assert_eq!(told(&mut world), [""; 0], "making a bridge subscribes nobody");
    world.add_to_bridge("b1", &one);
    world.add_to_bridge("b1", &two);
    world.add_to_bridge("b2", &two);
    world.add_to_bridge("b1", &two);
    let expected = [
        "ChannelEnteredBridge b1 1",
        "ChannelEnteredBridge b1 2",
        "ChannelLeftBridge b1 1",
        "ChannelEnteredBridge b2 1",
        "ChannelLeftBridge b2 0",
        "ChannelEnteredBridge b1 2",
    ];
    assert_eq!(told(&mut world), expected);
    world.hang_up(&one, by_far_end());
    assert_eq!(
        told(&mut world),
        [
            "ChannelHangupRequest 16 null null",
            "ChannelLeftBridge b1 1",
            "StasisEnd"
        ]
    );
}

#[test]
fn bridge_destroyed_reaches_an_application_only_after_a_hangup_in_the_bridge() {
    let mut world = world();
    let id = call(&mut world);
    bridge(&mut world, "b1");
    bridge(&mut world, "b2");
    world.add_to_bridge("b1", &id);
    events(&mut world);
    world.destroy_bridge("b1");
    assert_eq!(told(&mut world), ["ChannelLeftBridge b1 0"]);
    world.add_to_bridge("b2", &id);
    world.hang_up(&id, by_far_end());
    events(&mut world);
    world.destroy_bridge("b2");
    assert_eq!(told(&mut world), ["BridgeDestroyed b2 0"]);
    assert!(world.apps[APP].bridges.is_empty());
}

#[test]
fn events_list_the_hidden_channels_of_a_bridge_and_replies_do_not() {
    let mut world = world();
    let id = call(&mut world);
    bridge(&mut world, "b1");
    world.add_to_bridge("b1", &id);
    world.bridge_mut("b1").unwrap().music = Some("hidden".to_owned());
    events(&mut world);
    assert!(!world.bridge("b1").unwrap().json().contains("hidden"));
    world.remove_from_bridge(&id);
    assert_eq!(told(&mut world), ["ChannelLeftBridge b1 1"]);
    assert_eq!(
        world.bridge("b1").unwrap().music,
        None,
        "music does not play to nobody"
    );
}

#[test]
fn what_plays_to_a_bridge_fails_when_the_last_one_hangs_up() {
    let mut world = world();
    let id = call(&mut world);
    bridge(&mut world, "b1");
    world.add_to_bridge("b1", &id);
    let target = Target::Bridge("b1".to_owned());
    world.play(Playback::new("A".to_owned(), target, vec!["sound:a".to_owned()]));
    events(&mut world);
    world.hang_up(&id, by_far_end());
    let expected = [
        "ChannelHangupRequest null null null",
        "ChannelLeftBridge b1 1",
        "StasisEnd",
        "PlaybackFinished A failed",
    ];
    assert_eq!(told(&mut world), expected);
    assert_eq!(world.records[&id].heard, ["sound:a"]);
}

#[test]
fn a_channel_continues_in_the_dialplan_when_what_plays_is_over() {
    let mut world = world();
    let id = call(&mut world);
    bridge(&mut world, "b1");
    world.add_to_bridge("b1", &id);
    play(&mut world, &id, "A", "sound:a");
    let place = Location {
        context: "other".to_owned(),
        exten: "s".to_owned(),
        priority: 1,
    };
    world.leave(&id, Leave::Continue(Some(place)));
    item_over(&mut world, "A");
    assert_eq!(
        told(&mut world),
        ["PlaybackFinished A done", "ChannelLeftBridge b1 0", "StasisEnd"]
    );
    let ending = Ending::Continued {
        context: "other".to_owned(),
        extension: "s".to_owned(),
        priority: 1,
    };
    assert_eq!(world.records[&id].ending, Some(ending));
    assert!(world.channel(&id).is_some(), "it goes on in the dialplan");

    let id = call(&mut world);
    world.leave(&id, Leave::Continue(None));
    assert_eq!(told(&mut world), ["StasisEnd"]);
    assert!(world.channel(&id).is_none(), "the next priority hangs up");
}

#[test]
fn a_channel_moves_to_another_application_if_that_is_connected() {
    let mut world = world();
    let id = call(&mut world);
    let leave = || Leave::Move {
        app: "second".to_owned(),
        args: vec!["x".to_owned()],
    };
    world.leave(&id, leave());
    let failed = events(&mut world).remove(0);
    assert_eq!(tell(&failed), "ApplicationMoveFailed");
    assert_eq!(
        (&failed["destination"], &failed["args"][0]),
        (&"second".into(), &"x".into())
    );
    world.connect(2, &["second"], false);
    world.leave(&id, leave());
    let moved = events(&mut world);
    assert_eq!(
        moved.iter().map(tell).collect::<Vec<_>>(),
        ["StasisEnd", "StasisStart"]
    );
    assert_eq!(
        (&moved[0]["application"], &moved[1]["application"]),
        (&APP.into(), &"second".into())
    );
}

#[test]
fn another_channel_takes_the_place_of_a_transferred_one() {
    let mut world = world();
    let (one, two) = (call(&mut world), call(&mut world));
    bridge(&mut world, "b1");
    world.add_to_bridge("b1", &one);
    world.add_to_bridge("b1", &two);
    events(&mut world);
    let new = world.transfer(&one, "777").unwrap();
    let told = events(&mut world);
    assert_eq!(told[0]["replace_channel"]["id"], one.as_str());
    assert_eq!(told[0]["channel"]["id"], new.as_str());
    let expected = [
        "StasisStart",
        "ChannelLeftBridge b1 1",
        "ChannelEnteredBridge b1 2",
        "StasisEnd",
    ]
    .map(str::to_owned);
    assert_eq!(told.iter().map(tell).collect::<Vec<_>>(), expected);
    assert_eq!(
        world.records[&one].ending,
        Some(Ending::Replaced { by: new.clone() })
    );
    assert_eq!(world.channel(&new).unwrap().app.as_deref(), Some(APP));
}

fn originated(world: &mut World, phone: Phone, timeout: Option<Duration>) -> Vec<String> {
    let mut channel = Channel::new("out", "PJSIP/alice-1".to_owned(), State::Down, Origin::Created);
    let enters = Some((APP.to_owned(), vec!["x".to_owned()]));
    channel.dial = Some(Dial {
        dialstring: "alice".to_owned(),
        phone,
        timeout,
        enters,
        begun: false,
    });
    world.add_created(channel, Some(APP));
    world.dial("out");
    told(world)
}

#[test]
fn an_outgoing_call_enters_the_application_when_it_is_answered() {
    let mut world = world();
    let phone = Phone::AnswersAfter(Duration::from_secs(1));
    let expected = ["Dial ", "ChannelStateChange Ringing", "Dial RINGING"];
    assert_eq!(originated(&mut world, phone, None), expected);
    world.tick(&Timer::Dial {
        channel: "out".to_owned(),
        step: Step::Answered,
    });
    assert_eq!(
        told(&mut world),
        ["ChannelStateChange Up", "Dial ANSWER", "StasisStart"]
    );
    world.hang_up("out", by_request());
    assert_eq!(
        told(&mut world),
        [
            "ChannelHangupRequest 32 true null",
            "StasisEnd",
            "ChannelDestroyed 17"
        ]
    );
    assert!(world.apps[APP].channels.is_empty());
}

#[test]
fn outgoing_calls_fail_without_entering_the_application() {
    let mut world = world();
    let busy = [
        "Dial ",
        "ChannelHangupRequest 17 null 486",
        "Dial BUSY",
        "ChannelDestroyed 17",
    ];
    assert_eq!(originated(&mut world, Phone::Busy, None), busy);
    originated(&mut world, Phone::RingsOn, Some(Duration::from_secs(1)));
    world.tick(&Timer::Dial {
        channel: "out".to_owned(),
        step: Step::TimedOut,
    });
    assert_eq!(told(&mut world), ["ChannelDestroyed 19"]);
    originated(&mut world, Phone::RingsOn, None);
    world.hang_up(
        "out",
        Hangup {
            by: HungUpBy::Application,
            cause: 16,
            tech_cause: None,
        },
    );
    let expected = [
        "ChannelHangupRequest 32 true null",
        "Dial NOANSWER",
        "ChannelDestroyed 16",
    ];
    assert_eq!(told(&mut world), expected);
}

#[test]
fn a_snoop_ends_with_the_channel_that_it_listens_to() {
    let mut world = world();
    let id = call(&mut world);
    world.add_created(
        Channel::new(
            "snoop",
            "Snoop/x".to_owned(),
            State::Up,
            Origin::Snoop(id.clone()),
        ),
        None,
    );
    world.enter_now("snoop", APP, &[]);
    events(&mut world);
    world.hang_up(&id, by_far_end());
    assert_eq!(
        told(&mut world),
        ["ChannelHangupRequest null null null", "StasisEnd", "StasisEnd"]
    );
    assert!(world.channels.is_empty());
}

#[test]
fn a_second_socket_takes_the_application_over() {
    let mut world = world();
    world.connect(2, &[APP], false);
    let effects = world.take_effects();
    let [Effect::Send { socket: SOCKET, text }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(text.contains("ApplicationReplaced"), "{text}");
    world.disconnect(SOCKET);
    assert!(world.is_active(APP));
}

#[test]
fn an_application_with_calls_survives_its_socket() {
    let mut world = world();
    let id = call(&mut world);
    world.disconnect(SOCKET);
    assert!(!world.is_active(APP) && world.apps.contains_key(APP));
    world.answer(&id);
    world.digit(&id, '1', 100);
    assert_eq!(told(&mut world), [""; 0], "events are dropped meanwhile");
    world.connect(2, &[APP], false);
    world.digit(&id, '2', 100);
    assert_eq!(told(&mut world), ["ChannelDtmfReceived"]);
    world.disconnect(2);
    world.hang_up(&id, by_far_end());
    assert!(world.apps.is_empty());
}

#[test]
fn filters_hold_events_back() {
    let mut world = world();
    let id = call(&mut world);
    world
        .apps
        .get_mut(APP)
        .unwrap()
        .disallowed
        .push("ChannelDtmfReceived".to_owned());
    world.digit(&id, '1', 100);
    world.held(&id, true);
    assert_eq!(told(&mut world), ["ChannelHold"]);
}

#[test]
fn a_dialplan_that_matches_h_runs_the_application_again_for_the_dead_channel() {
    let mut world = world();
    world.pattern_matches_h = true;
    let id = call(&mut world);
    world.hang_up(&id, by_far_end());
    let told = events(&mut world);
    let kinds = [
        "ChannelHangupRequest null null null",
        "StasisEnd",
        "StasisStart",
        "StasisEnd",
    ];
    assert_eq!(told.iter().map(tell).collect::<Vec<_>>(), kinds);
    assert_eq!(told[2]["channel"]["dialplan"]["exten"], "h");
}

#[test]
fn bridge_types_are_read_as_asterisk_does() {
    assert_eq!(bridge_kind(None), Some(BridgeKind::Mixing));
    assert_eq!(bridge_kind(Some("mixing,dtmf_events")), Some(BridgeKind::Mixing));
    assert_eq!(bridge_kind(Some("mixing,zzz")), Some(BridgeKind::Mixing));
    assert_eq!(
        bridge_kind(Some("holding,dtmf_events")),
        Some(BridgeKind::Holding)
    );
    for impossible in ["mixing,holding", "zzz", "dtmf_events"] {
        assert_eq!(bridge_kind(Some(impossible)), None, "{impossible}");
    }
}
