//! How an Asterisk is to be, and its start.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::timeout;

use super::{Asterisk, MUSIC_TONE, START};
use crate::asterisk_config::{CERTIFICATE, EVERYTHING, KEY, MUSIC, Outbound, Settings, files};
use crate::audio;
use crate::certificate::Certificate;
use crate::install::Installation;
use crate::ports::{self, Ports};
use crate::process::Kept;
use crate::run_folder::RunFolder;

/// Which connections an Asterisk opens that [dials](AsteriskBuilder::dials) a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// One, which lasts.
    Persistent,
    /// One for each call.
    PerCall,
}

/// How an Asterisk is to be.
#[derive(Debug, Clone)]
pub struct AsteriskBuilder {
    installation: Installation,
    dialplan: String,
    ari: bool,
    username: String,
    password: String,
    session_limit: u32,
    dtmf_mode: String,
    outbound: Option<Outbound>,
    tls: Option<Certificate>,
    calls: u16,
    more: BTreeMap<String, String>,
    sounds: BTreeMap<String, Vec<u8>>,
}

impl AsteriskBuilder {
    pub(super) fn new(installation: &Installation) -> Self {
        Self {
            installation: installation.clone(),
            dialplan: EVERYTHING.to_owned(),
            ari: true,
            username: "lab".to_owned(),
            password: format!("{:016x}", fastrand::u64(..)),
            session_limit: 1000,
            dtmf_mode: "rfc4733".to_owned(),
            outbound: None,
            tls: None,
            calls: ports::CALLS,
            more: BTreeMap::new(),
            sounds: BTreeMap::new(),
        }
    }

    /// Sets `extensions.conf`, in place of [`EVERYTHING`]. Callers arrive in the context `default`.
    #[must_use]
    pub fn dialplan(mut self, dialplan: impl Into<String>) -> Self {
        self.dialplan = dialplan.into();
        self
    }

    /// Disables ARI: its addresses answer 404, as on a server where nobody enabled it.
    #[must_use]
    pub fn without_ari(mut self) -> Self {
        self.ari = false;
        self
    }

    /// Sets the only ARI user.
    #[must_use]
    pub fn user(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        (self.username, self.password) = (username.into(), password.into());
        self
    }

    /// Sets how many HTTP connections the server takes at once.
    #[must_use]
    pub fn session_limit(mut self, limit: u32) -> Self {
        self.session_limit = limit;
        self
    }

    /// Sets how digits travel: `rfc4733` (the default), `inband`, `info` or `auto`.
    #[must_use]
    pub fn dtmf_mode(mut self, mode: impl Into<String>) -> Self {
        self.dtmf_mode = mode.into();
        self
    }

    /// Makes its HTTP server speak TLS as well, on a port of its own, with this certificate.
    #[must_use]
    pub fn tls(mut self, certificate: &Certificate) -> Self {
        self.tls = Some(certificate.clone());
        self
    }

    /// Sets how many calls it has ports for at once: 450 by default.
    #[must_use]
    pub fn calls(mut self, calls: u16) -> Self {
        self.calls = calls;
        self
    }

    /// Has Asterisk dial the program at `uri` for the application `EVERYTHING`, and show its only ARI user's name and
    /// password there: by one lasting connection, or by one for each call.
    #[must_use]
    pub fn dials(mut self, uri: impl Into<String>, connection: Connections) -> Self {
        self.outbound = Some(Outbound {
            uri: uri.into(),
            connection,
        });
        self
    }

    /// Adds text to a configuration file, which is made if the lab has none of that name.
    #[must_use]
    pub fn config(mut self, file: impl Into<String>, text: impl AsRef<str>) -> Self {
        let content = self.more.entry(file.into()).or_default();
        content.push_str(text.as_ref());
        content.push('\n');
        self
    }

    /// Adds a WAV file that can be played as `sound:` and the answer of [`Asterisk::sound`].
    #[must_use]
    pub fn sound(mut self, name: impl Into<String>, wav: Vec<u8>) -> Self {
        self.sounds.insert(name.into(), wav);
        self
    }

    /// Starts it, and waits until it takes calls and answers requests.
    ///
    /// # Errors
    /// Fails if Asterisk ends or is not ready within a minute; names the log.
    pub async fn start(self) -> Result<Asterisk> {
        let mut asterisk = self.launch()?;
        match timeout(START, asterisk.ready(self.ari))
            .await
            .context("not ready within a minute")
            .flatten()
        {
            Ok(()) => Ok(asterisk),
            Err(error) => {
                asterisk.folder.keep();
                Err(error.context(format!(
                    "Asterisk did not start (see {})",
                    asterisk.log().display()
                )))
            }
        }
    }

    fn launch(&self) -> Result<Asterisk> {
        self.installation.prepare()?;
        let folder = RunFolder::new(&self.installation)?;
        let ports = Ports::for_calls(self.calls)?;
        let (http, sip) = (ports.tcp()?, ports.udp()?);
        let https = self.tls.as_ref().map(|_| ports.tcp()).transpose()?;
        self.write(&folder, &ports, (http, https), sip)?;
        let config = folder.inside.join("etc/asterisk.conf").display().to_string();
        let output = File::create(folder.host.join("log/console"))?;
        let process = Kept::spawn(&self.installation.command(&["-C", &config, "-f", "-n"]), &output)?;
        Ok(Asterisk {
            process: Mutex::new(Some(process)),
            folder,
            config,
            _ports: ports,
            http,
            https,
            sip,
            installation: self.installation.clone(),
            username: self.username.clone(),
            password: self.password.clone(),
        })
    }

    fn write(
        &self,
        folder: &RunFolder,
        ports: &Ports,
        (http, https): (u16, Option<u16>),
        sip: u16,
    ) -> Result<()> {
        let mut files = files(&Settings {
            folder: &folder.inside,
            http,
            https,
            sip,
            rtp: ports.rtp(),
            ari: self.ari,
            username: &self.username,
            password: &self.password,
            session_limit: self.session_limit,
            dtmf_mode: &self.dtmf_mode,
            outbound: self.outbound.as_ref(),
            dialplan: &self.dialplan,
        });
        for (name, text) in &self.more {
            files.entry(name.clone()).or_default().push_str(text);
        }
        for (name, text) in files {
            folder.write(&format!("etc/{name}"), text)?;
        }
        if let Some(tls) = &self.tls {
            folder.write(CERTIFICATE, &tls.certificate)?;
            folder.write(KEY, &tls.key)?;
        }
        let music = audio::tone(MUSIC_TONE, 4000, 8000, Duration::from_secs(10));
        folder.write(&format!("{MUSIC}/tone.wav"), audio::wav(&music, 8000))?;
        self.sounds
            .iter()
            .try_for_each(|(name, wav)| folder.write(&format!("lib/sounds/{name}.wav"), wav))
    }
}
