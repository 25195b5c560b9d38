//! How channels come and go.

use anyhow::{Result, ensure};
use ari_client::models::{ExternalMediaEncapsulation, ExternalMediaTransport, HangupReason, SnoopDirection};
use ari_client::{ObjectKind, Resources as _, new_id};

use super::NOBODY;
use crate::coverage::stage::{APP, Stage};

pub(super) async fn cover(stage: &Stage) {
    stage.step("lists of channels", lists(stage)).await;
    stage.step("originate", originate(stage)).await;
    stage.step("create and dial", create_and_dial(stage)).await;
    stage.step("hang up", hang_up(stage)).await;
    stage.step("a busy line", busy(stage)).await;
    stage.step("snoop", snoop(stage)).await;
    stage.step("external media", external_media(stage)).await;
}

async fn lists(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    stage.succeeds(stage.ari.channels().list()).await?;
    stage.refused(stage.stranger.channels().list()).await?;
    stage.succeeds(stage.ari.channels().get(&channel)).await?;
    stage.fails(stage.ari.channels().get(NOBODY), 404).await?;
    stage.hang_up(&[&channel]).await
}

async fn originate(stage: &Stage) -> Result<()> {
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let call = channels
        .originate("Local/wait@default/n")
        .app(APP)
        .app_args("red,green");
    let channel = stage
        .succeeds(call.caller_id("Lab <1000>").variable("COVERED", "yes"))
        .await?;
    stage.started(mark, &channel.id).await?;
    stage
        .watch
        .wait(mark, "Dial", |event| event["peer"]["id"] == channel.id)
        .await?;
    stage.fails(channels.originate("nosuch"), 400).await?;
    stage
        .fails(
            channels
                .originate_with_id(&channel.id, "Local/wait@default/n")
                .app(APP),
            409,
        )
        .await?;
    stage.hang_up(&[&channel.id]).await
}

async fn create_and_dial(stage: &Stage) -> Result<()> {
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let channel = stage
        .succeeds(channels.create("Local/rings@default/n", APP))
        .await?;
    stage.started(mark, &channel.id).await?;
    stage.succeeds(channels.dial(&channel.id).timeout(20)).await?;
    stage
        .channel_event(mark, "ChannelStateChange", &channel.id)
        .await?;
    stage.fails(channels.dial(NOBODY), 404).await?;
    let taken = channels
        .create("Local/rings@default/n", APP)
        .channel_id(&channel.id);
    stage.fails(taken, 409).await?;
    stage.hang_up(&[&channel.id]).await
}

async fn hang_up(stage: &Stage) -> Result<()> {
    let channel = stage.local("wait").await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    stage
        .succeeds(channels.hangup(&channel).reason(HangupReason::Busy))
        .await?;
    for kind in ["ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"] {
        stage.channel_event(mark, kind, &channel).await?;
    }
    stage.fails(channels.hangup(&channel), 404).await
}

/// A line that is busy: the call ends before it enters the application.
async fn busy(stage: &Stage) -> Result<()> {
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let call = channels.originate(stage.line_to("busy")).app(APP);
    let channel = stage.succeeds(call).await?;
    let ours = |event: &serde_json::Value| event["peer"]["id"] == channel.id && event["dialstatus"] == "BUSY";
    stage.watch.wait(mark, "Dial", ours).await?;
    let end = stage.channel_event(mark, "ChannelDestroyed", &channel.id).await?;
    ensure!(end["cause"] == 17 && end["tech_cause"] == 486, "{end}");
    Ok(())
}

async fn snoop(stage: &Stage) -> Result<()> {
    let channel = stage.local("music").await?;
    let channels = stage.ari.channels();
    let spy = SnoopDirection::In;
    let mark = stage.watch.mark();
    let call = channels.snoop_channel(&channel, APP).spy(spy.clone());
    let snoop = stage.succeeds(call).await?;
    stage.started(mark, &snoop.id).await?;
    let id = new_id(ObjectKind::Channel);
    let call = channels.snoop_channel_with_id(&channel, &id, APP);
    stage.succeeds(call.spy(spy.clone())).await?;
    stage.started(mark, &id).await?;
    let call = channels.snoop_channel(NOBODY, APP).spy(spy.clone());
    stage.fails(call, 404).await?;
    let call = channels.snoop_channel_with_id(NOBODY, &id, APP).spy(spy);
    stage.fails(call, 404).await?;
    stage.hang_up(&[&snoop.id, &id, &channel]).await
}

async fn external_media(stage: &Stage) -> Result<()> {
    let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await?;
    let channels = stage.ari.channels();
    let mark = stage.watch.mark();
    let media = channels.external_media(APP, "ulaw").data("covered");
    let media = stage
        .succeeds(media.external_host(socket.local_addr()?.to_string()))
        .await?;
    stage.started(mark, &media.id).await?;
    let mismatch = channels.external_media(APP, "ulaw").external_host("127.0.0.1:9");
    let mismatch = mismatch.encapsulation(ExternalMediaEncapsulation::Rtp);
    stage
        .fails(mismatch.transport(ExternalMediaTransport::WebSocket), 400)
        .await?;
    stage.hang_up(&[&media.id]).await
}
