//! The configuration files of an Asterisk of the lab: few and tiny.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use crate::asterisk::Connections;

/// The whole dialplan of a house whose calls are run by applications.
pub const EVERYTHING: &str = "[default]
exten => _[+*#0-9a-zA-Z]!,1,Stasis(EVERYTHING)
 same => n,Hangup()
";

/// The dialplan of the README in which callers wait, ringing, while no application takes them. It knows the hangup
/// extension, so that who hangs up meanwhile does not knock once more.
pub const PATIENT: &str = "[default]
exten => _[+*#0-9a-zA-Z]!,1,Stasis(EVERYTHING)
 same => n,GotoIf($[\"${CHANNEL(state)}\" = \"Up\"]?done)
 same => n,Ringing()
 same => n,Wait(1)
 same => n,Goto(1)
 same => n(done),Hangup()
exten => h,1,NoOp()
";

const LOGGER: &str = "[general]
dateformat=%F %T.%3q
[logfiles]
full => notice,warning,error,verbose(4)
";

const INDICATIONS: &str = "[general]
country=us
[us]
description=Lab
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
";

/// Modules that only make noise, slow the start, or bind ports that two Asterisks would fight for.
const UNWANTED: &str = "
    app_adsiprog app_agent_pool app_alarmreceiver app_amd app_festival app_followme app_getcpeid
    app_minivm app_queue app_voicemail app_voicemail_imap app_voicemail_odbc cdr_adaptive_odbc cdr_csv
    cdr_custom cdr_manager cdr_odbc cdr_pgsql cdr_radius cdr_sqlite3_custom cdr_tds cel_custom
    cel_manager cel_odbc cel_pgsql cel_radius cel_sqlite3_custom cel_tds chan_console chan_dahdi
    chan_iax2 chan_motif chan_ooh323 chan_unistim func_odbc pbx_ael pbx_dundi pbx_lua res_adsi res_aeap
    res_calendar res_calendar_caldav res_calendar_ews res_calendar_exchange res_calendar_icalendar
    res_cdrel_custom res_clialiases res_config_ldap res_config_odbc res_config_pgsql res_config_sqlite3
    res_geolocation res_hep res_hep_pjsip res_hep_rtcp res_odbc res_odbc_transaction res_parking
    res_phoneprov res_pjsip_config_wizard res_pjsip_geolocation res_pjsip_notify
    res_pjsip_phoneprov_provider res_pjsip_stir_shaken res_prometheus res_smdi res_snmp res_speech_aeap
    res_stir_shaken res_stun_monitor res_xmpp
";

/// Files whose absence Asterisk grumbles about.
const EMPTY: &str = "ccss cdr cel chan_websocket confbridge features manager pjproject \
                     res_http_media_cache stasis statsd udptl";

/// What the files are made of.
#[derive(Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) http: u16,
    /// The port for TLS, where there is to be one.
    pub(crate) https: Option<u16>,
    pub(crate) sip: u16,
    pub(crate) rtp: RangeInclusive<u16>,
    pub(crate) ari: bool,
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
    pub(crate) session_limit: u32,
    pub(crate) dtmf_mode: &'a str,
    pub(crate) outbound: Option<&'a Outbound>,
    pub(crate) dialplan: &'a str,
}

/// The program that Asterisk dials.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    pub(crate) uri: String,
    pub(crate) connection: Connections,
}

/// All files by name.
pub(crate) fn files(settings: &Settings<'_>) -> BTreeMap<String, String> {
    let files = [
        ("asterisk.conf", asterisk(settings)),
        ("modules.conf", modules()),
        ("logger.conf", LOGGER.to_owned()),
        ("http.conf", http(settings)),
        ("ari.conf", ari(settings)),
        ("pjsip.conf", pjsip(settings)),
        ("rtp.conf", rtp(settings)),
        ("extensions.conf", settings.dialplan.to_owned()),
        ("musiconhold.conf", music(settings)),
        ("indications.conf", INDICATIONS.to_owned()),
        ("acl.conf", String::new()),
        ("websocket_client.conf", websocket_client(settings)),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text));
    let empty = EMPTY
        .split_whitespace()
        .map(|name| (format!("{name}.conf"), "[general]\n".to_owned()));
    files.into_iter().chain(empty).collect()
}

fn asterisk(settings: &Settings<'_>) -> String {
    let folder = settings.folder.display();
    let directories = [
        ("astetcdir", "etc"),
        ("astvarlibdir", "lib"),
        ("astdbdir", "db"),
        ("astkeydir", "lib"),
        ("astspooldir", "spool"),
        ("astrundir", "run"),
        ("astlogdir", "log"),
    ];
    let lines = directories
        .map(|(key, part)| format!("{key} => {folder}/{part}\n"))
        .concat();
    format!("[directories]\n{lines}[options]\nverbose=4\n")
}

fn modules() -> String {
    let noloads: String = UNWANTED
        .split_whitespace()
        .map(|module| format!("noload={module}.so\n"))
        .collect();
    format!("[modules]\nautoload=yes\n{noloads}")
}

fn http(settings: &Settings<'_>) -> String {
    let Settings {
        http,
        https,
        session_limit,
        folder,
        ..
    } = settings;
    let tls = https.map(|port| {
        let folder = folder.display();
        format!(
            "tlsenable=yes\ntlsbindaddr=127.0.0.1:{port}\n\
             tlscertfile={folder}/{CERTIFICATE}\ntlsprivatekey={folder}/{KEY}\n"
        )
    });
    let tls = tls.unwrap_or_default();
    format!(
        "[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={http}\nsessionlimit={session_limit}\n{tls}"
    )
}

fn ari(settings: &Settings<'_>) -> String {
    let Settings {
        ari,
        username,
        password,
        ..
    } = settings;
    let enabled = if *ari { "yes" } else { "no" };
    let outbound = match settings.outbound {
        Some(_) => format!(
            "[outbound]\ntype=outbound_websocket\nwebsocket_client_id=program\napps=EVERYTHING\nlocal_ari_user={username}\n"
        ),
        None => String::new(),
    };
    format!(
        "[general]\nenabled={enabled}\nwebsocket_write_timeout=1000\n\
         [{username}]\ntype=user\npassword={password}\npassword_format=plain\n{outbound}"
    )
}

/// The program that Asterisk dials, if there is one. What it presents there is who may use its REST interface.
fn websocket_client(settings: &Settings<'_>) -> String {
    let Settings {
        username, password, ..
    } = settings;
    let Some(Outbound { uri, connection }) = settings.outbound else {
        return "[general]\n".to_owned();
    };
    let connection = match connection {
        Connections::Persistent => "persistent",
        Connections::PerCall => "per_call_config",
    };
    // Where it is TLS, the certificate is one that a test has made.
    let tls = if uri.starts_with("wss:") {
        format!(
            "tls_enabled=yes\nca_list_file={}/etc/program.pem\n",
            settings.folder.display()
        )
    } else {
        String::new()
    };
    format!(
        "[program]\ntype=websocket_client\nuri={uri}\nprotocols=ari\nusername={username}\npassword={password}\n\
         connection_type={connection}\n{tls}"
    )
}

/// One transport, and an endpoint for callers that nobody knows.
fn pjsip(settings: &Settings<'_>) -> String {
    let Settings { sip, dtmf_mode, .. } = settings;
    format!(
        "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{sip}\n\
         [anonymous]\ntype=endpoint\ntransport=udp\ncontext=default\ndisallow=all\nallow=ulaw,alaw,g722,opus\n\
         dtmf_mode={dtmf_mode}\nmedia_address=127.0.0.1\nbind_rtp_to_media_address=yes\ndirect_media=no\n"
    )
}

fn rtp(settings: &Settings<'_>) -> String {
    format!(
        "[general]\nrtpstart={}\nrtpend={}\n",
        settings.rtp.start(),
        settings.rtp.end()
    )
}

fn music(settings: &Settings<'_>) -> String {
    format!(
        "[default]\nmode=files\ndirectory={}/{MUSIC}\n",
        settings.folder.display()
    )
}

/// The certificate and the private key for TLS, below the folder of the run.
pub(crate) const CERTIFICATE: &str = "etc/certificate.pem";
pub(crate) const KEY: &str = "etc/key.pem";

/// The folder with the music on hold, below the folder of the run.
pub(crate) const MUSIC: &str = "lib/moh";
