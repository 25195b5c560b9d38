//! `/events`: events that applications make themselves. (Claiming a call is with the channels' movements.)

use anyhow::Result;
use ari_client::Resources as _;

use super::stage::{APP, Stage};

pub(super) async fn cover(stage: &Stage) {
    stage.step("user events", user_events(stage)).await;
}

async fn user_events(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let bridge = stage.bridge_of(&[]).await?;
    let mark = stage.watch.mark();
    let event = stage.ari.user_events().user_event("Covered", APP);
    let sources = [
        format!("channel:{channel}"),
        format!("bridge:{bridge}"),
        "endpoint:PJSIP/alice".into(),
    ];
    let event = event
        .source(sources)
        .variable("colour", "red")
        .variable("count", 3);
    stage.succeeds(event).await?;
    stage
        .watch
        .wait(mark, "ChannelUserevent", |event| event["eventname"] == "Covered")
        .await?;
    stage
        .fails(stage.ari.user_events().user_event("Covered", "nosuch"), 404)
        .await?;
    stage.succeeds(stage.ari.bridges().destroy(&bridge)).await?;
    stage.hang_up(&[&channel]).await
}
