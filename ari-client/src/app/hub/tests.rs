//! The table, and what is left in it.

use super::*;
use crate::app::interest::EventTypes;
use crate::app::mailbox::{Item, Owner, WhenFull};

const DIAL: &str = r#"{"type":"Dial","application":"a","timestamp":"t","dialstatus":"",
    "caller":{"id":"c1","name":"n"},"peer":{"id":"c2","name":"n"}}"#;

fn listener(hub: &Arc<Hub>, types: EventTypes) -> Registration {
    hub.register(Arc::new(hub.mailbox(types, 10_000, WhenFull::Overflow)))
}

fn deliver(hub: &Hub, frame: &str) -> bool {
    let peek: Peek<'_> = serde_json::from_str(frame).unwrap();
    hub.deliver(EventType::from_name(&peek.type_name), &peek, frame.as_bytes())
}

fn count(registration: &Registration) -> usize {
    std::iter::from_fn(|| registration.mailbox().try_next())
        .filter(|item| matches!(item, Item::Frame(..)))
        .count()
}

#[test]
fn an_event_reaches_each_interested_mailbox_once() {
    let hub = Arc::new(Hub::new(usize::MAX));
    let both = listener(&hub, EventTypes::ALL);
    both.add(ObjectKind::Channel, "c1");
    both.add(ObjectKind::Channel, "c2");
    let peer = listener(&hub, EventTypes::ALL);
    peer.add(ObjectKind::Channel, "c2");
    let digits_only = listener(&hub, EventType::ChannelDtmfReceived.into());
    digits_only.add(ObjectKind::Channel, "c1");
    assert!(deliver(&hub, DIAL));
    assert_eq!((count(&both), count(&peer), count(&digits_only)), (1, 1, 0));
}

#[test]
fn nothing_is_left_in_the_table_when_all_is_over() {
    let hub = Arc::new(Hub::new(usize::MAX));
    let listener = listener(&hub, EventTypes::ALL);
    listener.add(ObjectKind::Channel, "c1");
    listener.add(ObjectKind::Playback, "p1");
    hub.begin_call(&"a".into(), &Identity::new("c1"));
    drop(listener);
    hub.leave("c1", Some("a"));
    assert_eq!(hub.len(), 0);
    assert!(!deliver(&hub, DIAL));
}

#[test]
fn a_replacing_channel_inherits_role_and_listeners() {
    let hub = Arc::new(Hub::new(usize::MAX));
    let call = listener(&hub, EventTypes::ALL);
    call.add(ObjectKind::Channel, "old");
    hub.begin_call(&"a".into(), &Identity::new("old"));
    assert!(hub.replace("old", "c1"));
    hub.leave("old", Some("a"));
    assert!(matches!(hub.role("c1"), Some(Role::Call { .. })));
    assert!(deliver(&hub, DIAL));
    assert_eq!(count(&call), 1);
    assert!(!hub.replace("stranger", "c9"));
    drop(call);
    hub.leave("c1", None);
    assert_eq!(hub.len(), 0);
}

#[test]
fn a_channel_that_moved_between_applications_is_a_call_of_the_latter() {
    let hub = Arc::new(Hub::new(usize::MAX));
    let (first, second) = (Arc::from("a"), Arc::from("b"));
    hub.begin_call(&first, &Identity::new("c1"));
    // The second application's socket may be the faster one.
    hub.begin_call(&second, &Identity::new("c1"));
    hub.leave("c1", Some("a"));
    assert!(matches!(hub.role("c1"), Some(Role::Call { application, .. }) if application == second));
}

#[test]
fn channels_that_were_asked_for_and_never_seen_do_not_add_up() {
    let hub = Arc::new(Hub::new(usize::MAX));
    for number in 0..100_000 {
        hub.expect(&number.to_string());
    }
    assert!(hub.len() <= 65_536, "{}", hub.len());
    assert!(hub.role("99999").is_some() && hub.role("1").is_none());
}

#[test]
fn after_many_transfers_nothing_is_left() {
    const LAST: u32 = 100;
    let hub = Arc::new(Hub::new(usize::MAX));
    let call = listener(&hub, EventTypes::ALL);
    call.add(ObjectKind::Channel, "0");
    hub.begin_call(&"a".into(), &Identity::new("0"));
    for number in 0..LAST {
        let (old, new) = (number.to_string(), (number + 1).to_string());
        assert!(hub.replace(&old, &new));
        hub.leave(&old, Some("a"));
    }
    hub.leave(&LAST.to_string(), Some("a"));
    drop(call);
    assert_eq!(hub.len(), 0);
}

