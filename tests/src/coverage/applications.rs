//! `/applications`: what applications there are, and what they are told.

use anyhow::Result;
use ari_client::Resources as _;
use serde_json::json;

use super::socket::Socket;
use super::stage::Stage;

const NAME: &str = "filtered";

pub(super) async fn cover(stage: &Stage) {
    stage.step("applications", applications(stage)).await;
}

async fn applications(stage: &Stage) -> Result<()> {
    let _socket = Socket::open(&stage.asterisk, &format!("app={NAME}"), &stage.watch).await?;
    let applications = stage.ari.applications();
    stage.succeeds(applications.list()).await?;
    stage.refused(stage.stranger.applications().list()).await?;
    let source = ["endpoint:PJSIP/alice"];
    stage.succeeds(applications.subscribe(NAME, source)).await?;
    let filter = json!({ "allowed": [{ "type": "StasisStart" }], "disallowed": [{ "type": "Dial" }] });
    stage
        .succeeds(applications.filter(NAME).filter(filter.clone()))
        .await?;
    stage.succeeds(applications.get(NAME)).await?;
    stage.succeeds(applications.unsubscribe(NAME, source)).await?;
    stage.fails(applications.get("nosuch"), 404).await?;
    stage
        .fails(applications.subscribe(NAME, ["nosuch:1"]), 400)
        .await?;
    stage.fails(applications.unsubscribe(NAME, source), 422).await?;
    stage
        .fails(applications.filter("nosuch").filter(filter), 404)
        .await
}
