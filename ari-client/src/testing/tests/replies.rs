//! What requests are answered with.

use serde_json::{Value, json};

use super::client::{Events, authorization, exchange, request};
use super::*;

#[tokio::test]
async fn refusals_have_asterisks_words() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let _events = Events::open(&asterisk, APP).await;
    let caller = asterisk.call("1").place(APP).await.unwrap();
    let id = caller.channel_id();
    request(&asterisk, "POST", "/bridges/b").await;
    let cases = [
        ("GET", "/channels/nope".to_owned(), 404, "Channel not found"),
        (
            "POST",
            "/bridges/b".to_owned(),
            409,
            "Bridge with id 'b' already exists",
        ),
        (
            "POST",
            "/bridges/b/addChannel".to_owned(),
            400,
            "Missing parameter channel",
        ),
        (
            "POST",
            "/bridges/b/addChannel?channel=nope".to_owned(),
            400,
            "Channel not found",
        ),
        (
            "POST",
            format!("/bridges/nope/addChannel?channel={id}"),
            404,
            "Bridge not found",
        ),
        (
            "POST",
            format!("/bridges/b/removeChannel?channel={id}"),
            422,
            "Channel not in this bridge",
        ),
        (
            "DELETE",
            "/bridges/b/moh".to_owned(),
            409,
            "Bridge isn't playing music",
        ),
        ("GET", "/playbacks/nope".to_owned(), 404, "Playback not found"),
        (
            "POST",
            format!("/channels/{id}/mute"),
            400,
            "Direction is required",
        ),
        (
            "GET",
            format!("/channels/{id}/variable?variable=NO"),
            404,
            "Provided variable was not found",
        ),
        (
            "DELETE",
            format!("/channels/{id}?reason=zzz"),
            400,
            "Invalid reason for hangup reason provided",
        ),
        (
            "POST",
            "/channels?endpoint=PJSIP/a".to_owned(),
            400,
            "Application or extension must be specified",
        ),
        (
            "GET",
            "/applications/nope".to_owned(),
            404,
            "Application not found",
        ),
        ("GET", "/nosuch".to_owned(), 404, "Resource not found"),
        (
            "DELETE",
            "/mailboxes/1000".to_owned(),
            404,
            "Mailbox does not exist",
        ),
    ];
    for (method, path, status, message) in cases {
        let answer = request(&asterisk, method, &path).await;
        assert_eq!(answer, (status, json!({ "message": message })), "{method} {path}");
    }
    let nobody = request(&asterisk, "POST", "/channels?endpoint=PJSIP/nobody&app=x").await;
    assert_eq!(nobody, (500, json!({ "error": "Allocation failed" })));
    request(
        &asterisk,
        "POST",
        &format!("/channels/{id}/continue?context=other"),
    )
    .await;
    let gone = json!({ "message": "Channel not in Stasis application" });
    assert_eq!(
        request(&asterisk, "POST", &format!("/channels/{id}/answer")).await,
        (409, gone.clone())
    );
    assert_eq!(
        request(&asterisk, "POST", &format!("/bridges/b/addChannel?channel={id}")).await,
        (422, gone)
    );
}

#[tokio::test]
async fn a_mailbox_is_made_by_its_first_update() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let path = "/mailboxes/1000%40default";
    let update = format!("{path}?oldMessages=1&newMessages=2");
    assert_eq!(request(&asterisk, "PUT", &update).await.0, 204);
    let mailbox = json!({ "name": "1000@default", "old_messages": 1, "new_messages": 2 });
    assert_eq!(
        request(&asterisk, "GET", "/mailboxes").await,
        (200, json!([mailbox]))
    );
    assert_eq!(request(&asterisk, "DELETE", path).await.0, 204);
    assert_eq!(
        request(&asterisk, "GET", path).await,
        (404, json!({ "message": "Mailbox is does not exist" }))
    );
}

#[tokio::test]
async fn replies_are_what_the_library_reads() {
    let asterisk = FakeAsterisk::start().await.unwrap();
    let _events = Events::open(&asterisk, APP).await;
    let id = asterisk
        .call("1")
        .place(APP)
        .await
        .unwrap()
        .channel_id()
        .to_owned();
    request(&asterisk, "POST", "/bridges/b?name=n").await;
    request(
        &asterisk,
        "POST",
        &format!("/channels/{id}/play/p?media=sound:a,sound:b"),
    )
    .await;
    fn read<T: serde::de::DeserializeOwned>((status, reply): (u16, Value)) -> T {
        assert_eq!(status, 200, "{reply}");
        serde_json::from_value(reply).unwrap()
    }
    let channels: Vec<crate::models::Channel> = read(request(&asterisk, "GET", "/channels").await);
    assert_eq!(channels[0].id, id);
    let bridge: crate::models::Bridge = read(request(&asterisk, "GET", "/bridges/b").await);
    assert_eq!(bridge.name, "n");
    let playback: crate::models::Playback = read(request(&asterisk, "GET", "/playbacks/p").await);
    assert_eq!(playback.next_media_uri.as_deref(), Some("sound:b"));
    let app: crate::models::Application =
        read(request(&asterisk, "GET", &format!("/applications/{APP}")).await);
    assert_eq!(app.channel_ids, [id.as_str()]);
    let info: crate::models::AsteriskInfo = read(request(&asterisk, "GET", "/asterisk/info").await);
    assert!(info.system.is_some() && info.build.is_some() && info.status.is_some() && info.config.is_some());
    let _: crate::models::AsteriskPing = read(request(&asterisk, "GET", "/asterisk/ping").await);
}

#[tokio::test]
async fn strangers_and_strange_paths_are_turned_away() {
    let asterisk = FakeAsterisk::builder().user("me", "hush").start().await.unwrap();
    let (status, head, body) = exchange(&asterisk, "GET /ari/channels HTTP/1.1\r\n", "")
        .await
        .unwrap();
    assert_eq!(
        (status, body.as_str()),
        (401, r#"{"message":"Authentication required"}"#)
    );
    assert!(
        head.to_lowercase().contains("www-authenticate: basic realm="),
        "{head}"
    );
    let by_key = exchange(&asterisk, "GET /ari/channels?api_key=me:hush HTTP/1.1\r\n", "")
        .await
        .unwrap();
    assert_eq!(by_key.0, 200);
    let elsewhere = exchange(&asterisk, "GET /elsewhere HTTP/1.1\r\n", "")
        .await
        .unwrap();
    assert_eq!(elsewhere.0, 404);
    assert!(elsewhere.2.starts_with("<!DOCTYPE"), "{}", elsewhere.2);
    assert_eq!(request(&asterisk, "GET", "/events?app=x").await.0, 426);
    let head = format!(
        "POST /ari/bridges HTTP/1.1\r\n{}Content-Type: application/json\r\n",
        authorization(&asterisk)
    );
    assert_eq!(exchange(&asterisk, &head, "{xx").await.unwrap().0, 400);
}
