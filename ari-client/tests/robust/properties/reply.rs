//! What holds for any reply to any operation.

use std::fmt::Debug;

use ari_client::ErrorKind;
use ari_client::request::{Operation, RawResponse};
use ari_client::rt::{Bytes, Result};
use ari_client::{applications, asterisk, bridges, channels, device_states, endpoints};
use ari_client::{mailboxes, playbacks, recordings, sounds, user_events};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::is_kept;

/// How an operation reads its reply.
#[derive(Clone, Copy)]
pub(crate) struct Decoder {
    pub(crate) name: &'static str,
    /// The type of the reply: operations that have it in common read alike.
    pub(crate) output: &'static str,
    pub(crate) decode: Decode,
}

/// Decodes a reply; it is the same after it was written and read again. Returns what was written.
type Decode = fn(RawResponse) -> Result<Value>;

/// Each operation gets a value, or an error of its own that keeps status and body.
pub(crate) fn holds(decoders: &[Decoder], status: u16, body: &[u8]) {
    for Decoder { name, decode, .. } in decoders.iter().copied() {
        let Err(error) = decode(RawResponse::new(status, body.to_vec())) else {
            assert!((200..300).contains(&status), "{name}: {status}");
            continue;
        };
        assert_eq!(error.operation(), Some(name));
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.body().map(|body| &**body), Some(body));
        let kinds: &[ErrorKind] = match status {
            200..300 => &[ErrorKind::Undecodable],
            401 | 403 => &[ErrorKind::Unauthorized],
            404 => &[ErrorKind::Refused, ErrorKind::NotAri],
            _ => &[ErrorKind::Refused],
        };
        assert!(kinds.contains(&error.kind()), "{error:?}");
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }
}

fn json<O: Operation>(response: RawResponse) -> Result<Value>
where
    O::Output: Serialize + DeserializeOwned + PartialEq + Debug,
{
    Ok(is_kept(&O::decode(response.success(O::NAME)?)?))
}

/// The one reply that is no JSON.
fn bytes<O: Operation<Output = Bytes>>(response: RawResponse) -> Result<Value> {
    let body = response.body.clone();
    assert_eq!(O::decode(response.success(O::NAME)?)?, body);
    Ok(Value::Null)
}

macro_rules! decoders {
    ($($module:ident: $($operation:ident)*;)*) => {
        /// Every operation.
        pub(crate) fn decoders() -> Vec<Decoder> {
            vec![
                decoder::<recordings::GetStoredFile>(bytes::<recordings::GetStoredFile>),
                $($(decoder::<$module::$operation>(json::<$module::$operation>),)*)*
            ]
        }
    };
}

/// One operation for each type of reply.
pub(crate) fn one_of_each_type() -> Vec<Decoder> {
    let mut decoders = decoders();
    decoders.sort_by_key(|decoder| decoder.output);
    decoders.dedup_by_key(|decoder| decoder.output);
    decoders
}

fn decoder<O: Operation>(decode: Decode) -> Decoder {
    let (name, output) = (O::NAME, std::any::type_name::<O::Output>());
    Decoder { name, output, decode }
}

decoders! {
    applications: List Get Subscribe Unsubscribe Filter;
    asterisk: GetObject UpdateObject DeleteObject GetInfo Ping ListModules GetModule LoadModule UnloadModule
        ReloadModule ListLogChannels AddLog DeleteLog RotateLog GetGlobalVar SetGlobalVar;
    bridges: List Create CreateWithId Get Destroy GetBridgeVar SetBridgeVar GetBridgeVars SetBridgeVars AddChannel
        RemoveChannel SetVideoSource ClearVideoSource StartMoh StopMoh Play PlayWithId Record;
    channels: List Originate Create Get OriginateWithId Hangup ContinueInDialplan Move Redirect Answer Ring RingStop
        Progress SendDtmf Mute Unmute Hold Unhold StartMoh StopMoh StartSilence StopSilence Play PlayWithId Record
        GetChannelVar SetChannelVar GetChannelVars SetChannelVars SnoopChannel SnoopChannelWithId Dial RtpStatistics
        ExternalMedia TransferProgress;
    device_states: List Get Update Delete;
    endpoints: List SendMessage Refer ListByTech Get SendMessageToEndpoint ReferToEndpoint;
    mailboxes: List Get Update Delete;
    playbacks: Get Stop Control;
    recordings: ListStored GetStored DeleteStored CopyStored GetLive Cancel Stop Pause Unpause Mute Unmute;
    sounds: List Get;
    user_events: UserEvent ClaimChannel;
}
