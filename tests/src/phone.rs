//! One phone in a call.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

use crate::ami::{Ami, Message};
use crate::audio::Heard;
use crate::caller::Caller;
use crate::phones::Manager;

/// A digit is this long, and so is the gap after it.
const DIGIT: Duration = Duration::from_millis(160);
/// How long the phones' Asterisk may take to say how something went.
const WORD: Duration = Duration::from_secs(5);

/// How a call stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallState {
    /// On its way.
    Dialling,
    /// The server said that it rings.
    Ringing,
    /// Answered.
    Up,
    /// Over.
    Ended {
        /// The Q.850 cause.
        cause: u16,
        /// The cause in words.
        text: String,
    },
}

/// A phone in a call. The call ends when this value is dropped.
#[derive(Debug)]
pub struct Phone {
    ami: Ami,
    id: String,
    name: String,
    monitor: PathBuf,
    windows: u32,
    state: watch::Receiver<CallState>,
}

/// A recording under way of what a phone hears.
struct Listening {
    monitor: String,
    recording: PathBuf,
}

impl Phone {
    pub(crate) async fn dial(manager: &Manager, monitor: PathBuf, caller: Caller) -> Result<Self> {
        let (mut ami, events) = Ami::connect(manager.port, "lab", &manager.secret).await?;
        let id = format!("phone-{:016x}", fastrand::u64(..));
        let (tell, state) = watch::channel(CallState::Dialling);
        tokio::spawn(follow(events, id.clone(), tell));
        let endpoint = format!("PJSIP/{}@server", caller.extension);
        let does = if caller.tone.is_some() { "tone" } else { "silence" };
        let action = [
            ("Action", "Originate"),
            ("Channel", &endpoint),
            ("ChannelId", &id),
            ("Context", "phone"),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", &caller.patience.as_millis().to_string()),
            ("CallerID", &format!("\"{}\" <{}>", caller.name, caller.number)),
            ("Variable", &format!("LAB_PHONE={id}")),
            ("Variable", &format!("LAB_DOES={does}")),
            (
                "Variable",
                &format!("LAB_TONE={}", caller.tone.unwrap_or_default()),
            ),
            ("Async", "true"),
        ];
        ami.ask(&action)
            .await
            .with_context(|| format!("{} cannot dial {}", caller.name, caller.extension))?;
        Ok(Self {
            ami,
            id,
            name: caller.name,
            monitor,
            windows: 0,
            state,
        })
    }

    /// How the call stands now.
    #[must_use]
    pub fn state(&self) -> CallState {
        self.state.borrow().clone()
    }

    /// Waits until the call is answered.
    ///
    /// # Errors
    /// Fails if it ends first, or is not answered in time.
    pub async fn answered(&mut self, deadline: Duration) -> Result<()> {
        let answered = self
            .state
            .wait_for(|state| matches!(state, CallState::Up | CallState::Ended { .. }));
        let state = timeout(deadline, answered).await;
        let state = state
            .with_context(|| format!("{}: not answered within {deadline:?}", self.name))??
            .clone();
        match state {
            CallState::Ended { cause, text } => bail!("{}: refused, cause {cause} ({text})", self.name),
            _ => Ok(()),
        }
    }

    /// Waits until the call is over and returns its cause.
    ///
    /// # Errors
    /// Fails if it is not over in time.
    pub async fn ended(&mut self, deadline: Duration) -> Result<u16> {
        let ended = self
            .state
            .wait_for(|state| matches!(state, CallState::Ended { .. }));
        let state = timeout(deadline, ended).await;
        let state = state
            .with_context(|| format!("{}: not over within {deadline:?}", self.name))??
            .clone();
        match state {
            CallState::Ended { cause, .. } => Ok(cause),
            other => bail!("{}: {other:?}", self.name),
        }
    }

    /// Says a tone of `hertz` from now on.
    ///
    /// # Errors
    /// Fails if the call is over.
    pub async fn say(&mut self, hertz: u32) -> Result<()> {
        self.set("LAB_TONE", &hertz.to_string()).await?;
        self.go_to("tone").await
    }

