//! Transfers and merges of bridges: what phones and Asterisk do by themselves, told by events alone.

use anyhow::{Context as _, Result};
use ari_client::Resources as _;
use ari_client::models::Channel;

use super::calls::Line;
use super::stage::Stage;

pub(super) async fn cover(stage: &Stage) {
    stage.step("a blind transfer", blind(stage)).await;
    stage.step("an attended transfer", attended(stage)).await;
    stage
        .step("an attended transfer left to us", left_to_us(stage))
        .await;
    stage.step("a merge of bridges", merge(stage)).await;
}

/// The phone at the near end sends whoever it talks with to another extension.
async fn blind(stage: &Stage) -> Result<()> {
    let (line, other) = (stage.line().await?, stage.local("wait").await?);
    let bridge = stage.bridge_of(&[&line.far, &other]).await?;
    let mark = stage.watch.mark();
    let target = format!("PJSIP/{}", stage.address("wait"));
    stage
        .succeeds(stage.ari.channels().redirect(&line.near, target))
        .await?;
    stage
        .channel_event(mark, "BridgeBlindTransfer", &line.far)
        .await?;
    stage.succeeds(stage.ari.bridges().destroy(&bridge)).await?;
    stage.hang_up(&[&line.near, &line.far, &other]).await
}

/// A phone with two calls connects those whom it talks with.
async fn attended(stage: &Stage) -> Result<()> {
    let (first, second) = (stage.line().await?, stage.line().await?);
    let (anna, carl) = (stage.local("wait").await?, stage.local("wait").await?);
    let one = stage.bridge_of(&[&first.far, &anna]).await?;
    let two = stage.bridge_of(&[&second.far, &carl]).await?;
    let mark = stage.watch.mark();
    let target = replacing(stage, &second).await?;
    stage
        .succeeds(stage.ari.channels().redirect(&first.near, target))
        .await?;
    let ours = |event: &serde_json::Value| event["transferer_first_leg"]["id"] == first.far[..];
    stage.watch.wait(mark, "BridgeAttendedTransfer", ours).await?;
    for bridge in [one, two] {
        stage.succeeds(stage.ari.bridges().destroy(bridge)).await?;
    }
    stage
        .hang_up(&[&first.near, &first.far, &second.near, &second.far, &anna, &carl])
        .await
}

/// The same where the dialplan has left it to the application, which is told who is where.
async fn left_to_us(stage: &Stage) -> Result<()> {
    let (first, second) = (stage.line_by("referred").await?, stage.line().await?);
    let (anna, carl) = (stage.local("wait").await?, stage.local("wait").await?);
    let one = stage.bridge_of(&[&first.far, &anna]).await?;
    let two = stage.bridge_of(&[&second.far, &carl]).await?;
    let mark = stage.watch.mark();
    let target = replacing(stage, &second).await?;
    stage
        .succeeds(stage.ari.channels().redirect(&first.near, target))
        .await?;
    let ours = |event: &serde_json::Value| {
        event["refer_to"]["destination_channel"]["id"] == second.far[..]
            && event["referred_by"]["bridge"]["id"] == one[..]
    };
    stage.watch.wait(mark, "ChannelTransfer", ours).await?;
    for bridge in [&one, &two] {
        stage.succeeds(stage.ari.bridges().destroy(bridge)).await?;
    }
    let ends = [&first, &second].map(|line| [&*line.near, &*line.far]);
    stage
        .hang_up(&[&ends.concat()[..], &[&*anna, &*carl]].concat())
        .await
}

/// An address by which the call `line` is taken over (RFC 3891).
async fn replacing(stage: &Stage, line: &Line) -> Result<String> {
    let mut values = Vec::new();
    for name in ["call-id", "remote_tag", "local_tag"] {
        let variable = format!("CHANNEL(pjsip,{name})");
        let read = stage.ari.channels().get_channel_var(&line.near, variable);
        values.push(stage.succeeds(read).await?.value.replace('@', "%40"));
    }
    let [call, to_tag, from_tag] = &values[..] else {
        return None.context("three values");
    };
    let address = stage.address("1000");
    Ok(format!(
        "PJSIP/{address}?Replaces={call}%3Bto-tag%3D{to_tag}%3Bfrom-tag%3D{from_tag}"
    ))
}

/// Two calls in the dialplan, and a Local channel that joins their bridges: Asterisk takes the channel away and makes
/// one bridge of the two.
async fn merge(stage: &Stage) -> Result<()> {
    let (one, two) = (pair(stage).await?, pair(stage).await?);
    let mark = stage.watch.mark();
    let join = stage.ari.channels().originate("Local/join-one@default");
    let join = join.context("default").extension("join-two").priority(1);
    // By name: the id of one half is the beginning of the other's, and the dialplan takes either for the other.
    stage
        .succeeds(join.variable("_ONE", one.name).variable("_TWO", two.name))
        .await?;
    stage.watch.wait(mark, "BridgeMerged", |_| true).await?;
    stage.hang_up(&[&one.id, &two.id]).await
}

/// A call of two Local channels through the dialplan; the one that called.
async fn pair(stage: &Stage) -> Result<Channel> {
    let mark = stage.watch.mark();
    let call = stage.ari.channels().originate("Local/music@default/n");
    let call = call.context("default").extension("pair").priority(1);
    let channel = stage.succeeds(call).await?;
    stage
        .channel_event(mark, "ChannelEnteredBridge", &channel.id)
        .await?;
    Ok(channel)
}
