//! `/recordings`: while they are made, and once they are stored.

use anyhow::{Result, ensure};
use ari_client::models::RecordingState;
use ari_client::{ObjectKind, Resources as _, new_id};

use super::stage::Stage;

const NONE: &str = "nothing";

pub(super) async fn cover(stage: &Stage) {
    stage.step("live recordings", live(stage)).await;
    stage.step("stored recordings", stored(stage)).await;
}

/// Starts to record `channel` and returns the recording's name.
async fn begin(stage: &Stage, channel: &str) -> Result<String> {
    let name = new_id(ObjectKind::Recording);
    let mark = stage.watch.mark();
    stage
        .succeeds(stage.ari.channels().record(channel, &name, "wav"))
        .await?;
    let ours = |event: &serde_json::Value| event["recording"]["name"] == name[..];
    stage.watch.wait(mark, "RecordingStarted", ours).await?;
    Ok(name)
}

async fn live(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let recordings = stage.ari.recordings();
    let name = begin(stage, &channel).await?;
    stage.succeeds(recordings.get_live(&name)).await?;
    stage.succeeds(recordings.mute(&name)).await?;
    stage.succeeds(recordings.unmute(&name)).await?;
    stage.succeeds(recordings.pause(&name)).await?;
    let paused = stage.succeeds(recordings.get_live(&name)).await?;
    ensure!(paused.state == RecordingState::Paused, "{paused:?}");
    stage.succeeds(recordings.unpause(&name)).await?;
    let going = stage.succeeds(recordings.get_live(&name)).await?;
    ensure!(going.state == RecordingState::Recording, "{going:?}");
    let mark = stage.watch.mark();
    stage.succeeds(recordings.cancel(&name)).await?;
    let ours = |event: &serde_json::Value| event["recording"]["name"] == name[..];
    stage.watch.wait(mark, "RecordingFinished", ours).await?;
    // Cancelled, and not kept.
    stage.fails(recordings.get_stored(&name), 404).await?;
    stage.fails(recordings.get_live(NONE), 404).await?;
    stage.fails(recordings.mute(NONE), 404).await?;
    stage.fails(recordings.unmute(NONE), 404).await?;
    stage.fails(recordings.pause(NONE), 404).await?;
    stage.fails(recordings.unpause(NONE), 404).await?;
    stage.fails(recordings.cancel(NONE), 404).await?;
    stage.hang_up(&[&channel]).await
}

async fn stored(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let recordings = stage.ari.recordings();
    let name = begin(stage, &channel).await?;
    let mark = stage.watch.mark();
    stage.succeeds(recordings.stop(&name)).await?;
    stage.fails(recordings.stop(NONE), 404).await?;
    let ours = |event: &serde_json::Value| event["recording"]["name"] == name[..];
    stage.watch.wait(mark, "RecordingFinished", ours).await?;
    let copy = format!("{name}-copy");
    stage.succeeds(recordings.copy_stored(&name, &copy)).await?;
    stage.fails(recordings.copy_stored(NONE, &copy), 404).await?;
    stage.succeeds(recordings.list_stored()).await?;
    stage.refused(stage.stranger.recordings().list_stored()).await?;
    stage.succeeds(recordings.get_stored(&name)).await?;
    stage.fails(recordings.get_stored(NONE), 404).await?;
    stage
        .succeeds_with_bytes(recordings.get_stored_file(&name))
        .await?;
    stage.fails(recordings.get_stored_file(NONE), 404).await?;
    stage.succeeds(recordings.delete_stored(&copy)).await?;
    stage.fails(recordings.delete_stored(&copy), 404).await?;
    stage.hang_up(&[&channel]).await
}
