//! Bridges: who enters and leaves them, and what is told of it.

use super::*;

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
    room(&mut world, "b1", &[&id]);
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
    room(&mut world, "b1", &[&id]);
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
