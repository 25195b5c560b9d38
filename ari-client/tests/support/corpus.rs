//! What a real Asterisk sent, told of other channels.
#![allow(dead_code, reason = "each program uses a part")]

use std::fs;
use std::io;
use std::path::PathBuf;

use super::server::frame;

/// The application that the events are for.
pub(crate) const APP: &str = "EVERYTHING";

/// What Asterisk sends most while calls are up: the ten most frequent types in calls that hear prompts, press digits
/// and talk in rooms. A call's beginning and its end come once in each.
pub(crate) const FREQUENT: [&str; 10] = [
    "ChannelVarset",
    "ChannelDialplan",
    "ChannelStateChange",
    "ChannelDtmfReceived",
    "PlaybackStarted",
    "PlaybackFinished",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "ChannelTalkingStarted",
    "ChannelTalkingFinished",
];

/// The recorded events of one type that are about a channel.
pub(crate) fn recorded(event_type: &str) -> io::Result<Vec<String>> {
    let mut recorded = Vec::new();
    for number in 1.. {
        match fs::read_to_string(events().join(format!("{event_type}-{number}.json"))) {
            Ok(event) if channel_of(&event).is_some() => recorded.push(event),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && number > 1 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(recorded)
}

/// A recorded event that is about no channel.
pub(crate) fn recorded_of_none(event_type: &str) -> io::Result<String> {
    let event = fs::read_to_string(events().join(format!("{event_type}-1.json")))?;
    Ok(of_our_application(&event))
}

fn events() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/asterisk-22/events")
}

fn of_our_application(event: &str) -> String {
    event.replace(
        r#""application":"coverage""#,
        &format!(r#""application":"{APP}""#),
    )
}

/// The id of the channel that an event is about.
fn channel_of(event: &str) -> Option<&str> {
    let behind = |mark: &str| {
        let (_, rest) = event.split_once(mark)?;
        rest.split_once('"').map(|(id, _)| id)
    };
    behind(r#""channel":{"id":""#).or_else(|| behind(r#""target_uri":"channel:"#))
}

/// The event, as it had been about channel `id`.
pub(crate) fn about(event: &str, id: &str) -> String {
    let event = of_our_application(event);
    match channel_of(&event) {
        Some(known) => event.replace(known, id),
        None => event,
    }
}

/// The id of a call, as Asterisk forms them.
pub(crate) fn id(call: usize) -> String {
    format!("1795404266.{call}")
}

/// The frames with which calls begin.
pub(crate) fn beginnings(calls: usize) -> io::Result<Vec<u8>> {
    let recorded = recorded("StasisStart")?;
    let begin = |call: usize| frame(&about(&recorded[call % recorded.len()], &id(call)));
    Ok((0..calls).flat_map(begin).collect())
}

/// The frames with which calls end. Their channels are destroyed later, which no call hears.
pub(crate) fn ends(calls: usize) -> io::Result<Vec<u8>> {
    let recorded = recorded("StasisEnd")?;
    let end = |call: usize| frame(&about(&recorded[call % recorded.len()], &id(call)));
    Ok((0..calls).flat_map(end).collect())
}

/// `count` events of the most frequent types, evenly spread over types and calls. The n-th is of type
/// `FREQUENT[n % 10]`.
pub(crate) fn chatter(calls: usize, count: usize) -> io::Result<Vec<u8>> {
    let mix: Vec<_> = FREQUENT.into_iter().map(recorded).collect::<io::Result<_>>()?;
    let mut frames = Vec::new();
    for n in 0..count {
        let (round, event_type) = (n / FREQUENT.len(), n % FREQUENT.len());
        let recorded = &mix[event_type];
        // Neighbours are about different calls, and each call gets each type.
        let call = (n + round) % calls;
        frames.extend(frame(&about(&recorded[round % recorded.len()], &id(call))));
    }
    Ok(frames)
}
