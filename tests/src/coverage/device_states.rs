//! `/deviceStates`: the states that applications give to devices of their own.

use anyhow::{Result, ensure};
use ari_client::Resources as _;
use ari_client::models::DeviceStateValue;

use super::stage::{APP, Stage};

const OURS: &str = "Stasis:covered";
/// A device that no application may change.
const NOT_OURS: &str = "PJSIP/line";

pub(super) async fn cover(stage: &Stage) {
    stage.step("device states", device_states(stage)).await;
}

async fn device_states(stage: &Stage) -> Result<()> {
    let source = format!("deviceState:{OURS}");
    stage
        .succeeds(stage.ari.applications().subscribe(APP, [&*source]))
        .await?;
    let states = stage.ari.device_states();
    let mark = stage.watch.mark();
    stage
        .succeeds(states.update(OURS, DeviceStateValue::InUse))
        .await?;
    let ours = |event: &serde_json::Value| event["device_state"]["name"] == OURS;
    stage.watch.wait(mark, "DeviceStateChanged", ours).await?;
    stage
        .fails(states.update(NOT_OURS, DeviceStateValue::InUse), 409)
        .await?;
    stage.succeeds(states.list()).await?;
    stage.refused(stage.stranger.device_states().list()).await?;
    let read = stage.succeeds(states.get(OURS)).await?;
    ensure!(read.state == DeviceStateValue::InUse, "{read:?}");
    stage.refused(stage.stranger.device_states().get(OURS)).await?;
    stage.succeeds(states.delete(OURS)).await?;
    stage.fails(states.delete(NOT_OURS), 409).await
}