    /// Says nothing from now on.
    ///
    /// # Errors
    /// Fails if the call is over.
    pub async fn be_silent(&mut self) -> Result<()> {
        self.go_to("silence").await
    }

    /// Presses digits, one after the other.
    ///
    /// # Errors
    /// Fails if the call is over.
    pub async fn press(&mut self, digits: &str) -> Result<()> {
        let length = DIGIT.as_millis().to_string();
        for digit in digits.chars() {
            let digit = digit.to_string();
            let action = [
                ("Action", "PlayDTMF"),
                ("Channel", &*self.id),
                ("Digit", &digit),
                ("Duration", &length),
            ];
            self.ami
                .ask(&action)
                .await
                .with_context(|| format!("{} presses {digit}", self.name))?;
            sleep(DIGIT * 2).await;
        }
        Ok(())
    }

    /// Listens for a while, and returns what was to be heard in that time.
    ///
    /// # Errors
    /// Fails if the call ends meanwhile.
    pub async fn listen(&mut self, length: Duration) -> Result<Heard> {
        let listening = self.begin_to_listen().await?;
        sleep(length).await;
        self.end_of_listening(listening).await
    }

    /// Presses digits and listens meanwhile and for a while after.
    ///
    /// # Errors
    /// Fails if the call ends meanwhile.
    pub async fn press_and_listen(&mut self, digits: &str, length: Duration) -> Result<Heard> {
        let listening = self.begin_to_listen().await?;
        self.press(digits).await?;
        sleep(length).await;
        self.end_of_listening(listening).await
    }

    async fn begin_to_listen(&mut self) -> Result<Listening> {
        self.windows += 1;
        let name = format!("{}-{}", self.id, self.windows);
        let file = format!("{name}-mix.wav");
        let options = format!("r({name}-rx.wav)");
        let start = [
            ("Action", "MixMonitor"),
            ("Channel", &*self.id),
            ("File", &file),
            ("Options", &options),
        ];
        let started = self
            .ami
            .ask(&start)
            .await
            .with_context(|| format!("{} listens", self.name))?;
        Ok(Listening {
            monitor: started.get("MixMonitorID").to_owned(),
            recording: self.monitor.join(format!("{name}-rx.wav")),
        })
    }

    async fn end_of_listening(&mut self, listening: Listening) -> Result<Heard> {
        let stop = [
            ("Action", "StopMixMonitor"),
            ("Channel", &*self.id),
            ("MixMonitorID", &listening.monitor),
        ];
        self.ami
            .ask(&stop)
            .await
            .with_context(|| format!("{} listens", self.name))?;
        finished(&listening.recording).await
    }

    /// All that was heard from the answer to the end of the call, which is to be over.
    ///
    /// # Errors
    /// Fails if there is no recording.
    pub async fn heard(&self) -> Result<Heard> {
        if !matches!(self.state(), CallState::Ended { .. }) {
            bail!(
                "{}: the call is not over; listen() tells what is heard meanwhile",
                self.name
            );
        }
        finished(&self.monitor.join(format!("{}-rx.wav", self.id))).await
    }

    /// Hangs up and waits until the call is over.
    ///
    /// # Errors
    /// Fails if the phone cannot be reached. A call that is over already is no error.
    pub async fn hang_up(&mut self) -> Result<()> {
        if !matches!(self.state(), CallState::Ended { .. }) {
            // A refusal means that the other side was faster.
            let _ = self
                .ami
                .ask(&[("Action", "Hangup"), ("Channel", &self.id), ("Cause", "16")])
                .await;
            self.ended(WORD).await?;
        }
        Ok(())
    }

    /// Connects the far ends of this call and of `other` with each other, as a phone does: an attended
    /// transfer (REFER with Replaces). Comes back when the server has done it, and hangs up then.
    ///
    /// # Errors
    /// Fails if the server refuses.
    pub async fn transfer_to(&mut self, other: &mut Self) -> Result<()> {
        let call = other.variable("CHANNEL(pjsip,call-id)").await?;
        let ours = other.variable("CHANNEL(pjsip,local_tag)").await?;
        let theirs = other.variable("CHANNEL(pjsip,remote_tag)").await?;
        let uri = other.variable("CHANNEL(pjsip,target_uri)").await?;
        let target = format!("PJSIP/{}", replacing(&uri, &call, &theirs, &ours));
        self.set("LAB_TARGET", &target).await?;
        self.go_to("transfer").await?;
        match self.transfer_status().await?.as_str() {
            "SUCCESS" => self.hang_up().await,
            status => bail!("{}: the server refused the transfer: {status}", self.name),
        }
    }

