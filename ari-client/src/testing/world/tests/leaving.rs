//! Channels that leave an application and live on, and those that take their place.

use super::*;

#[test]
fn a_channel_continues_in_the_dialplan_when_what_plays_is_over() {
    let mut world = world();
    let id = call(&mut world);
    room(&mut world, "b1", &[&id]);
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
    room(&mut world, "b1", &[&one, &two]);
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
