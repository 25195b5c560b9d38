//! What progenitor's client makes of replies that are not what the specification says.

use ari_client::Timestamp;
use ari_equivalence::client::types::{AriError, Bridge, Endpoint};
use ari_equivalence::enums::EndpointState;
use serde_json::json;

#[test]
fn values_and_members_that_are_not_known_survive() {
    let endpoint: Endpoint = serde_json::from_value(json!({
        "technology": "PJSIP", "resource": "alice", "state": "brand new", "channel_ids": [], "colour": "red",
    }))
    .unwrap();
    assert_eq!(endpoint.state, Some(EndpointState::from("brand new")));
    assert_eq!(serde_json::to_value(&endpoint).unwrap()["state"], "brand new");
}

#[test]
fn members_that_are_promised_may_be_missing() {
    let bridge: Bridge =
        serde_json::from_value(json!({"id": "b1", "creationtime": "2025-03-17T08:32:35.709-0600"})).unwrap();
    assert_eq!(bridge.name, None);
    let made = bridge.creationtime.as_ref().map(Timestamp::as_str);
    assert_eq!(made, Some("2025-03-17T08:32:35.709-0600"));
    // Without its id, an object means nothing.
    assert!(serde_json::from_value::<Bridge>(json!({"name": "b"})).is_err());
}

#[test]
fn both_shapes_of_an_error_are_read() {
    let read = |json| serde_json::from_value::<AriError>(json).unwrap();
    assert_eq!(
        read(json!({"message": "Channel not found"})).message.as_deref(),
        Some("Channel not found")
    );
    assert_eq!(
        read(json!({"error": "Allocation failed"})).error.as_deref(),
        Some("Allocation failed")
    );
}
