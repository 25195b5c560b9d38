//! The generated bindings: what operations put on the wire, and what real servers' objects become.
#![allow(
    clippy::unwrap_used,
    reason = "helpers outside the test functions unwrap, too"
)]

use ari_client::models::{ChannelState, ConfigTuple, HangupReason, InfoSection, TerminateOn};
use ari_client::request::{Method, Operation, RawRequest, RawResponse};
use ari_client::{ErrorKind, EventKind, EventType, events, models};
use ari_client::{applications, asterisk, bridges, channels, endpoints, recordings, user_events};
use serde_json::{Value, json};

fn request(operation: impl Operation) -> RawRequest {
    operation.into_request().unwrap()
}

fn path(request: &RawRequest) -> String {
    format!("{} /{}", request.method, request.path.join("/"))
}

fn query<'r>(request: &'r RawRequest, name: &str) -> Option<&'r str> {
    request
        .query
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn body(request: &RawRequest) -> Value {
    serde_json::from_str(request.body.as_deref().unwrap_or("null")).unwrap()
}

mod operations {
    use super::*;

    #[test]
    fn originate_makes_the_channels_id_and_wraps_its_variables() {
        let request = request(
            channels::Originate::new("PJSIP/alice")
                .app("ivr")
                .timeout(30)
                .variable("X", "1")
                .variables([("Y", ari_client::rt::VariableValue::reported("2"))]),
        );
        assert_eq!(request.operation, "channels.originate");
        assert_eq!(path(&request), "POST /channels");
        assert_eq!(query(&request, "endpoint"), Some("PJSIP/alice"));
        assert_eq!(query(&request, "timeout"), Some("30"));
        let [(_, id)] = &request.creates[..] else {
            panic!("{request:?}")
        };
        assert_eq!(query(&request, "channelId"), Some(id.as_str()));
        let variables = json!({"X": "1", "Y": {"value": "2", "report_events": true}});
        assert_eq!(body(&request), json!({ "variables": variables }));
    }

    #[test]
    fn originate_without_variables_has_no_body() {
        assert_eq!(request(channels::Originate::new("PJSIP/alice")).body, None);
    }

    #[test]
    fn the_far_half_of_a_local_channel_is_told_where_its_id_is_given() {
        let originate = channels::OriginateWithId::new("a", "Local/1@x").other_channel_id("b");
        let request = request(originate);
        assert_eq!(path(&request), "POST /channels/a");
        let ids: Vec<_> = request.creates.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
    }

    #[test]
    fn play_joins_media_by_commas_unless_one_holds_a_comma() {
        let plain = request(channels::Play::new("c", ["sound:a", "sound:b"]));
        assert_eq!(query(&plain, "media"), Some("sound:a,sound:b"));
        assert_eq!(plain.body, None);
        let commas = request(channels::Play::new("c", ["sound:a,b", "sound:c"]).skipms(10));
        assert_eq!(query(&commas, "media"), None);
        assert_eq!(query(&commas, "skipms"), Some("10"));
        assert_eq!(body(&commas), json!({"media": ["sound:a,b", "sound:c"]}));
    }

    #[test]
    fn a_bridge_is_created_by_its_path_so_that_the_body_is_read_rightly() {
        let created = request(
            bridges::Create::new()
                .type_("mixing,dtmf_events")
                .variable("X", "1"),
        );
        let [(_, id)] = &created.creates[..] else {
            panic!("{created:?}")
        };
        assert_eq!(path(&created), format!("POST /bridges/{id}"));
        assert_eq!(query(&created, "bridgeId"), None);
        assert_eq!(query(&created, "type"), Some("mixing,dtmf_events"));
        assert_eq!(body(&created), json!({"variables": {"X": "1"}}));
        let named = request(bridges::Create::new().bridge_id("b").name("long ".repeat(400)));
        assert_eq!(path(&named), "POST /bridges/b");
        assert_eq!(path(&request(bridges::CreateWithId::new("b"))), "POST /bridges/b");
    }

