//! Event frames against their typed form.

use anyhow::{Result, bail, ensure};
use ari_client::{Event, EventKind};
use bytes::Bytes;
use serde_json::Value;

use super::lossless::losses;

/// The typed event as JSON again; an event of no known type, or one that does not decode, is an error.
macro_rules! to_value {
    ($kind:expr; $($known:ident)*) => {
        match $kind {
            $(EventKind::$known(event) => Ok(serde_json::to_value(event)?),)*
            EventKind::Malformed(malformed) => bail!("does not decode: {}", malformed.reason),
            other => bail!("is of no known type: {other:?}"),
        }
    };
}

fn value(kind: &EventKind) -> Result<Value> {
    to_value!(kind;
        ApplicationMoveFailed ApplicationRegistered ApplicationReplaced ApplicationUnregistered
        BridgeAttendedTransfer BridgeBlindTransfer BridgeCreated BridgeDestroyed BridgeMerged BridgeVideoSourceChanged
        CallBroadcast CallClaimed
        ChannelCallerId ChannelConnectedLine ChannelCreated ChannelDestroyed ChannelDialplan ChannelDtmfReceived
        ChannelEnteredBridge ChannelHangupRequest ChannelHold ChannelLeftBridge ChannelStateChange
        ChannelTalkingFinished ChannelTalkingStarted ChannelToneDetected ChannelTransfer ChannelUnhold
        ChannelUserevent ChannelVarset
        ContactStatusChange DeviceStateChanged Dial EndpointStateChange PeerStatusChange
        PlaybackContinuing PlaybackFinished PlaybackStarted RecordingFailed RecordingFinished RecordingStarted
        RestResponse StasisEnd StasisStart TextMessageReceived
    )
}

/// Decodes a frame and returns its type, if the typed event has all that the frame has.
pub(super) fn checked(frame: &Bytes) -> (String, Result<()>) {
    let mut raw: Value = serde_json::from_slice(frame).unwrap_or_default();
    let kind = raw
        .as_object_mut()
        .and_then(|raw| raw.remove("type"))
        .unwrap_or_default();
    let kind = kind.as_str().unwrap_or("(no type)").to_owned();
    let judged = judge(frame, &kind, &raw);
    (kind, judged)
}

fn judge(frame: &Bytes, kind: &str, raw: &Value) -> Result<()> {
    let event = Event::decode(frame.clone());
    ensure!(
        event.event_type().name() == kind,
        "became {}",
        event.event_type().name()
    );
    let losses = losses(raw, &value(&event.kind)?);
    ensure!(losses.is_empty(), "{}", losses.join("; "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(frame: &'static str) -> String {
        checked(&Bytes::from_static(frame.as_bytes()))
            .1
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn an_event_is_whole_or_its_losses_are_told() {
        let whole =
            Bytes::from_static(br#"{"type":"ApplicationReplaced","application":"a","timestamp":"t"}"#);
        let (kind, judged) = checked(&whole);
        assert_eq!(kind, "ApplicationReplaced");
        judged.unwrap();
        let more = r#"{"type":"ApplicationReplaced","application":"a","timestamp":"t","more":{"x":1}}"#;
        assert_eq!(error(more), ".more is lost: {\"x\":1}");
        assert!(error(r#"{"type":"StasisStart","args":7}"#).starts_with("does not decode: "));
        assert!(error(r#"{"type":"Nosuch"}"#).starts_with("became "));
        assert!(error("no JSON").starts_with("became "));
    }
}
