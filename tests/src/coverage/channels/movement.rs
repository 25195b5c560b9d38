//! Where a channel goes: back to the dialplan, to another application, to another address.

use anyhow::{Context as _, Result};
use ari_client::Resources as _;
use ari_client::models::TransferState;

use super::NOBODY;
use crate::coverage::socket::Socket;
use crate::coverage::stage::{APP, Stage};

pub(super) async fn cover(stage: &Stage) {
    stage
        .step("continue in the dialplan", continue_in_dialplan(stage))
        .await;
    stage.step("move to another application", move_to(stage)).await;
    stage.step("redirect and refer", redirect(stage)).await;
    stage.step("broadcast and claim", claim(stage)).await;
}

async fn continue_in_dialplan(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let onward = channels.continue_in_dialplan(&channel).context("default");
    stage.succeeds(onward.extension("wait").priority(1)).await?;
    stage.channel_event(mark, "ChannelDialplan", &channel).await?;
    stage.fails(channels.continue_in_dialplan(NOBODY), 404).await?;
    stage.hang_up(&[&channel]).await
}

async fn move_to(stage: &Stage) -> Result<()> {
    let _other = Socket::open(&stage.asterisk, "app=other", &stage.watch).await?;
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    stage
        .succeeds(channels.move_(&channel, "other").app_args("red,green"))
        .await?;
    let there =
        |event: &serde_json::Value| event["application"] == "other" && event["channel"]["id"] == channel[..];
    stage.watch.wait(mark, "StasisStart", there).await?;
    stage
        .succeeds(channels.move_(&channel, "nosuch").app_args("blue"))
        .await?;
    stage.watch.wait(mark, "ApplicationMoveFailed", there).await?;
    stage.fails(channels.move_(NOBODY, "other"), 404).await?;
    stage.hang_up(&[&channel]).await
}

/// The near end refers the far end elsewhere, which the dialplan has left to the application.
async fn redirect(stage: &Stage) -> Result<()> {
    let line = stage.line_by("referred").await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let target = format!("PJSIP/{}", stage.address("1000"));
    stage.succeeds(channels.redirect(&line.near, target)).await?;
    stage.fails(channels.redirect(NOBODY, "PJSIP/line"), 404).await?;
    let ours = |event: &serde_json::Value| event["referred_by"]["source_channel"]["id"] == line.far[..];
    stage.watch.wait(mark, "ChannelTransfer", ours).await?;
    let state = TransferState::ChannelAnswered;
    stage
        .succeeds(channels.transfer_progress(&line.far, state.clone()))
        .await?;
    stage
        .fails(channels.transfer_progress(NOBODY, state), 404)
        .await?;
    stage.hang_up(&[&line.near, &line.far]).await
}

/// A call is offered to all applications, and the first to claim it has it.
async fn claim(stage: &Stage) -> Result<()> {
    let _loser = Socket::open(&stage.asterisk, "app=loser", &stage.watch).await?;
    let mark = stage.watch.mark();
    let call = stage.ari.channels().originate("Local/broadcast@default/n");
    let near = stage
        .succeeds(call.context("default").extension("wait").priority(1))
        .await?;
    let offer = stage
        .watch
        .wait(mark, "CallBroadcast", |event| event["application"] == APP)
        .await?;
    let offered = offer["channel"]["id"].as_str().context("no id")?.to_owned();
    let events = stage.ari.user_events();
    stage.succeeds(events.claim_channel(&offered, APP)).await?;
    stage
        .watch
        .wait(mark, "CallClaimed", |event| event["channel"]["id"] == offered[..])
        .await?;
    stage.started(mark, &offered).await?;
    stage.fails(events.claim_channel(&offered, "loser"), 409).await?;
    stage.fails(events.claim_channel(NOBODY, APP), 404).await?;
    stage.hang_up(&[&near.id, &offered]).await
}