    #[test]
    fn hangup_takes_a_reason_by_name_or_any_text() {
        let known = request(channels::Hangup::new("c").reason(HangupReason::NoAnswer));
        assert_eq!(
            (known.method, query(&known, "reason")),
            (Method::Delete, Some("no_answer"))
        );
        let new = request(channels::Hangup::new("c").reason("tired"));
        assert_eq!(query(&new, "reason"), Some("tired"));
    }

    #[test]
    fn the_event_filter_is_the_whole_body() {
        let filter = json!({"allowed": [{"type": "StasisStart"}]});
        let filtered = request(applications::Filter::new("ivr").filter(filter.clone()));
        assert_eq!(path(&filtered), "PUT /applications/ivr/eventFilter");
        assert_eq!(body(&filtered), filter);
    }

    #[test]
    fn config_fields_are_a_list_of_tuples_under_their_key() {
        let update = asterisk::UpdateObject::new("res_pjsip", "endpoint", "alice");
        let request = request(update.fields([("context", "in")]).field("allow", "ulaw"));
        assert_eq!(
            path(&request),
            "PUT /asterisk/config/dynamic/res_pjsip/endpoint/alice"
        );
        let fields =
            json!([{"attribute": "context", "value": "in"}, {"attribute": "allow", "value": "ulaw"}]);
        assert_eq!(body(&request), json!({ "fields": fields }));
    }

    #[test]
    fn channels_are_added_as_a_list_that_may_not_be_empty() {
        let added = request(bridges::AddChannel::new("b", ["x", "y"]).absorb_dtmf(true));
        assert_eq!(query(&added, "channel"), Some("x,y"));
        assert_eq!(query(&added, "absorbDTMF"), Some("true"));
        let error = bridges::AddChannel::new("b", [""; 0]).into_request().unwrap_err();
        assert_eq!(error.to_string(), "bridges.addChannel: `channel` has no items");
    }

    #[test]
    fn an_empty_id_is_refused_before_it_reaches_another_operation() {
        let error = channels::Answer::new("").into_request().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.to_string(), "channels.answer: `channelId` is empty");
        let error = channels::Play::new("c", ["sound:a"])
            .playback_id("")
            .into_request()
            .unwrap_err();
        assert_eq!(error.to_string(), "channels.play: `playbackId` is empty");
    }

    #[test]
    fn parameters_called_body_from_to_and_keywords_are_ordinary_ones() {
        let message = endpoints::SendMessage::new("pjsip:bob", "pjsip:alice")
            .body("hello")
            .variable("X-A", "1");
        let message = request(message);
        assert_eq!(query(&message, "to"), Some("pjsip:bob"));
        assert_eq!(query(&message, "from"), Some("pjsip:alice"));
        assert_eq!(query(&message, "body"), Some("hello"));
        assert_eq!(body(&message), json!({"variables": {"X-A": "1"}}));
        assert_eq!(
            path(&request(channels::Move::new("c", "other"))),
            "POST /channels/c/move"
        );
    }

    #[test]
    fn user_events_carry_any_json() {
        let event = user_events::UserEvent::new("note", "ivr")
            .variable("n", 7)
            .variable("list", json!([1]));
        assert_eq!(body(&request(event)), json!({"variables": {"n": 7, "list": [1]}}));
    }

    #[test]
    fn a_list_of_known_values_and_values_that_are_no_identifiers() {
        let info = request(asterisk::GetInfo::new().only([InfoSection::System, InfoSection::Status]));
        assert_eq!(query(&info, "only"), Some("system,status"));
        let record = request(
            channels::Record::new("c", "r", "wav")
                .terminate_on(TerminateOn::Hash)
                .beep(true),
        );
        assert_eq!(query(&record, "terminateOn"), Some("#"));
        assert_eq!(
            record.creates,
            [(ari_client::rt::ObjectKind::Recording, "r".to_owned())]
        );
    }

    #[test]
    fn replies_are_nothing_bytes_or_objects() {
        let empty = RawResponse::new(204, "");
        channels::Answer::<()>::decode(empty).unwrap();
        let audio = recordings::GetStoredFile::<()>::decode(RawResponse::new(200, "RIFF")).unwrap();
        assert_eq!(audio.as_ref(), b"RIFF");
        let tuples = r#"[{"attribute":"a","value":"b","extra":1}]"#;
        let tuples: Vec<ConfigTuple> =
            asterisk::GetObject::<()>::decode(RawResponse::new(200, tuples)).unwrap();
        assert_eq!(
            (tuples[0].attribute.as_str(), tuples[0].value.as_str()),
            ("a", "b")
        );
    }
}

