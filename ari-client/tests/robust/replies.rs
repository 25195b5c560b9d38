//! The decoders of replies, one for each operation.

use std::collections::BTreeMap;

use ari_client::request::RawResponse;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::json::{any_json, mutated};
use crate::properties::reply::{decoders, holds, one_of_each_type};
use crate::schema::schema;

#[test]
fn the_properties_know_every_operation() {
    let schema = schema();
    let mut specified: Vec<_> = schema
        .operations()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let mut known: Vec<_> = decoders().into_iter().map(|decoder| decoder.name).collect();
    specified.sort_unstable();
    known.sort_unstable();
    assert_eq!(known, specified);
    assert_eq!(known.len(), 108);
}

fn any_status() -> impl Strategy<Value = u16> {
    prop_oneof![2 => 200_u16..300, 2 => prop::sample::select(&[400_u16, 401, 403, 404, 409, 422, 500][..]), 1 => any::<u16>()]
}

/// Any operation and what it may reply.
fn any_reply() -> impl Strategy<Value = (String, Value)> {
    let schema = schema();
    let replies = schema
        .operations()
        .iter()
        .map(|(name, class)| (Just(name.clone()), schema.value(class)).boxed());
    proptest::strategy::Union::new(replies)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes(status in any_status(), body in vec(any::<u8>(), 0..200)) {
        holds(&decoders(), status, &body);
    }

    #[test]
    fn any_json_at_all(status in any_status(), body in any_json()) {
        holds(&decoders(), status, body.to_string().as_bytes());
    }

    #[test]
    fn any_message(status in any_status(), name in "message|error|detail", text in any::<String>()) {
        let mut body = BTreeMap::new();
        body.insert(name, text);
        holds(&decoders(), status, serde_json::to_string(&body).unwrap().as_bytes());
    }

    #[test]
    fn any_reply_with_something_odd(body in any_reply().prop_flat_map(|(_, reply)| mutated(&reply))) {
        holds(&one_of_each_type(), 200, body.as_bytes());
    }

    #[test]
    fn any_reply_decodes((operation, reply) in any_reply()) {
        let decoder = decoders().into_iter().find(|decoder| decoder.name == operation).unwrap();
        let body = if reply.is_null() { String::new() } else { reply.to_string() };
        prop_assert!((decoder.decode)(RawResponse::new(200, body)).is_ok());
    }
}
