//! Every model keeps what it reads.

use ari_client::models;
use proptest::prelude::*;
use proptest::strategy::Union;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::properties::is_kept;
use crate::schema::{is_whole, schema};

type Model = (&'static str, fn(&Value) -> Value);

macro_rules! models {
    ($($wire:ident $name:ident,)*) => {
        /// Each model: its name on the wire, and a reader that tells what it would write.
        const MODELS: &[Model] = &[$((stringify!($wire), kept::<models::$name>),)*];
    };
}

models! {
    AdditionalParam AdditionalParam, Application Application, AsteriskInfo AsteriskInfo, AsteriskPing AsteriskPing,
    Bridge Bridge, BuildInfo BuildInfo, CallerID CallerId, Channel Channel, ConfigInfo ConfigInfo,
    ConfigTuple ConfigTuple, ContactInfo ContactInfo, DeviceState DeviceState, Dialed Dialed, DialplanCEP DialplanCep,
    Endpoint Endpoint, Event Event, FormatLangPair FormatLangPair, LiveRecording LiveRecording, LogChannel LogChannel,
    Mailbox Mailbox, Message Message, MissingParams MissingParams, Module Module, Peer Peer, Playback Playback,
    RESTHeader RestHeader, RESTQueryStringParameter RestQueryStringParameter, RESTRequest RestRequest,
    RTPstat RtpStat, ReferTo ReferTo, ReferredBy ReferredBy, RequiredDestination RequiredDestination, SetId SetId,
    Sound Sound, StatusInfo StatusInfo, StoredRecording StoredRecording, SystemInfo SystemInfo, TextMessage TextMessage,
    Variable Variable, Variables Variables,
}

fn kept<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &Value) -> Value {
    let model: T =
        serde_json::from_str(&value.to_string()).unwrap_or_else(|error| panic!("{error} in {value}"));
    is_kept(&model)
}

#[test]
fn every_model_is_listed() {
    let listed: Vec<_> = MODELS.iter().map(|(wire, _)| *wire).collect();
    assert_eq!(listed, schema().plain_models());
}

fn any_model() -> impl Strategy<Value = (usize, Value)> {
    let schema = schema();
    let models = MODELS.iter().enumerate();
    Union::new(models.map(|(index, (wire, _))| (Just(index), schema.object(wire)).boxed()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_read_is_written((index, sent) in any_model()) {
        let (wire, kept) = MODELS[index];
        let kept = kept(&sent);
        prop_assert!(is_whole(&sent, &kept), "{}: {} became {}", wire, sent, kept);
    }
}