mod objects {
    use super::*;

    fn channel(changes: &[(&str, Value)]) -> Value {
        let mut channel = json!({
            "id": "c", "name": "PJSIP/alice-00000001", "state": "Up", "protocol_id": "x",
            "caller": {"name": "", "number": "100"}, "connected": {"name": "", "number": ""},
            "accountcode": "", "language": "en", "creationtime": "2025-03-17T08:32:35.709-0600",
            "dialplan": {"context": "default", "exten": "1", "priority": 2, "app_name": "Stasis", "app_data": "ivr"},
        });
        for (key, value) in changes {
            channel[*key] = value.clone();
        }
        channel
    }

    fn event(kind: &str, fields: &Value) -> EventKind {
        let mut event = json!({"application": "ivr", "timestamp": "2025-03-17T08:32:35.709-0600", "asterisk_id": "00:11"});
        event
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        EventKind::decode(kind, event.to_string().as_bytes())
    }

    #[test]
    fn a_channel_keeps_states_that_are_misspelt_in_the_specification_or_new() {
        let state = |text: &str| {
            let channel: models::Channel =
                serde_json::from_value(channel(&[("state", json!(text))])).unwrap();
            channel.state
        };
        assert_eq!(state("Rsrvd"), ChannelState::Rsrvd);
        assert_eq!(state("Dialing Offhook"), ChannelState::DialingOffhook);
        assert_eq!(state("Unknown (9)"), ChannelState::Other("Unknown (9)".into()));
        assert_eq!(state("Unknown (9)").as_str(), "Unknown (9)");
    }

    #[test]
    fn a_channel_of_an_older_or_newer_server_decodes() {
        let mut older = channel(&[]);
        older.as_object_mut().unwrap().remove("protocol_id");
        let older: models::Channel = serde_json::from_value(older).unwrap();
        assert_eq!(older.protocol_id, "");
        let newer: models::Channel = serde_json::from_value(channel(&[
            ("hovering", json!(true)),
            ("channelvars", json!({"X": "1"})),
        ]))
        .unwrap();
        assert_eq!(newer.channelvars.unwrap()["X"], "1");
        assert!(serde_json::from_value::<models::Channel>(json!({"name": "without id"})).is_err());
    }

    #[test]
    fn a_dialplan_position_may_be_null() {
        let dialplan =
            json!({"context": null, "exten": null, "priority": null, "app_name": null, "app_data": null});
        let channel: models::Channel = serde_json::from_value(channel(&[("dialplan", dialplan)])).unwrap();
        assert_eq!(
            (channel.dialplan.context.as_str(), channel.dialplan.priority),
            ("", None)
        );
    }

    #[test]
    fn rtp_statistics_hold_unsigned_32_bit_numbers_and_undocumented_fields() {
        let stat = json!({"txcount": 1, "rxcount": 2, "txploss": 0, "rxploss": 0, "local_ssrc": u32::MAX,
            "remote_ssrc": 3_000_000_000_u32, "txoctetcount": 5_000_000_000_u64, "rxoctetcount": 0,
            "channel_uniqueid": "c", "txmes": 87.1, "txjitter": 0.5});
        let stat: models::RtpStat = serde_json::from_value(stat).unwrap();
        assert_eq!(
            (stat.local_ssrc, stat.txoctetcount),
            (i64::from(u32::MAX), 5_000_000_000)
        );
        assert_eq!(stat.txjitter, Some(0.5));
    }

