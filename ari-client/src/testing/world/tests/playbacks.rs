//! Playbacks: their turns, their items and their ends.

use super::*;

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
    assert_eq!(
        told(&mut world),
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
    room(&mut world, "b1", &[&id]);
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
