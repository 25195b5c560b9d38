//! What a channel hears and says.

use anyhow::Result;
use ari_client::{ObjectKind, Resources as _, new_id};

use super::NOBODY;
use crate::coverage::stage::Stage;

pub(super) async fn cover(stage: &Stage) {
    stage.step("music and silence", music_and_silence(stage)).await;
    stage.step("play", play(stage)).await;
    stage.step("record", record(stage)).await;
    stage.step("RTP statistics", rtp_statistics(stage)).await;
    stage.step("talking", talking(stage)).await;
    stage.step("tones", tones(stage)).await;
}

async fn music_and_silence(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    stage.succeeds(channels.start_moh(&channel)).await?;
    stage.succeeds(channels.stop_moh(&channel)).await?;
    stage.succeeds(channels.start_silence(&channel)).await?;
    stage.succeeds(channels.stop_silence(&channel)).await?;
    stage.fails(channels.start_moh(NOBODY), 404).await?;
    stage.fails(channels.stop_moh(NOBODY), 404).await?;
    stage.fails(channels.start_silence(NOBODY), 404).await?;
    stage.fails(channels.stop_silence(NOBODY), 404).await?;
    stage.hang_up(&[&channel]).await
}

async fn play(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let beeps = ["sound:beep", "sound:beep"];
    let playback = stage.succeeds(channels.play(&channel, beeps)).await?;
    let id = new_id(ObjectKind::Playback);
    stage
        .succeeds(channels.play_with_id(&channel, &id, ["sound:beep"]))
        .await?;
    let ours = |event: &serde_json::Value| event["playback"]["id"] == playback.id;
    for kind in ["PlaybackStarted", "PlaybackContinuing", "PlaybackFinished"] {
        stage.watch.wait(mark, kind, ours).await?;
    }
    stage.fails(channels.play(NOBODY, beeps), 404).await?;
    stage
        .fails(channels.play_with_id(NOBODY, &id, beeps), 404)
        .await?;
    stage.hang_up(&[&channel]).await
}

/// A channel in a bridge cannot be recorded, which only an event tells.
async fn record(stage: &Stage) -> Result<()> {
    let (channel, bridged) = (stage.local("wait").await?, stage.local("wait").await?);
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let name = new_id(ObjectKind::Recording);
    stage
        .succeeds(channels.record(&channel, &name, "wav").max_duration_seconds(1))
        .await?;
    let of = |name: String| move |event: &serde_json::Value| event["recording"]["name"] == name[..];
    for kind in ["RecordingStarted", "RecordingFinished"] {
        stage.watch.wait(mark, kind, of(name.clone())).await?;
    }
    stage.fails(channels.record(NOBODY, &name, "wav"), 404).await?;
    let bridge = stage.bridge_of(&[&bridged]).await?;
    let name = new_id(ObjectKind::Recording);
    stage.succeeds(channels.record(&bridged, &name, "wav")).await?;
    stage.watch.wait(mark, "RecordingFailed", of(name)).await?;
    stage.succeeds(stage.ari.bridges().destroy(&bridge)).await?;
    stage.hang_up(&[&channel, &bridged]).await
}

async fn rtp_statistics(stage: &Stage) -> Result<()> {
    let line = stage.line().await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let playback = stage.succeeds(channels.play(&line.far, ["sound:beep"])).await?;
    let ours = |event: &serde_json::Value| event["playback"]["id"] == playback.id;
    stage.watch.wait(mark, "PlaybackFinished", ours).await?;
    stage.succeeds(channels.rtp_statistics(&line.far)).await?;
    stage.succeeds(channels.rtp_statistics(&line.near)).await?;
    stage.fails(channels.rtp_statistics(NOBODY), 404).await?;
    stage.hang_up(&[&line.near, &line.far]).await
}

/// The other half says nothing, then a tone, and then nothing.
async fn talking(stage: &Stage) -> Result<()> {
    let kinds = ["ChannelTalkingStarted", "ChannelTalkingFinished"];
    detected(stage, ("TALK_DETECT(set)", "300,128"), &kinds).await
}

async fn tones(stage: &Stage) -> Result<()> {
    stage.watch.needs("ChannelToneDetected")?;
    detected(stage, ("TONE_DETECT(440,300)", ""), &["ChannelToneDetected"]).await
}

/// Sets a function of the dialplan by which the events come.
async fn detected(stage: &Stage, (function, value): (&str, &str), kinds: &[&str]) -> Result<()> {
    let channel = stage.local("tone").await?;
    let mark = stage.watch.mark();
    let set = stage.ari.channels().set_channel_var(&channel, function);
    stage.succeeds(set.value(value)).await?;
    for kind in kinds {
        stage.channel_event(mark, kind, &channel).await?;
    }
    stage.hang_up(&[&channel]).await
}
