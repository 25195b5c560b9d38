//! `/playbacks`: sounds while they play.

use anyhow::{Result, ensure};
use ari_client::Resources as _;
use ari_client::models::{PlaybackOperation, PlaybackState};

use super::stage::Stage;

const NONE: &str = "nothing";

pub(super) async fn cover(stage: &Stage) {
    stage.step("playbacks", playbacks(stage)).await;
}

async fn playbacks(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let playbacks = stage.ari.playbacks();
    let mark = stage.watch.mark();
    let media = ["sound:tt-monkeys"];
    let playback = stage.succeeds(stage.ari.channels().play(&channel, media)).await?;
    let ours = |event: &serde_json::Value| event["playback"]["id"] == playback.id;
    stage.watch.wait(mark, "PlaybackStarted", ours).await?;
    stage
        .succeeds(playbacks.control(&playback.id, PlaybackOperation::Pause))
        .await?;
    let paused = stage.succeeds(playbacks.get(&playback.id)).await?;
    ensure!(paused.state == PlaybackState::Paused, "{paused:?}");
    stage
        .fails(playbacks.control(NONE, PlaybackOperation::Pause), 404)
        .await?;
    stage.succeeds(playbacks.stop(&playback.id)).await?;
    stage.watch.wait(mark, "PlaybackFinished", ours).await?;
    stage.fails(playbacks.get(NONE), 404).await?;
    stage.fails(playbacks.stop(NONE), 404).await?;
    stage.hang_up(&[&channel]).await
}
