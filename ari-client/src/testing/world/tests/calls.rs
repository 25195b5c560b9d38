//! Calls that come in, and their ends.

use super::*;

#[test]
fn an_inbound_call_comes_is_answered_and_hung_up() {
    let mut world = world();
    let id = world.new_call(new_call(&["a", "b"]));
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
