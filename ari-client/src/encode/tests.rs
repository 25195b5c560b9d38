use super::*;

fn encoder() -> Encoder {
    Encoder::new("channels.play", Method::Post).literal("channels")
}

#[test]
fn an_empty_id_is_refused_by_name() {
    let error = encoder()
        .segment("channelId", String::new())
        .finish()
        .unwrap_err();
    assert_eq!(error.to_string(), "channels.play: `channelId` is empty");
}

#[test]
fn scalars_and_plain_lists_go_into_the_query() {
    let request = encoder()
        .query_list("media", vec!["sound:a", "sound:b"])
        .query_opt("skipms", Some(3_000))
        .query_opt("lang", None::<String>)
        .finish()
        .unwrap();
    assert_eq!(
        request.query,
        [
            ("media".into(), "sound:a,sound:b".into()),
            ("skipms".into(), "3000".into())
        ]
    );
    assert_eq!(request.body, None);
}

#[test]
fn a_list_with_a_comma_inside_goes_into_the_body_as_an_array() {
    let request = encoder()
        .query_list("media", vec!["sound:a,b"])
        .query("skipms", 1)
        .finish()
        .unwrap();
    assert_eq!(request.query, [("skipms".into(), "1".into())]);
    assert_eq!(request.body.as_deref(), Some(r#"{"media":["sound:a,b"]}"#));
}

#[test]
fn a_list_that_asterisk_would_not_split_as_it_was_joined_goes_into_the_body() {
    for item in ["a\"b", "a\\b", "a(b", "a)b", "a[b", "a]b"] {
        let request = encoder().query_list("media", vec![item, "c"]).finish().unwrap();
        assert!(request.query.is_empty(), "{item}");
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        assert_eq!(body["media"], serde_json::json!([item, "c"]));
    }
}

#[test]
fn a_nul_is_refused_by_name_wherever_it_stands() {
    let variables = serde_json::json!({"a": [{"b\0": 1}]});
    for refused in [
        encoder().segment("name", "a\0b".into()),
        encoder().query("name", "a\0"),
        encoder().query_list("name", vec!["a", "\0"]),
        encoder().created("name", ObjectKind::Channel, "a\0".to_owned()),
        encoder().body_field("name", Some(&variables)),
        encoder().whole_body("name", Some(&variables)),
    ] {
        let error = refused.finish().unwrap_err();
        assert_eq!(error.to_string(), "channels.play: `name` holds a NUL character");
    }
}

#[test]
fn long_values_go_into_the_body_with_their_types() {
    let request = encoder()
        .query("appArgs", "x".repeat(4_000))
        .query("timeout", 30)
        .finish()
        .unwrap();
    assert!(request.query.is_empty());
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["timeout"], 30);
}

#[test]
fn created_objects_get_an_id_and_are_told() {
    let request = encoder()
        .created("playbackId", ObjectKind::Playback, None)
        .finish()
        .unwrap();
    let [(ObjectKind::Playback, id)] = &request.creates[..] else {
        panic!("{request:?}")
    };
    assert_eq!(&request.query[0].1, id);
}

#[test]
fn a_list_longer_than_a_query_may_hold_goes_into_the_body() {
    let ids = |count: usize| {
        encoder()
            .query_items("channel", vec!["a"; count])
            .finish()
            .unwrap()
    };
    assert_eq!(ids(127).body, None);
    assert!(ids(128).query.is_empty());
}

#[test]
fn a_required_list_without_items_is_refused_by_name() {
    let error = encoder()
        .query_items("channel", Vec::<String>::new())
        .finish()
        .unwrap_err();
    assert_eq!(error.to_string(), "channels.play: `channel` has no items");
}

#[test]
fn a_body_that_is_one_value_takes_no_keys() {
    let filter = serde_json::json!({"allowed": []});
    let request = encoder()
        .query("long", "x".repeat(2_000))
        .whole_body("filter", Some(filter))
        .finish()
        .unwrap();
    assert_eq!(request.query.len(), 1);
    assert_eq!(request.body.as_deref(), Some(r#"{"allowed":[]}"#));
}

#[test]
fn a_query_beside_a_body_that_is_one_value_cannot_move() {
    let request = |length: usize| {
        encoder()
            .query("long", "x".repeat(length))
            .whole_body("filter", Some(serde_json::json!({})))
            .finish()
    };
    assert!(request(LONGEST_TARGET - "/channels?long=".len()).is_ok());
    let error = request(LONGEST_TARGET - "/channels?long=".len() + 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "channels.play: the query is too long: with the path it has 3501 bytes, at most 3500 can be sent"
    );
}

#[test]
fn a_query_moves_into_the_body_by_the_bytes_it_has_escaped() {
    for (text, escaped) in [("x", 1), ("%", 3), ("é", 6), ("☎", 9)] {
        let request = |count: usize| encoder().query("q", text.repeat(count)).finish().unwrap();
        let most = (LONGEST_TARGET - "/channels?q=".len()) / escaped;
        assert_eq!(request(most).body, None, "{text}");
        assert!(request(most).query.len() == 1 && target_length(&request(most)) <= LONGEST_TARGET);
        assert!(request(most + 1).query.is_empty(), "{text}");
    }
}

#[test]
fn a_long_path_leaves_less_room_for_the_query() {
    let request = |path: usize| {
        encoder()
            .segment("channelId", "é".repeat(path))
            .query("q", "x".repeat(488))
            .finish()
            .unwrap()
    };
    // "/channels/" and "?q=" are 13 bytes, a letter of the path six.
    assert_eq!(request(499).body, None);
    assert!(request(500).query.is_empty());
}

#[test]
fn a_path_that_asterisk_would_not_read_is_refused_by_name() {
    let request = |count: usize| encoder().segment("channelId", "é".repeat(count)).finish();
    assert!(request((LONGEST_TARGET - "/channels/".len()) / 6).is_ok());
    let error = request(600).unwrap_err();
    assert_eq!(
        error.to_string(),
        "channels.play: `channelId` is too long: the path has 3610 bytes, at most 3500 can be sent"
    );
}

#[test]
fn an_object_made_only_where_its_id_is_given_is_told_then() {
    let request = encoder()
        .created_opt("otherChannelId", ObjectKind::Channel, None)
        .finish()
        .unwrap();
    assert!(request.creates.is_empty() && request.query.is_empty());
    let request = encoder()
        .created_opt("otherChannelId", ObjectKind::Channel, Some("b".into()))
        .finish()
        .unwrap();
    assert_eq!(request.creates, [(ObjectKind::Channel, "b".to_owned())]);
}

#[test]
fn a_variable_is_plain_text_unless_it_is_to_be_reported() {
    let json = |value: VariableValue| serde_json::to_string(&value).unwrap();
    assert_eq!(json("1".into()), r#""1""#);
    assert_eq!(
        json(VariableValue::reported("1")),
        r#"{"value":"1","report_events":true}"#
    );
}

#[test]
fn a_variable_is_read_as_it_is_written() {
    for value in [VariableValue::from("1"), VariableValue::reported("1")] {
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<VariableValue>(&json).unwrap(), value);
    }
}
