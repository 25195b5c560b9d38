//! Callers in numbers, played by `SIPp`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::time::{Instant, sleep};

use crate::asterisk::Asterisk;
use crate::audio;
use crate::install::find_or_install_sipp;
use crate::ports::Ports;
use crate::process::Kept;

const CALLER: &str = include_str!("../scenarios/caller.xml");
const STAYER: &str = include_str!("../scenarios/stayer.xml");
const DIGIT: &str = include_str!("../scenarios/digit.xml");
/// Where a scenario takes its audio, or what else a caller does who was answered.
const AUDIO: &str = "<!-- audio -->";
/// How long a caller stays who waits to be hung up.
const STAYS: Duration = Duration::from_secs(600);
/// How long a caller listens before the digit is pressed.
const LISTENS: Duration = Duration::from_millis(500);
/// A caller is soft, so that a crowd of them leaves others to be heard.
const SOFT: i16 = 1500;
/// How long an answer of the server may take.
const ANSWER: Duration = Duration::from_secs(20);

/// `SIPp` callers to be started.
#[derive(Debug, Clone)]
pub struct Sipp {
    server: u16,
    extension: String,
    calls: u32,
    rate: f64,
    stay: Stay,
    tone: Option<u32>,
    digit: Option<char>,
    deaf: bool,
}

#[derive(Debug, Clone, Copy)]
enum Stay {
    /// So long, and then the caller hangs up.
    For(Duration),
    /// Until the server hangs up; a call that lasts longer has failed.
    UntilHungUp(Duration),
}

impl Sipp {
    /// One silent caller, who dials `extension` and stays for a second.
    #[must_use]
    pub fn new(server: &Asterisk, extension: impl Into<String>) -> Self {
        Self {
            server: server.sip_port(),
            extension: extension.into(),
            calls: 1,
            rate: 10.0,
            stay: Stay::For(Duration::from_secs(1)),
            tone: None,
            digit: None,
            deaf: false,
        }
    }

    /// Sets how many call.
    #[must_use]
    pub fn calls(mut self, calls: u32) -> Self {
        self.calls = calls;
        self
    }

    /// Sets how many calls begin in a second: 10 by default.
    #[must_use]
    pub fn rate(mut self, per_second: f64) -> Self {
        self.rate = per_second;
        self
    }

    /// Sets how long each caller stays.
    #[must_use]
    pub fn stay(mut self, length: Duration) -> Self {
        self.stay = Stay::For(length);
        self
    }

    /// Has each caller stay until the server hangs up, ten minutes at most.
    #[must_use]
    pub fn until_hung_up(self) -> Self {
        self.until_hung_up_within(STAYS)
    }

    /// Has each caller stay until the server hangs up, which it has to do in time.
    #[must_use]
    pub fn until_hung_up_within(mut self, deadline: Duration) -> Self {
        self.stay = Stay::UntilHungUp(deadline);
        self
    }

    /// Has each caller press a digit, half a second after the answer. It travels in a SIP INFO, for which the server's
    /// `dtmf_mode` has to be `info`: `SIPp` sends digits in RTP to the superuser only.
    #[must_use]
    pub fn digit(mut self, digit: char) -> Self {
        self.digit = Some(digit);
        self
    }

    /// Has all callers name the same port for audio, which is not opened: for thousands of calls in which nothing is
    /// to be heard.
    #[must_use]
    pub fn deaf(mut self) -> Self {
        self.deaf = true;
        self
    }

    /// Has each caller say a soft tone of `hertz`, in RTP.
    #[must_use]
    pub fn tone(mut self, hertz: u32) -> Self {
        self.tone = Some(hertz);
        self
    }

    /// Starts the calls.
    ///
    /// # Errors
    /// Fails if there is no `SIPp` to be had.
    pub async fn start(self) -> Result<SippRun> {
        let sipp = find_or_install_sipp().await?;
        let ports = Ports::lease()?;
        let folder = std::env::temp_dir().join(format!("ari-lab-sipp-{:08x}", fastrand::u32(..)));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        self.write(&folder)?;
        let output = File::create(folder.join("screen.log"))?;
        // SIPp looks for the sound, and leaves its logs, in the folder in which it runs.
        let mut command = vec!["env".into(), "-C".into(), folder.clone().into(), sipp.into()];
        command.extend(self.arguments(&ports)?.into_iter().map(Into::into));
        let process = Kept::spawn(&command, &output)?;
        Ok(SippRun {
            process,
            folder,
            keep: false,
            calls: self.calls,
            _ports: ports,
        })
    }

    /// Starts the calls and waits until all are over.
    ///
    /// # Errors
    /// Fails if there is no `SIPp` to be had, or if it leaves no figures. Failed calls are no error here:
    /// they are in the answer.
    pub async fn run(self) -> Result<Counts> {
        // The calls begin one after the other, the last one takes its time, and each may wait for answers.
        let beginning = Duration::from_secs_f64(f64::from(self.calls) / self.rate);
        let stay = match self.stay {
            Stay::For(length) | Stay::UntilHungUp(length) => length,
        };
        let deadline = beginning + stay + ANSWER * 2;
        self.start().await?.finished(deadline).await
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let mut scenario = match self.stay {
            Stay::For(_) => CALLER,
            Stay::UntilHungUp(_) => STAYER,
        }
        .to_owned();
        let mut steps = String::new();
        if let Some(hertz) = self.tone {
            let second = audio::tone(hertz, SOFT, 8000, Duration::from_secs(1));
            fs::write(
                folder.join("tone.ul"),
                second.into_iter().map(audio::ulaw).collect::<Vec<_>>(),
            )?;
            steps += "<nop><action><exec rtp_stream=\"tone.ul,-1,0,PCMU/8000\"/></action></nop>";
        }
        if let Some(digit) = self.digit {
            let listens = LISTENS.as_millis().to_string();
            steps += &DIGIT
                .replace("[listens]", &listens)
                .replace("[digit]", &digit.to_string());
        }
        if self.deaf {
            scenario = scenario.replace("[rtpstream_audio_port]", "[media_port]");
        }
        Ok(fs::write(
            folder.join("scenario.xml"),
            scenario.replace(AUDIO, &steps),
        )?)
    }