#[test]
fn a_listener_that_outlives_what_it_listens_to_does_not_grow() {
    let hub = Arc::new(Hub::new(usize::MAX));
    let room = listener(&hub, EventTypes::ALL);
    room.add(ObjectKind::Bridge, "b1");
    for number in 0..1_000 {
        let visitor = number.to_string();
        room.add(ObjectKind::Channel, &visitor);
        room.add(ObjectKind::Channel, &visitor);
        room.remove(ObjectKind::Channel, &visitor);
    }
    assert_eq!((hub.len(), room.mailbox().keys().len()), (1, 1));
}

#[test]
fn a_call_hears_of_its_own_application_only() {
    let hub = Arc::new(Hub::new(usize::MAX));
    let owner = |application: &str| Owner {
        application: application.into(),
        alarm: Arc::default(),
    };
    let call = |application| {
        let mailbox = hub
            .mailbox(EventTypes::ALL, 10_000, WhenFull::Overflow)
            .owned_by(&owner(application));
        let call = hub.register(Arc::new(mailbox));
        call.add(ObjectKind::Channel, "c1");
        call
    };
    let (ours, other) = (call("a"), call("b"));
    assert!(deliver(&hub, DIAL));
    assert_eq!((count(&ours), count(&other)), (1, 0));
}

#[test]
fn who_came_first_gets_an_event_when_all_others_have_it() {
    const EVENTS: usize = 2_000;
    let hub = Arc::new(Hub::new(usize::MAX));
    let roomy = || {
        hub.register(Arc::new(hub.mailbox(
            EventTypes::ALL,
            usize::MAX,
            WhenFull::Overflow,
        )))
    };
    let [task, others @ ..] = [roomy(), roomy(), roomy(), roomy()];
    for listener in [&task].into_iter().chain(&others) {
        listener.add(ObjectKind::Channel, "c1");
    }
    std::thread::scope(|scope| {
        scope.spawn(|| (0..EVENTS).for_each(|_| assert!(deliver(&hub, DIAL))));
        for event in 0..EVENTS {
            while task.mailbox().try_next().is_none() {
                std::hint::spin_loop();
            }
            let have = |listener: &Registration| listener.mailbox().try_next().is_some();
            assert!(others.iter().all(have), "event {event}");
        }
    });
}

/// Answers, makes one of everything, and follows the call to its end.
#[cfg(feature = "testing")]
async fn busy(call: crate::Call) -> crate::prelude::Result {
    let _all = call.events();
    call.answer().await?;
    call.play("sound:beep").await?.finished().await?;
    let media = call.external_media("127.0.0.1:9".parse()?).await?;
    let bridge = call.bridge().await?;
    bridge.add(&media).await?;
    let room = call.room("everybody").await?;
    room.add(&call).await?;
    drop(room);
    while call.next_digit().await.is_ok() {}
    Ok(())
}

#[cfg(feature = "testing")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_transfers_and_visits_to_a_room_leave_nothing_behind() {
    let asterisk = crate::testing::FakeAsterisk::start().await.unwrap();
    let ari = crate::Ari::builder(asterisk.url())
        .credentials(asterisk.username(), asterisk.password())
        .build()
        .unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = ari.service("app", busy).stop_when(async { drop(stopped.await) });
    let service = tokio::spawn(service.run());
    asterisk.wait_for_application("app").await.unwrap();
    let stays = asterisk.call("1").place("app").await.unwrap();
    stays.wait_until_bridged().await.unwrap();
    let mut most = 0;
    for visit in 0..40 {
        let mut caller = asterisk.call("1").place("app").await.unwrap();
        caller.wait_until_bridged().await.unwrap();
        if visit % 2 == 0 {
            caller = caller.transferred_to("2").await.unwrap();
        }
        caller.hang_up().await;
        most = most.max(ari.hub().len());
    }
    stays.hang_up().await;
    asterisk.wait_until_idle().await.unwrap();
    stop.send(()).unwrap();
    service.await.unwrap().unwrap();
    assert_eq!(ari.hub().len(), 0, "left behind: {:?}", ari.hub());
    assert!(most < 40, "{most} routes for two callers");
}
