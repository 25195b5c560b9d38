//! What belongs to the server and to no call.

use ari_client::Resources as _;

use crate::House;
use crate::house::{APP, came};

#[tokio::test]
#[ignore = "real Asterisk"]
async fn the_server_tells_of_itself() {
    let Some(house) = House::open().await else { return };
    let asterisk = house.ari.asterisk();
    let info = house.ask(asterisk.get_info()).await;
    assert!(info.system.unwrap().version.starts_with("16.28.0"));
    house.ask(asterisk.ping()).await;
    let modules = house.ask(asterisk.list_modules()).await;
    assert!(modules.len() > 50, "{}", modules.len());
    house.ask(asterisk.get_module("res_stasis.so")).await;
    house.ask(asterisk.list_log_channels()).await;
    house.ask(asterisk.set_global_var("COLOUR").value("red")).await;
    assert_eq!(house.ask(asterisk.get_global_var("COLOUR")).await.value, "red");
    let sounds = house.ask(house.ari.sounds().list()).await;
    assert!(sounds.len() > 100, "{}", sounds.len());
    house.ask(house.ari.sounds().get("beep")).await;
    house.ask(house.ari.endpoints().list()).await;
    house.ask(house.ari.endpoints().list_by_tech("PJSIP")).await;
    house.ask(house.ari.endpoints().get("PJSIP", "anonymous")).await;
    came(&house.close().await, &["ChannelVarset"]);
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn applications_subscribe_and_filter() {
    let Some(mut house) = House::open().await else {
        return;
    };
    let applications = house.ari.applications();
    assert_eq!(house.ask(applications.list()).await.len(), 2);
    let subscribed = house
        .ask(applications.subscribe(APP, ["deviceState:Stasis:door"]))
        .await;
    assert_eq!(subscribed.device_names, ["Stasis:door"]);
    house
        .ask(house.ari.device_states().update("Stasis:door", "BUSY"))
        .await;
    assert_eq!(
        house.next("DeviceStateChanged").await["device_state"]["state"],
        "BUSY"
    );
    house.ask(house.ari.device_states().get("Stasis:door")).await;
    house.ask(house.ari.device_states().list()).await;
    house.ask(house.ari.device_states().delete("Stasis:door")).await;
    house
        .ask(house.ari.user_events().user_event("Rain", APP).variable("mm", 3))
        .await;
    assert_eq!(house.next("ChannelUserevent").await["userevent"]["mm"], 3);
    let filter = serde_json::json!({"disallowed": [{"type": "ChannelUserevent"}]});
    house
        .ask(house.ari.applications().filter(APP).filter(filter))
        .await;
    house
        .ask(
            house
                .ari
                .applications()
                .unsubscribe(APP, ["deviceState:Stasis:door"]),
        )
        .await;
    came(&house.close().await, &["DeviceStateChanged", "ChannelUserevent"]);
}