    async fn transfer_status(&mut self) -> Result<String> {
        let end = Instant::now() + WORD;
        while Instant::now() < end {
            match self.variable("LAB_TRANSFER").await? {
                status if status.is_empty() => sleep(Duration::from_millis(20)).await,
                status => return Ok(status),
            }
        }
        bail!("{}: no word on the transfer within {WORD:?}", self.name)
    }

    async fn go_to(&mut self, extension: &str) -> Result<()> {
        let action = [
            ("Action", "Redirect"),
            ("Channel", &*self.id),
            ("Context", "phone"),
            ("Exten", extension),
            ("Priority", "1"),
        ];
        self.ami
            .ask(&action)
            .await
            .with_context(|| format!("{} goes to {extension}", self.name))?;
        Ok(())
    }

    async fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let action = [
            ("Action", "Setvar"),
            ("Channel", &*self.id),
            ("Variable", name),
            ("Value", value),
        ];
        self.ami
            .ask(&action)
            .await
            .with_context(|| format!("{}: {name}", self.name))?;
        Ok(())
    }

    async fn variable(&mut self, name: &str) -> Result<String> {
        let action = [("Action", "Getvar"), ("Channel", &*self.id), ("Variable", name)];
        let response = self
            .ami
            .ask(&action)
            .await
            .with_context(|| format!("{}: {name}", self.name))?;
        Ok(response.get("Value").to_owned())
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        if !matches!(self.state(), CallState::Ended { .. }) {
            self.ami
                .say_last(&[("Action", "Hangup"), ("Channel", &self.id), ("Cause", "16")]);
        }
    }
}

/// The address to refer to, so that the dialog of the given call is taken over.
fn replacing(uri: &str, call: &str, to_tag: &str, from_tag: &str) -> String {
    let uri = uri.split(['?', ';']).next().unwrap_or(uri);
    let call = call.replace('@', "%40");
    format!("{uri}?Replaces={call}%3Bto-tag%3D{to_tag}%3Bfrom-tag%3D{from_tag}")
}

/// Tells the states of one call until it is over, or until nobody asks any more.
async fn follow(mut events: mpsc::UnboundedReceiver<Message>, id: String, tell: watch::Sender<CallState>) {
    while let Some(event) = events.recv().await {
        if event.get("Uniqueid") != id {
            continue;
        }
        let state = match (event.get("Event"), event.get("ChannelState")) {
            ("Newstate", "5") => CallState::Ringing,
            ("Newstate", "6") => CallState::Up,
            ("Hangup", _) => CallState::Ended {
                cause: event.get("Cause").parse().unwrap_or_default(),
                text: event.get("Cause-txt").to_owned(),
            },
            _ => continue,
        };
        let over = matches!(state, CallState::Ended { .. });
        if tell.send(state).is_err() || over {
            return;
        }
    }
}

/// Reads a recording once Asterisk has written its end: when it grows no more.
async fn finished(path: &Path) -> Result<Heard> {
    let end = Instant::now() + WORD;
    let mut size = 0;
    while Instant::now() < end {
        sleep(Duration::from_millis(100)).await;
        let now = tokio::fs::metadata(path).await.map_or(0, |file| file.len());
        if now > 44 && now == size {
            return Heard::read(path);
        }
        size = now;
    }
    bail!("no finished recording in {}", path.display());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_an_attended_transfer_is_escaped() {
        assert_eq!(
            replacing("sip:1000@127.0.0.1:5060;ob", "a-b@host", "them", "us"),
            "sip:1000@127.0.0.1:5060?Replaces=a-b%40host%3Bto-tag%3Dthem%3Bfrom-tag%3Dus"
        );
    }
}
