//! `/bridges`: bridges, who is in them, what they hear, and their variables.

use anyhow::{Result, ensure};
use ari_client::{ObjectKind, Resources as _, VariableValue, new_id};

use super::stage::Stage;

/// The id of no bridge, and of no channel.
const NONE: &str = "nothing";

pub(super) async fn cover(stage: &Stage) {
    stage.step("bridges come and go", come_and_go(stage)).await;
    stage.step("a bridge's id that is taken", taken(stage)).await;
    stage.step("members of a bridge", members(stage)).await;
    stage.step("the video source", video_source(stage)).await;
    stage.step("what a bridge hears", hears(stage)).await;
    stage.step("recording a bridge", record(stage)).await;
    stage.step("bridge variables", variables(stage)).await;
}

async fn come_and_go(stage: &Stage) -> Result<()> {
    let bridges = stage.ari.bridges();
    let mark = stage.watch.mark();
    let bridge = stage
        .succeeds(bridges.create().type_("mixing,dtmf_events").name("covered"))
        .await?;
    let id = new_id(ObjectKind::Bridge);
    stage
        .succeeds(bridges.create_with_id(&id).type_("holding").variable("X", "1"))
        .await?;
    stage.succeeds(bridges.list()).await?;
    stage.refused(stage.stranger.bridges().list()).await?;
    stage.succeeds(bridges.get(&id)).await?;
    stage.fails(bridges.get(NONE), 404).await?;
    stage.succeeds(bridges.destroy(&id)).await?;
    stage.succeeds(bridges.destroy(&bridge.id)).await?;
    stage.fails(bridges.destroy(&id), 404).await?;
    for kind in ["BridgeCreated", "BridgeDestroyed"] {
        stage
            .watch
            .wait(mark, kind, |event| event["bridge"]["id"] == id[..])
            .await?;
    }
    Ok(())
}

async fn taken(stage: &Stage) -> Result<()> {
    let bridges = stage.ari.bridges();
    let id = stage.bridge_of(&[]).await?;
    stage.fails(bridges.create().bridge_id(&id), 409).await?;
    stage
        .fails(bridges.create_with_id(&id).type_("mixing"), 409)
        .await?;
    stage.succeeds(bridges.destroy(&id)).await?;
    Ok(())
}

async fn members(stage: &Stage) -> Result<()> {
    let (one, two) = (stage.local("wait").await?, stage.local("wait").await?);
    let bridge = stage.bridge_of(&[&one, &two]).await?;
    let bridges = stage.ari.bridges();
    stage.succeeds(bridges.get(&bridge)).await?;
    let mark = stage.watch.mark();
    stage.succeeds(bridges.remove_channel(&bridge, [&*one])).await?;
    stage.channel_event(mark, "ChannelLeftBridge", &one).await?;
    stage.fails(bridges.remove_channel(&bridge, [&*one]), 422).await?;
    stage.fails(bridges.add_channel(&bridge, [NONE]), 400).await?;
    stage.succeeds(bridges.destroy(&bridge)).await?;
    stage.hang_up(&[&one, &two]).await
}

async fn video_source(stage: &Stage) -> Result<()> {
    let (one, two) = (stage.local("wait").await?, stage.local("wait").await?);
    let bridge = stage.bridge_of(&[&one, &two]).await?;
    let bridges = stage.ari.bridges();
    let mark = stage.watch.mark();
    stage.succeeds(bridges.set_video_source(&bridge, &one)).await?;
    stage.succeeds(bridges.set_video_source(&bridge, &two)).await?;
    let ours = |event: &serde_json::Value| event["bridge"]["id"] == bridge[..];
    stage.watch.wait(mark, "BridgeVideoSourceChanged", ours).await?;
    stage.fails(bridges.set_video_source(NONE, &one), 404).await?;
    stage.succeeds(bridges.clear_video_source(&bridge)).await?;
    stage.fails(bridges.clear_video_source(NONE), 404).await?;
    stage.succeeds(bridges.destroy(&bridge)).await?;
    stage.hang_up(&[&one, &two]).await
}

async fn hears(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let bridge = stage.bridge_of(&[&channel]).await?;
    let bridges = stage.ari.bridges();
    stage.succeeds(bridges.start_moh(&bridge)).await?;
    stage.succeeds(bridges.stop_moh(&bridge)).await?;
    stage.fails(bridges.start_moh(NONE), 404).await?;
    stage.fails(bridges.stop_moh(NONE), 404).await?;
    let id = new_id(ObjectKind::Playback);
    let mark = stage.watch.mark();
    let playback = stage.succeeds(bridges.play(&bridge, ["sound:beep"])).await?;
    stage
        .succeeds(bridges.play_with_id(&bridge, &id, ["sound:beep"]))
        .await?;
    for id in [&playback.id, &id] {
        let ours = |event: &serde_json::Value| event["playback"]["id"] == id[..];
        stage.watch.wait(mark, "PlaybackFinished", ours).await?;
    }
    stage.fails(bridges.play(NONE, ["sound:beep"]), 404).await?;
    stage
        .fails(bridges.play_with_id(NONE, &id, ["sound:beep"]), 404)
        .await?;
    stage.succeeds(bridges.destroy(&bridge)).await?;
    stage.hang_up(&[&channel]).await
}

async fn record(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let bridge = stage.bridge_of(&[&channel]).await?;
    let bridges = stage.ari.bridges();
    let name = new_id(ObjectKind::Recording);
    let mark = stage.watch.mark();
    stage
        .succeeds(bridges.record(&bridge, &name, "wav").max_duration_seconds(1))
        .await?;
    let ours = |event: &serde_json::Value| event["recording"]["name"] == name[..];
    for kind in ["RecordingStarted", "RecordingFinished"] {
        stage.watch.wait(mark, kind, ours).await?;
    }
    stage.fails(bridges.record(NONE, &name, "wav"), 404).await?;
    stage.succeeds(bridges.destroy(&bridge)).await?;
    stage.hang_up(&[&channel]).await
}

async fn variables(stage: &Stage) -> Result<()> {
    let bridge = stage.bridge_of(&[]).await?;
    let bridges = stage.ari.bridges();
    stage
        .succeeds(
            bridges
                .set_bridge_var(&bridge, "ONE")
                .value("1")
                .report_events(true),
        )
        .await?;
    let read = stage.succeeds(bridges.get_bridge_var(&bridge, "ONE")).await?;
    ensure!(read.value == "1", "{read:?}");
    let more = [
        ("TWO", VariableValue::from("2")),
        ("THREE", VariableValue::reported("3")),
    ];
    stage.succeeds(bridges.set_bridge_vars(&bridge, more)).await?;
    let read = stage
        .succeeds(bridges.get_bridge_vars(&bridge, ["TWO", "THREE"]))
        .await?;
    ensure!(read.variables.len() == 2, "{read:?}");
    stage.fails(bridges.set_bridge_var(NONE, "ONE"), 404).await?;
    stage.fails(bridges.get_bridge_var(NONE, "ONE"), 404).await?;
    stage
        .fails(bridges.set_bridge_vars(NONE, [("ONE", "1")]), 404)
        .await?;
    stage.fails(bridges.get_bridge_vars(NONE, ["ONE"]), 404).await?;
    stage.succeeds(bridges.get(&bridge)).await?;
    stage.succeeds(bridges.destroy(&bridge)).await?;
    Ok(())
}
