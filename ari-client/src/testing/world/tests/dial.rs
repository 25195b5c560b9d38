//! Calls that go out.

use super::*;

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
