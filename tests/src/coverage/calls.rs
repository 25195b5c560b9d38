//! Ways to have channels in the application.

use anyhow::{Context as _, Result};
use ari_client::{ObjectKind, Resources as _, new_id};
use serde_json::Value;

use super::stage::{APP, Stage};
use super::watch::Mark;

/// A SIP call from this Asterisk to itself, both ends of which are in the application.
#[derive(Debug)]
pub(super) struct Line {
    /// The end that called.
    pub(super) near: String,
    /// The end that was called, and answered.
    pub(super) far: String,
}

impl Stage {
    /// A Local channel in the application, Up, whose other half is at `extension`, which answers.
    pub(super) async fn local(&self, extension: &str) -> Result<String> {
        let id = new_id(ObjectKind::Channel);
        let mark = self.watch.mark();
        let channels = self.ari.channels();
        let endpoint = format!("Local/{extension}@default/n");
        // Where nobody asks for a format, Local channels choose one of 192 kHz, which the tone detector cannot hear.
        let call = channels.originate_with_id(&id, endpoint).app(APP).formats("ulaw");
        self.succeeds(call).await?;
        self.started(mark, &id).await?;
        Ok(id)
    }

    /// A SIP call to `extension` of this Asterisk that is not yet answered.
    pub(super) async fn ringing(&self, extension: &str) -> Result<Line> {
        let near = new_id(ObjectKind::Channel);
        let mark = self.watch.mark();
        let call = self
            .ari
            .channels()
            .originate_with_id(&near, self.line_to(extension));
        self.succeeds(call.app(APP)).await?;
        let came = |event: &Value| {
            event["channel"]["dialplan"]["exten"] == extension && event["channel"]["id"] != near[..]
        };
        let start = self.watch.wait(mark, "StasisStart", came).await?;
        let far = start["channel"]["id"].as_str().context("no id")?.to_owned();
        Ok(Line { near, far })
    }

    /// A SIP call from this Asterisk to itself, answered.
    pub(super) async fn line(&self) -> Result<Line> {
        self.line_by(&number()).await
    }

    /// The same by an extension of its own.
    pub(super) async fn line_by(&self, extension: &str) -> Result<Line> {
        let mark = self.watch.mark();
        let line = self.ringing(extension).await?;
        self.succeeds(self.ari.channels().answer(&line.far)).await?;
        self.started(mark, &line.near).await?;
        Ok(line)
    }

    /// Where to call so that the call comes in at `extension`.
    pub(super) fn line_to(&self, extension: &str) -> String {
        format!("PJSIP/line/{}", self.address(extension))
    }

    /// The SIP address of `extension`.
    pub(super) fn address(&self, extension: &str) -> String {
        format!("sip:{extension}@127.0.0.1:{}", self.asterisk.sip_port())
    }

    /// Waits until the channel has entered the application.
    pub(super) async fn started(&self, mark: Mark, channel: &str) -> Result<Value> {
        self.channel_event(mark, "StasisStart", channel).await
    }

    /// Waits for an event about the channel.
    pub(super) async fn channel_event(&self, mark: Mark, kind: &str, channel: &str) -> Result<Value> {
        self.watch
            .wait(mark, kind, |event| event["channel"]["id"] == channel)
            .await
    }

    /// A mixing bridge with these channels in it.
    pub(super) async fn bridge_of(&self, channels: &[&str]) -> Result<String> {
        let id = new_id(ObjectKind::Bridge);
        self.succeeds(self.ari.bridges().create_with_id(&id).type_("mixing"))
            .await?;
        for channel in channels {
            let mark = self.watch.mark();
            self.succeeds(self.ari.bridges().add_channel(&id, [*channel]))
                .await?;
            self.channel_event(mark, "ChannelEnteredBridge", channel).await?;
        }
        Ok(id)
    }

    /// Hangs up; a channel that is gone already is as good.
    pub(super) async fn hang_up(&self, channels: &[&str]) -> Result<()> {
        for channel in channels {
            match self.ari.channels().hangup(*channel).await {
                Err(error) if !error.is_gone() => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A number that nobody else calls.
pub(super) fn number() -> String {
    format!("7{:09}", fastrand::u32(..1_000_000_000))
}
