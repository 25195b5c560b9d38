//! What a channel refuses though it is there: because the application does not have it, or because it is not dialed.

use anyhow::Result;
use ari_client::Resources as _;

use crate::coverage::stage::{APP, Stage};

pub(super) async fn cover(stage: &Stage) {
    stage.step("a channel of the dialplan", elsewhere(stage)).await;
    stage
        .step("a channel that is not dialed", not_dialed(stage))
        .await;
}

async fn elsewhere(stage: &Stage) -> Result<()> {
    let (channels, bridges) = (stage.ari.channels(), stage.ari.bridges());
    let call = channels.originate("Local/wait@default/n");
    let call = call.context("default").extension("wait").priority(1);
    let channel = stage.succeeds(call).await?.id;
    stage.fails(channels.answer(&channel), 409).await?;
    stage.fails(channels.ring(&channel), 409).await?;
    stage.fails(channels.hold(&channel), 409).await?;
    stage.fails(channels.mute(&channel), 409).await?;
    stage.fails(channels.send_dtmf(&channel).dtmf("5"), 409).await?;
    stage.fails(channels.start_moh(&channel), 409).await?;
    stage.fails(channels.start_silence(&channel), 409).await?;
    stage.fails(channels.play(&channel, ["sound:beep"]), 409).await?;
    stage
        .fails(channels.record(&channel, "refused", "wav"), 409)
        .await?;
    stage.fails(channels.continue_in_dialplan(&channel), 409).await?;
    stage.fails(channels.move_(&channel, APP), 409).await?;
    let bridge = stage.bridge_of(&[]).await?;
    stage
        .fails(bridges.add_channel(&bridge, [&*channel]), 422)
        .await?;
    stage.succeeds(bridges.destroy(&bridge)).await?;
    stage.hang_up(&[&channel]).await
}

async fn not_dialed(stage: &Stage) -> Result<()> {
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let channel = stage
        .succeeds(channels.create("Local/rings@default/n", APP))
        .await?;
    let channel = channel.id;
    stage.started(mark, &channel).await?;
    stage.fails(channels.answer(&channel), 412).await?;
    stage.fails(channels.ring(&channel), 412).await?;
    stage.fails(channels.hold(&channel), 412).await?;
    stage.fails(channels.mute(&channel), 412).await?;
    stage.fails(channels.send_dtmf(&channel).dtmf("5"), 412).await?;
    stage.fails(channels.start_moh(&channel), 412).await?;
    stage.fails(channels.play(&channel, ["sound:beep"]), 412).await?;
    stage.hang_up(&[&channel]).await
}
