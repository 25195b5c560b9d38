//! Variables of a channel, and the events that tell of them.

use anyhow::{Result, ensure};
use ari_client::{Resources as _, VariableValue};

use super::NOBODY;
use crate::coverage::stage::Stage;

pub(super) async fn cover(stage: &Stage) {
    stage.step("channel variables", variables(stage)).await;
    stage.step("several channel variables", several(stage)).await;
    stage.step("names and numbers", names_and_numbers(stage)).await;
}

async fn variables(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    stage
        .succeeds(
            channels
                .set_channel_var(&channel, "ONE")
                .value("1")
                .report_events(true),
        )
        .await?;
    stage.channel_event(mark, "ChannelVarset", &channel).await?;
    let read = stage.succeeds(channels.get_channel_var(&channel, "ONE")).await?;
    ensure!(read.value == "1", "{read:?}");
    stage.fails(channels.set_channel_var(NOBODY, "ONE"), 404).await?;
    stage.fails(channels.get_channel_var(NOBODY, "ONE"), 404).await?;
    stage.hang_up(&[&channel]).await
}

/// Several at once.
async fn several(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    let more = [
        ("TWO", VariableValue::from("2")),
        ("THREE", VariableValue::reported("3")),
    ];
    stage.succeeds(channels.set_channel_vars(&channel, more)).await?;
    let read = stage
        .succeeds(channels.get_channel_vars(&channel, ["TWO", "THREE"]))
        .await?;
    ensure!(read.variables.len() == 2, "{read:?}");
    stage
        .fails(channels.set_channel_vars(NOBODY, [("ONE", "1")]), 404)
        .await?;
    stage
        .fails(channels.get_channel_vars(NOBODY, ["ONE"]), 404)
        .await?;
    // With what was reported, so that events and replies hold it.
    stage.succeeds(channels.get(&channel)).await?;
    stage.hang_up(&[&channel]).await
}

async fn names_and_numbers(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    stage
        .succeeds(
            channels
                .set_channel_var(&channel, "CALLERID(all)")
                .value("Anna <1001>"),
        )
        .await?;
    stage.channel_event(mark, "ChannelCallerId", &channel).await?;
    stage
        .succeeds(
            channels
                .set_channel_var(&channel, "CONNECTEDLINE(all)")
                .value("Bert <1002>"),
        )
        .await?;
    stage
        .channel_event(mark, "ChannelConnectedLine", &channel)
        .await?;
    stage.hang_up(&[&channel]).await
}
