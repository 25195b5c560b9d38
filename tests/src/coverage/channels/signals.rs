//! What is signalled to a channel: answer, ring, hold, digits.

use anyhow::Result;
use ari_client::Resources as _;
use ari_client::models::MuteDirection;

use super::NOBODY;
use crate::coverage::calls::{Line, number};
use crate::coverage::stage::Stage;
use crate::coverage::watch::Mark;

pub(super) async fn cover(stage: &Stage) {
    stage.step("before the answer", before_the_answer(stage)).await;
    stage.step("progress", progress(stage)).await;
    stage.step("mute", mute(stage)).await;
    stage.step("hold and digits", hold_and_digits(stage)).await;
}

async fn before_the_answer(stage: &Stage) -> Result<()> {
    let line = stage.ringing(&number()).await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    stage.succeeds(channels.ring(&line.far)).await?;
    dialing(stage, mark, &line, "RINGING").await?;
    stage.succeeds(channels.ring_stop(&line.far)).await?;
    stage.succeeds(channels.answer(&line.far)).await?;
    dialing(stage, mark, &line, "ANSWER").await?;
    stage.fails(channels.ring(NOBODY), 404).await?;
    stage.fails(channels.ring_stop(NOBODY), 404).await?;
    stage.fails(channels.answer(NOBODY), 404).await?;
    stage.hang_up(&[&line.near, &line.far]).await
}

/// Waits until the end that called is told so.
async fn dialing(stage: &Stage, mark: Mark, line: &Line, status: &str) -> Result<()> {
    let ours =
        |event: &serde_json::Value| event["peer"]["id"] == line.near[..] && event["dialstatus"] == status;
    stage.watch.wait(mark, "Dial", ours).await?;
    Ok(())
}

async fn progress(stage: &Stage) -> Result<()> {
    let line = stage.ringing(&number()).await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    stage.succeeds(channels.progress(&line.far)).await?;
    dialing(stage, mark, &line, "PROGRESS").await?;
    stage.fails(channels.progress(NOBODY), 404).await?;
    stage.hang_up(&[&line.near, &line.far]).await
}

async fn mute(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    stage
        .succeeds(channels.mute(&channel).direction(MuteDirection::Both))
        .await?;
    stage
        .succeeds(channels.unmute(&channel).direction(MuteDirection::Both))
        .await?;
    stage.fails(channels.mute(NOBODY), 404).await?;
    stage.fails(channels.unmute(NOBODY), 404).await?;
    stage.hang_up(&[&channel]).await
}

/// What is done at one end of a SIP call is seen at the other.
async fn hold_and_digits(stage: &Stage) -> Result<()> {
    let line = stage.line().await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    stage.succeeds(channels.hold(&line.near)).await?;
    stage.channel_event(mark, "ChannelHold", &line.far).await?;
    stage.succeeds(channels.unhold(&line.near)).await?;
    stage.channel_event(mark, "ChannelUnhold", &line.far).await?;
    stage
        .succeeds(channels.send_dtmf(&line.near).dtmf("5#").duration(100))
        .await?;
    stage
        .channel_event(mark, "ChannelDtmfReceived", &line.far)
        .await?;
    stage.fails(channels.hold(NOBODY), 404).await?;
    stage.fails(channels.unhold(NOBODY), 404).await?;
    stage.fails(channels.send_dtmf(NOBODY).dtmf("5"), 404).await?;
    stage.hang_up(&[&line.near, &line.far]).await
}
