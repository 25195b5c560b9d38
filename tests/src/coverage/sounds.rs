//! `/sounds`: what can be played.

use anyhow::Result;
use ari_client::Resources as _;

use super::stage::Stage;

pub(super) async fn cover(stage: &Stage) {
    stage.step("sounds", sounds(stage)).await;
}

async fn sounds(stage: &Stage) -> Result<()> {
    stage.succeeds(stage.ari.sounds().list().lang("en")).await?;
    stage.refused(stage.stranger.sounds().list()).await?;
    stage.succeeds(stage.ari.sounds().get("beep")).await?;
    stage.refused(stage.stranger.sounds().get("beep")).await
}
