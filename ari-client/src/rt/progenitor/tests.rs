use serde_json::json;

use super::*;
use crate::ErrorKind;

fn play(media: &[&str]) -> Request {
    let client = RequestBuilder::new(
        Method::Post,
        Path::new("/channels/{channelId}/play", ["PJSIP/a".to_owned()]),
    );
    client
        .query(&QueryParam::new("media", &media))
        .query(&QueryParam::new("lang", &None::<String>))
        .build()
        .unwrap()
}

const PLAY: Operation = Operation {
    creates: &[("playbackId", ObjectKind::Playback, true)],
    lists: &["media"],
    ..Operation::new("channels.play")
};

#[test]
fn lists_are_one_value_and_ids_are_made() {
    let request = play(&["sound:a", "sound:b"]).encode(&PLAY).unwrap();
    assert_eq!(request.path, ["channels", "PJSIP/a", "play"]);
    assert_eq!(request.query[0], ("media".into(), "sound:a,sound:b".into()));
    assert_eq!(request.query.len(), 2, "{request:?}");
    let [(ObjectKind::Playback, id)] = &request.creates[..] else {
        panic!("{request:?}")
    };
    assert_eq!(request.query[1], ("playbackId".into(), id.clone()));
}

#[test]
fn a_list_that_needs_an_item_and_a_path_that_needs_a_value_are_refused() {
    let error = play(&[]).encode(&PLAY).unwrap_err();
    assert_eq!(error.to_string(), "channels.play: `media` has no items");
    let request = RequestBuilder::new(Method::Get, Path::new("/channels/{channelId}", [String::new()]));
    let error = request
        .build()
        .unwrap()
        .encode(&Operation::new("channels.get"))
        .unwrap_err();
    assert_eq!(error.to_string(), "channels.get: `channelId` is empty");
}

#[test]
fn a_detour_takes_its_values_from_the_query() {
    let operation = Operation {
        creates: &[("bridgeId", ObjectKind::Bridge, true)],
        detour: Some("/bridges/{bridgeId}"),
        ..Operation::new("bridges.create")
    };
    let request = |id: Option<&str>| {
        RequestBuilder::new(Method::Post, Path::new("/bridges", []))
            .query(&QueryParam::new("bridgeId", &id))
            .json(&json!({"variables": {"a": "1"}}))
            .build()
            .unwrap()
            .encode(&operation)
            .unwrap()
    };
    assert_eq!(request(Some("b1")).path, ["bridges", "b1"]);
    let made = request(None);
    let (kind, id) = &made.creates[0];
    assert_eq!((kind, &made.path[1]), (&ObjectKind::Bridge, &id.clone().into()));
    assert_eq!(request(None).body.as_deref(), Some(r#"{"variables":{"a":"1"}}"#));
    assert!(request(Some("b1")).query.is_empty());
}

#[test]
fn keys_join_the_body_and_an_empty_body_is_none() {
    let request = |text: &str, body: Value| {
        RequestBuilder::new(Method::Put, Path::new("/endpoints/sendMessage", []))
            .query(&QueryParam::new("body", &text))
            .json(&body)
            .build()
            .unwrap()
            .encode(&Operation::new("endpoints.sendMessage"))
            .unwrap()
    };
    assert_eq!(request("hello", json!({})).body, None);
    let long = request(&"x".repeat(4_000), json!({"variables": {}}));
    let body: Value = serde_json::from_str(long.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["body"].as_str().map(str::len), Some(4_000));
    assert_eq!(body["variables"], json!({}));
}

#[test]
fn only_aris_own_word_is_a_response() {
    let refused = |status: u16, body: &'static str| {
        let error = crate::request::RawResponse::new(status, body)
            .success("channels.get")
            .unwrap_err();
        Response::refusal(error)
    };
    let response = refused(404, r#"{"message":"Channel not found"}"#).unwrap();
    assert_eq!(response.status().as_u16(), 404);
    assert_eq!(refused(404, "<html>").unwrap_err().kind(), ErrorKind::NotAri);
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let request = |body: Value| {
        RequestBuilder::new(Method::Put, Path::new("/endpoints/sendMessage", []))
            .json(&body)
            .build()
            .unwrap()
            .encode(&Operation::new("endpoints.sendMessage"))
    };
    for body in [json!([1]), json!("text"), Value::Null] {
        let error = request(body).unwrap_err();
        assert_eq!(
            error.to_string(),
            "endpoints.sendMessage: `body` is no JSON object"
        );
    }
    assert!(request(json!({})).is_ok());
}

#[tokio::test]
async fn a_refusal_reads_as_our_clients_error() {
    let error = crate::request::RawResponse::new(404, r#"{"message":"Channel not found"}"#)
        .success("channels.get")
        .unwrap_err();
    let text = error.to_string();
    let response = Response::refusal(error).unwrap();
    let value = ResponseValue::<Value>::from_response::<()>(response)
        .await
        .unwrap();
    let error = Error::ErrorResponse(value);
    assert_eq!(error.to_string(), text);
    assert_eq!(text, "channels.get: Channel not found (status 404)");
    assert_eq!(error.ari().map(AriError::is_gone), Some(true));
    assert!(std::error::Error::source(&error).is_none());
}