    #[test]
    fn timestamps_without_a_colon_in_their_offset_are_kept_and_read() {
        let channel: models::Channel = serde_json::from_value(channel(&[])).unwrap();
        assert_eq!(channel.creationtime.as_str(), "2025-03-17T08:32:35.709-0600");
        assert!(channel.creationtime.to_system_time().is_some());
    }

    #[test]
    fn a_transfer_has_no_channel_of_its_own() {
        let fields = json!({"state": "channel_progress",
            "refer_to": {"requested_destination": {"destination": "200"}},
            "referred_by": {"source_channel": channel(&[])}});
        let EventKind::ChannelTransfer(transfer) = event("ChannelTransfer", &fields) else {
            panic!()
        };
        assert_eq!(transfer.referred_by.source_channel.id, "c");
        assert_eq!(
            transfer.refer_to.requested_destination.destination.as_deref(),
            Some("200")
        );
    }

    #[test]
    fn a_hangup_request_may_lack_its_cause_and_a_variable_its_channel() {
        let request = event("ChannelHangupRequest", &json!({"channel": channel(&[])}));
        assert_eq!(request.channel_id(), Some("c"));
        let EventKind::ChannelHangupRequest(request) = request else {
            panic!()
        };
        assert_eq!((request.cause, request.soft), (None, None));
        let varset = event("ChannelVarset", &json!({"variable": "X", "value": "1"}));
        assert_eq!(varset.channel_id(), None);
        assert_eq!(varset.event_type(), EventType::ChannelVarset);
    }

    #[test]
    fn events_without_fields_of_their_own_have_the_common_ones() {
        let replaced = event("ApplicationReplaced", &json!({}));
        assert_eq!(replaced.application(), Some("ivr"));
        assert_eq!(replaced.asterisk_id(), Some("00:11"));
        assert!(replaced.timestamp().unwrap().to_system_time().is_some());
    }

    #[test]
    fn a_playback_tells_where_it_plays() {
        let playback =
            json!({"id": "p", "media_uri": "sound:a", "target_uri": "channel:c", "state": "paused"});
        let started = event("PlaybackStarted", &json!({ "playback": playback }));
        assert_eq!((started.channel_id(), started.bridge_id()), (Some("c"), None));
        assert_eq!(started.playback().unwrap().state, models::PlaybackState::Paused);
    }

    #[test]
    fn an_event_writes_its_type_and_reads_itself_again() {
        let EventKind::StasisStart(start) =
            event("StasisStart", &json!({"args": ["a"], "channel": channel(&[])}))
        else {
            panic!()
        };
        let text = serde_json::to_string(&start).unwrap();
        assert!(text.starts_with(r#"{"type":"StasisStart","#), "{text}");
        assert_eq!(
            serde_json::from_str::<events::StasisStart>(&text).unwrap(),
            *start
        );
    }

    #[test]
    fn every_event_type_has_a_name_and_is_found_by_it() {
        assert_eq!(EventType::ALL.len(), 45);
        for known in EventType::ALL {
            assert_eq!(EventType::from_name(known.name()), *known);
            let decoded = EventKind::decode(known.name(), b"{\"channel\": 7, \"application\": 7}");
            assert!(matches!(decoded, EventKind::Malformed(_)), "{decoded:?}");
            assert_eq!(decoded.event_type(), *known);
        }
        assert_eq!(EventType::from_name("ChannelTeleported"), EventType::Unknown);
        assert_eq!(EventType::from_name("RESTResponse"), EventType::RestResponse);
    }

    #[test]
    fn a_model_that_is_no_event_keeps_its_type_property() {
        let log: models::LogChannel =
            serde_json::from_value(json!({"channel": "console", "type": "Console", "status": "Enabled"}))
                .unwrap();
        assert_eq!(log.type_, "Console");
        assert_eq!(serde_json::to_value(&log).unwrap()["type"], "Console");
    }
}
