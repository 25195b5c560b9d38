//! A second Asterisk that plays the phones.

use anyhow::Result;

use crate::asterisk::Asterisk;
use crate::caller::Caller;
use crate::install::Installation;
use crate::phone::Phone;
use crate::ports::Ports;

/// What a phone can do once it is answered; the lab sends it from one to another.
const PHONE: &str = "[phone]
exten => s,1,MixMonitor(${LAB_PHONE}-mix.wav,r(${LAB_PHONE}-rx.wav))
 same => n,Goto(${LAB_DOES},1)
exten => silence,1,StopPlayTones()
 same => n,Wait(3600)
exten => tone,1,PlayTones(${LAB_TONE})
 same => n,Wait(3600)
exten => transfer,1,Transfer(${LAB_TARGET})
 same => n,Set(LAB_TRANSFER=${TRANSFERSTATUS})
 same => n,Wait(3600)
";

/// The phones' own side: nobody calls them.
const NOBODY: &str = "[default]\nexten => _X!,1,Hangup()\n";

/// The phones of the lab, which call one server.
#[derive(Debug)]
pub struct Phones {
    asterisk: Asterisk,
    manager: Manager,
}

/// Where a phone's hands are.
#[derive(Debug, Clone)]
pub(crate) struct Manager {
    pub(crate) port: u16,
    pub(crate) secret: String,
    _ports: std::sync::Arc<Ports>,
}

impl Phones {
    /// Starts the phones; they call `server`.
    ///
    /// # Errors
    /// Fails if their Asterisk does not start.
    pub async fn start(installation: &Installation, server: &Asterisk) -> Result<Self> {
        let ports = Ports::lease()?;
        let port = ports.tcp()?;
        let secret = format!("{:016x}", fastrand::u64(..));
        let asterisk = Asterisk::builder(installation)
            .dialplan(format!("{NOBODY}{PHONE}"))
            .config("pjsip.conf", line_to(server))
            .config("manager.conf", manager(port, &secret))
            .start()
            .await?;
        Ok(Self {
            asterisk,
            manager: Manager {
                port,
                secret,
                _ports: std::sync::Arc::new(ports),
            },
        })
    }

    /// Calls the server, and comes back when the call is answered.
    ///
    /// # Errors
    /// Fails if it is refused or not answered in [the caller's patience](Caller::patience).
    pub async fn call(&self, caller: Caller) -> Result<Phone> {
        let patience = caller.patience;
        let mut phone = self.dial(caller).await?;
        phone.answered(patience).await?;
        Ok(phone)
    }

    /// Calls the server, and comes back while the call is on its way.
    ///
    /// # Errors
    /// Fails if the phone itself cannot dial.
    pub async fn dial(&self, caller: Caller) -> Result<Phone> {
        Phone::dial(&self.manager, self.asterisk.spool().join("monitor"), caller).await
    }

    /// The Asterisk that plays them.
    #[must_use]
    pub fn asterisk(&self) -> &Asterisk {
        &self.asterisk
    }
}

fn line_to(server: &Asterisk) -> String {
    let port = server.sip_port();
    format!(
        "[server]\ntype=aor\ncontact=sip:127.0.0.1:{port}\nqualify_frequency=0\n\
         [server]\ntype=endpoint\ntransport=udp\ncontext=default\naors=server\ndisallow=all\nallow=ulaw\n\
         dtmf_mode=rfc4733\nmedia_address=127.0.0.1\nbind_rtp_to_media_address=yes\ndirect_media=no\n"
    )
}

fn manager(port: u16, secret: &str) -> String {
    format!(
        "enabled=yes\nport={port}\nbindaddr=127.0.0.1\n\
         [lab]\nsecret={secret}\nread=call,system\nwrite=call,originate,system,reporting\nwritetimeout=5000\n"
    )
}
