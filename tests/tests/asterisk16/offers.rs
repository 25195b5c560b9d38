//! Operations that came after 16.28: told as not offered, each with the versions that have it.

use ari_client::rt::Result;
use ari_client::{ErrorKind, Resources as _};

use crate::House;
use crate::house::APP;

/// Checks that `answer` says that the operation is not offered here, and what it needs.
#[track_caller]
fn not_offered<T>(operation: &str, since: &str, answer: Result<T>) {
    let error = answer.err().expect(operation);
    assert!(error.is_not_offered(), "{error}");
    assert!(!error.is_gone() && !error.is_retryable(), "{error}");
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::NotOffered, Some(operation))
    );
    let told = error.to_string();
    assert!(
        told.contains("this Asterisk does not offer the operation"),
        "{told}"
    );
    assert!(
        told.contains("it is there since Asterisk ") && told.contains(since),
        "{told}"
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn operations_that_came_later_are_not_offered() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let channel = house
        .ask(house.ari.channels().originate("Local/wait@default").app(APP))
        .await;
    house.next("StasisStart").await;
    house
        .ask(house.ari.bridges().create_with_id("room").type_("mixing"))
        .await;
    let (channels, bridges, endpoints) = (house.ari.channels(), house.ari.bridges(), house.ari.endpoints());
    let id = &channel.id;

    let state = "channel_progress";
    not_offered(
        "channels.transfer_progress",
        TRANSFER,
        channels.transfer_progress(id, state).await,
    );
    not_offered("channels.progress", PROGRESS, channels.progress(id).await);
    not_offered(
        "channels.getChannelVars",
        VARIABLES,
        channels.get_channel_vars(id, ["A"]).await,
    );
    not_offered(
        "channels.setChannelVars",
        VARIABLES,
        channels.set_channel_vars(id, [("A", "1")]).await,
    );
    not_offered(
        "bridges.getBridgeVar",
        VARIABLES,
        bridges.get_bridge_var("room", "A").await,
    );
    not_offered(
        "bridges.setBridgeVar",
        VARIABLES,
        bridges.set_bridge_var("room", "A").await,
    );
    not_offered(
        "bridges.getBridgeVars",
        VARIABLES,
        bridges.get_bridge_vars("room", ["A"]).await,
    );
    not_offered(
        "bridges.setBridgeVars",
        VARIABLES,
        bridges.set_bridge_vars("room", [("A", "1")]).await,
    );
    not_offered(
        "endpoints.refer",
        REFER,
        endpoints.refer("PJSIP/a", "sip:b", "sip:c").await,
    );
    let refer = endpoints.refer_to_endpoint("PJSIP", "anonymous", "sip:b", "sip:c");
    not_offered("endpoints.referToEndpoint", REFER, refer.await);
    not_offered(
        "events.claimChannel",
        CLAIM,
        house.ari.user_events().claim_channel(id, APP).await,
    );
    // Debian leaves out the module of this resource, in 16 as in 22.
    not_offered("mailboxes.list", "12.1.0", house.ari.mailboxes().list().await);

    // An object that is not there is another matter.
    let gone = house.ari.channels().answer("nobody").await.unwrap_err();
    assert!(gone.is_gone() && !gone.is_not_offered(), "{gone}");
    house.ask(house.ari.channels().hangup(id)).await;
    house.next("StasisEnd").await;
    house.ask(house.ari.bridges().destroy("room")).await;
    house.close().await;
}

const TRANSFER: &str = "20.13.0";
const PROGRESS: &str = "20.16.0";
const VARIABLES: &str = "20.20.0";
const REFER: &str = "18.20.0";
const CLAIM: &str = "20.17.0";
