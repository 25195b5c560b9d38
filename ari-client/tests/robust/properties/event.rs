//! What holds for any event frame.

use ari_client::rt::{Bytes, Keys, Peek};
use ari_client::{Event, EventKind, EventType, ObjectKind};
use serde_json::Value;

use super::{is_kept, plain::is_plain};

/// Nothing of the frame is lost, its kind is the right one, and routing reads in it what the decoder does.
pub(crate) fn holds(frame: &[u8]) {
    let event = Event::decode(Bytes::copy_from_slice(frame));
    assert_eq!(event.raw(), frame);
    match &event.kind {
        EventKind::Malformed(malformed) => assert!(!malformed.reason.is_empty()),
        EventKind::Unknown(name) => {
            assert_eq!(EventType::from_name(name), EventType::Unknown);
            if is_plain(frame) {
                assert_eq!(event.parse::<Value>().unwrap()["type"], **name);
            }
        }
        kind => drop(typed(kind)),
    }
    if is_plain(frame) {
        layout_does_not_matter(&event);
        routing_agrees(&event);
    }
}

/// The same JSON in another order and without spaces is the same event.
fn layout_does_not_matter(event: &Event) {
    let text = event.parse::<Value>().unwrap().to_string();
    let other = Event::decode(text.into()).kind;
    match (&event.kind, &other) {
        (EventKind::Malformed(one), EventKind::Malformed(other)) => {
            assert_eq!(one.type_name, other.type_name);
        }
        (one, other) => assert_eq!(one, other),
    }
}

/// What decodes is routed, by the type and the objects that it has.
fn routing_agrees(event: &Event) {
    if matches!(event.kind, EventKind::Malformed(_) | EventKind::Unknown(_)) {
        return;
    }
    let peek: Peek<'_> = serde_json::from_slice(event.raw()).unwrap();
    assert_eq!(peek.type_name, event.event_type().name());
    assert_eq!(Some(&*peek.application), event.kind.application());
    let mut keys = Vec::new();
    peek.keys(&mut |kind, id| keys.push((kind, id.to_owned())));
    for (kind, id) in named(&event.kind) {
        assert!(
            id.is_empty() || keys.iter().any(|(known, key)| (*known, &**key) == (kind, id)),
            "{kind} `{id}` is not among {keys:?}"
        );
    }
}

/// The objects that the accessors find in an event.
fn named(event: &EventKind) -> impl Iterator<Item = (ObjectKind, &str)> {
    let found = [
        (ObjectKind::Channel, event.channel_id()),
        (ObjectKind::Bridge, event.bridge_id()),
        (
            ObjectKind::Playback,
            event.playback().map(|playback| &*playback.id),
        ),
        (
            ObjectKind::Recording,
            event.recording().map(|recording| &*recording.name),
        ),
    ];
    found.into_iter().filter_map(|(kind, id)| Some((kind, id?)))
}

macro_rules! typed {
    ($($name:ident)*) => {
        /// What an event of a known type is when it is written; it is the same when that is read again.
        pub(crate) fn typed(kind: &EventKind) -> Value {
            match kind {
                $(EventKind::$name(event) => is_kept(&**event),)*
                other => panic!("no known type: {other:?}"),
            }
        }

        /// The types that this list holds, to be compared with all there are.
        pub(crate) const LISTED: &[EventType] = &[$(EventType::$name),*];
    };
}

typed! {
    DeviceStateChanged PlaybackStarted PlaybackContinuing PlaybackFinished RecordingStarted RecordingFinished
    RecordingFailed ApplicationMoveFailed ApplicationRegistered ApplicationUnregistered ApplicationReplaced
    BridgeCreated BridgeDestroyed BridgeMerged BridgeVideoSourceChanged BridgeBlindTransfer BridgeAttendedTransfer
    ChannelCreated ChannelDestroyed ChannelEnteredBridge ChannelLeftBridge ChannelStateChange ChannelDtmfReceived
    ChannelDialplan ChannelCallerId ChannelUserevent ChannelHangupRequest ChannelVarset ChannelHold ChannelUnhold
    ChannelToneDetected ChannelTalkingStarted ChannelTalkingFinished ContactStatusChange PeerStatusChange
    EndpointStateChange Dial StasisEnd StasisStart TextMessageReceived ChannelConnectedLine ChannelTransfer
    RestResponse CallBroadcast CallClaimed
}
