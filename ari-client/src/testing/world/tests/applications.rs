//! Applications: their sockets, their filters, and calls without one.

use super::*;

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
