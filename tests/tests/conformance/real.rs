//! The stage that is the real Asterisk.

use std::time::Duration;

use anyhow::Result;
use ari_lab::{Asterisk, Caller, Installation, Lab, Phone};

use crate::stage::{
    A_MOMENT, LETTERS, OFFERED, OFFERED_BRIEFLY, PATIENCE, Person, Server, Stage, TO_LETTERS, WITH_ARGS,
};

/// The phones that can be called, each an extension here.
const CALLED: &str = "[default]
exten => answers,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Wait(3600)
exten => busy,1,Hangup(17)
exten => rings,1,Ringing()
 same => n,Wait(3600)
";

/// Longer than any scenario, so that nobody gives up by himself.
const UNANSWERED: Duration = Duration::from_secs(600);

/// Most phones give no reason (RFC 3326) when they hang up. Those of the lab do, so the server is not to read it.
const WITHOUT_REASONS: &str = "noload=res_pjsip_rfc3326.so";

/// A real Asterisk, one whose phones call it, and one whose phones it can call.
#[derive(Debug)]
pub(crate) struct Real {
    lab: Lab,
    _called: Asterisk,
}

impl Real {
    pub(crate) async fn set_up() -> Result<Self> {
        let installation = Installation::find_or_fetch().await?;
        let called = Asterisk::builder(&installation).dialplan(CALLED).start().await?;
        let lab = Lab::with(|asterisk| {
            asterisk
                .dialplan(dialplan())
                .config("pjsip.conf", endpoints(called.sip_port()))
                .config("modules.conf", WITHOUT_REASONS)
        })
        .await?;
        Ok(Self { lab, _called: called })
    }

    pub(crate) fn asterisk(&self) -> &Asterisk {
        self.lab.asterisk()
    }
}

fn dialplan() -> String {
    let (letters, start) = LETTERS;
    let moment = A_MOMENT.as_millis();
    format!(
        "[default]
exten => _X!,1,Stasis(EVERYTHING)
 same => n,Hangup()
exten => {WITH_ARGS},1,Stasis(EVERYTHING,red,green)
 same => n,Hangup()
exten => {TO_LETTERS},1,Goto({letters},{start},1)
exten => {OFFERED},1,StasisBroadcast(60000,,red:green)
 same => n,Hangup()
exten => {OFFERED_BRIEFLY},1,StasisBroadcast({moment})
 same => n,Hangup()
[{letters}]
exten => _[a-z]!,1,Stasis(EVERYTHING)
 same => n,Hangup()
[elsewhere]
exten => s,1,Wait(3600)
"
    )
}

fn endpoints(port: u16) -> String {
    let endpoint = |name| {
        format!(
            "[{name}]\ntype=aor\ncontact=sip:{name}@127.0.0.1:{port}\nqualify_frequency=0\n\
             [{name}]\ntype=endpoint\ntransport=udp\ncontext=default\naors={name}\ndisallow=all\nallow=ulaw\n\
             media_address=127.0.0.1\nbind_rtp_to_media_address=yes\ndirect_media=no\n"
        )
    };
    ["answers", "busy", "rings"].map(endpoint).concat()
}

impl Stage for Real {
    type Person = Phone;

    fn server(&self) -> Server {
        let asterisk = self.asterisk();
        let url = asterisk.http_url();
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        Server {
            port: port.unwrap(),
            user: asterisk.username().to_owned(),
            password: asterisk.password().to_owned(),
        }
    }

    async fn call(&self, name: &str, extension: &str) -> Result<Phone> {
        let caller = Caller::new(extension).named(name).patience(UNANSWERED);
        self.lab.phones().dial(caller).await
    }
}

impl Person for Phone {
    async fn press(&mut self, keys: &str) -> Result<()> {
        Self::press(self, keys).await
    }

    async fn hang_up(&mut self) -> Result<()> {
        Self::hang_up(self).await
    }

    async fn answered(&mut self) -> Result<()> {
        Self::answered(self, PATIENCE).await
    }

    async fn over(&mut self) -> Result<u16> {
        self.ended(PATIENCE).await
    }
}