    fn arguments(&self, ports: &Ports) -> Result<Vec<String>> {
        let rtp = ports.rtp();
        let (stay, patience) = match self.stay {
            Stay::For(length) => (length, ANSWER),
            Stay::UntilHungUp(deadline) => (Duration::ZERO, deadline),
        };
        let pairs = [
            ("-sf", "scenario.xml".to_owned()),
            ("-s", self.extension.clone()),
            ("-m", self.calls.to_string()),
            ("-r", self.rate.to_string()),
            // All may be there at once; SIPp's own limit would hold calls back.
            ("-l", self.calls.to_string()),
            ("-d", stay.as_millis().to_string()),
            ("-i", "127.0.0.1".to_owned()),
            ("-p", ports.udp()?.to_string()),
            // Its remote control, which would listen on every address.
            ("-ci", "127.0.0.1".to_owned()),
            ("-cp", ports.udp()?.to_string()),
            ("-mi", "127.0.0.1".to_owned()),
            ("-mp", rtp.start().to_string()),
            ("-recv_timeout", patience.as_millis().to_string()),
            ("-fd", "1".to_owned()),
            ("-stf", "figures.csv".to_owned()),
            ("-error_file", "errors.log".to_owned()),
        ];
        let mut arguments = vec![format!("127.0.0.1:{}", self.server)];
        arguments.extend(
            pairs
                .into_iter()
                .flat_map(|(name, value)| [name.to_owned(), value]),
        );
        arguments.extend(["-trace_stat", "-trace_err", "-nostdin"].map(str::to_owned));
        Ok(arguments)
    }
}

/// `SIPp` callers on their way. They are gone when this value is dropped.
#[derive(Debug)]
pub struct SippRun {
    process: Kept,
    folder: PathBuf,
    keep: bool,
    calls: u32,
    _ports: Ports,
}

impl SippRun {
    /// What `SIPp` has counted so far.
    ///
    /// # Errors
    /// Fails before it has written its first figures, about a second after the start.
    pub fn counts(&self) -> Result<Counts> {
        let path = self.folder.join("figures.csv");
        let figures = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Counts::parse(&figures).with_context(|| format!("{} makes no sense", path.display()))
    }

    /// Waits until all calls are over.
    ///
    /// # Errors
    /// Fails if they are not over in time, or if `SIPp` left no figures; names the log.
    pub async fn finished(mut self, deadline: Duration) -> Result<Counts> {
        // Until it is known that all went well.
        self.keep = true;
        let end = Instant::now() + deadline;
        while self.process.ended()?.is_none() {
            if Instant::now() > end {
                bail!("the calls of SIPp are not over after {deadline:?}");
            }
            sleep(Duration::from_millis(50)).await;
        }
        let counts = self.counts().context("SIPp failed")?;
        self.keep = counts.ok != self.calls;
        Ok(counts)
    }
}

impl Drop for SippRun {
    fn drop(&mut self) {
        self.process.stop();
        if self.keep || std::thread::panicking() {
            eprintln!(
                "lab: not all calls went well; the logs of SIPp are kept in {}",
                self.folder.display()
            );
        } else {
            // What could not be removed costs some disk space, and no more.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// How many calls there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Calls that went as they should, from INVITE to BYE.
    pub ok: u32,
    /// Calls that did not.
    pub failed: u32,
    /// Calls that are on.
    pub current: u32,
}

impl Counts {
    /// Reads the last line of `SIPp`'s figures.
    fn parse(figures: &str) -> Result<Self> {
        let mut lines = figures.lines();
        let names: Vec<&str> = lines.next().context("it is empty")?.split(';').collect();
        let last: Vec<&str> = lines
            .next_back()
            .context("it has no figures yet")?
            .split(';')
            .collect();
        let figure = |name: &str| -> Result<u32> {
            let column = names.iter().position(|other| *other == name);
            let value = column
                .and_then(|column| last.get(column))
                .with_context(|| format!("no column {name}"))?;
            value
                .trim()
                .parse()
                .with_context(|| format!("{name} is {value:?}"))
        };
        Ok(Self {
            ok: figure("SuccessfulCall(C)")?,
            failed: figure("FailedCall(C)")?,
            current: figure("CurrentCall")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_the_figures_counts() {
        let figures = "StartTime;CurrentCall;SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);\n\
                       x;3;0;0;0;\n\
                       x;1;2;298;1;\n";
        assert_eq!(
            Counts::parse(figures).unwrap(),
            Counts {
                ok: 298,
                failed: 1,
                current: 1
            }
        );
    }

    #[test]
    fn figures_that_make_no_sense_are_refused() {
        let refusal = |figures: &str| Counts::parse(figures).unwrap_err().to_string();
        assert_eq!(refusal(""), "it is empty");
        assert_eq!(refusal("CurrentCall;\n"), "it has no figures yet");
        assert_eq!(refusal("CurrentCall;\n1;\n"), "no column SuccessfulCall(C)");
        assert_eq!(
            refusal("SuccessfulCall(C);\nmany;\n"),
            "SuccessfulCall(C) is \"many\""
        );
    }
}
