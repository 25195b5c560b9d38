//! The Asterisk that coverage runs on: a dialplan and endpoints with whatever an operation or an event needs.

use anyhow::Result;

use super::lacks::Lacks;
use super::outbound;
use crate::asterisk::{Asterisk, AsteriskBuilder};
use crate::install::Installation;

/// Extensions that channels are sent to; numbers lead into the application.
const DIALPLAN: &str = "[default]
exten => _X!,1,Stasis(coverage)
 same => n,Hangup()
exten => wait,1,Answer()
 same => n,Wait(60)
exten => tone,1,Answer()
 same => n,PlayTones(!0/500,!440/1500,!0/60000)
 same => n,Wait(60)
exten => music,1,Answer()
 same => n,MusicOnHold()
exten => rings,1,Ringing()
 same => n,Wait(60)
exten => busy,1,Hangup(17)
exten => broadcast,1,StasisBroadcast(3000,,,yes)
 same => n,Hangup()
exten => referred,1,Set(PJSIP_TRANSFER_HANDLING()=ari-only)
 same => n,Stasis(coverage)
 same => n,Hangup()
exten => pair,1,Answer()
 same => n,Dial(Local/music@default/n)
exten => join-one,1,Answer()
 same => n,BridgeAdd(${ONE})
exten => join-two,1,Answer()
 same => n,BridgeAdd(${TWO})
exten => percall,1,Stasis(percall)
 same => n,Hangup()
exten => h,1,NoOp()
";

/// `line` is how calls leave, to this Asterisk itself; `alice` is a phone that registers.
const ENDPOINTS: &str = "[line]
type=endpoint
transport=udp
context=default
disallow=all
allow=ulaw
dtmf_mode=rfc4733
moh_passthrough=yes
media_address=127.0.0.1
bind_rtp_to_media_address=yes
direct_media=no
[alice]
type=aor
max_contacts=1
[alice]
type=endpoint
transport=udp
context=default
aors=alice
disallow=all
allow=ulaw
";

/// Objects that can be made and changed while Asterisk runs.
const DYNAMIC: &str = "[res_pjsip]\nauth=memory\n";

/// Starts it. It calls our servers on the given ports.
pub(super) async fn start(
    installation: &Installation,
    lacks: &Lacks,
    servers: &outbound::Servers,
) -> Result<Asterisk> {
    let asterisk = plain(Asterisk::builder(installation));
    let asterisk = if lacks.event("ApplicationRegistered") {
        // It would not start its REST interface with sections that it does not know.
        asterisk
    } else {
        asterisk
            .config("ari.conf", outbound::connections("lab"))
            .config("websocket_client.conf", servers.clients())
    };
    asterisk.start().await
}

fn plain(asterisk: AsteriskBuilder) -> AsteriskBuilder {
    asterisk
        .dialplan(DIALPLAN)
        .config("pjsip.conf", ENDPOINTS)
        .config("sorcery.conf", DYNAMIC)
}
