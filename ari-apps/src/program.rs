//! What the programs have in common: options, environment, logs, and exit codes.

use std::future::Future;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use ari_client::prelude::*;
use clap::Parser;
use clap::error::ErrorKind as UsageErrorKind;
use tokio::sync::watch;
use tracing::info;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// The end of each program's help.
pub const ENVIRONMENT: &str = "\
Environment:
  ARI_URL       Asterisk's HTTP server, such as http://127.0.0.1:8088
  ARI_USERNAME  the name of an ARI user (ari.conf)
  ARI_PASSWORD  the password of that user
  ARI_APP       the Stasis application, where --app does not name it
  ARI_CLAIM_BROADCASTS
                if true, what --claim-broadcasts does
  RUST_LOG      what to log, such as info (the default) or ari_client=debug
  ARI_ALLOW_CLEARTEXT
                if 1, true or yes, ARI_URL may name another machine by http, and
                ARI_LISTEN an address that other machines reach
  ARI_LISTEN    an address such as 127.0.0.1:8089, where Asterisk dials in
                (type=outbound_websocket in ari.conf) and shows the name and the
                password; requests go by its connections, or where ARI_URL is
                set by HTTP
  ARI_CERT_FILE, ARI_KEY_FILE
                PEM files, for TLS at ARI_LISTEN
  ARI_CA_FILE   the PEM file of who signed the server's certificate, where ARI_URL is https
  ARI_REST      what carries requests: http (the default), websocket (the event socket), auto

On SIGTERM or ctrl-c, live calls may end in peace and new ones continue in the dialplan.

Exit codes: 0 asked to stop, 1 failed at work, 2 unusable arguments or settings.";

/// The options of every program.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The Stasis application: the dialplan must call Stasis(NAME)
    #[arg(long, value_name = "NAME", env = "ARI_APP", default_value = "EVERYTHING")]
    pub app: String,

    /// How long live calls may go on after the program was asked to stop
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub drain_seconds: u64,

    /// Claim every call that the dialplan offers to several applications
    #[arg(long, env = "ARI_CLAIM_BROADCASTS")]
    pub claim_broadcasts: bool,
}

/// Why a program ends without having been asked to.
#[derive(Debug)]
pub enum Stop {
    /// Its arguments or its configuration cannot be used. Exit code 2.
    Unusable(Failure),
    /// It failed at its work. Exit code 1.
    Failed(Failure),
}

impl Stop {
    /// The arguments or the configuration cannot be used.
    pub fn unusable(error: impl Into<Failure>) -> Self {
        Self::Unusable(error.into())
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure.ari().map(Error::kind) {
            Some(ErrorKind::Invalid) => Self::Unusable(failure),
            _ => Self::Failed(failure),
        }
    }
}

/// Runs a program: reads its arguments, starts the log, and tells by the exit code how `work` ended.
pub async fn main<P, F>(work: impl FnOnce(P) -> F) -> ExitCode
where
    P: Parser,
    F: Future<Output = Result<(), Stop>>,
{
    let arguments = match P::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if is_answer(error.kind()) => error.exit(),
        Err(error) => return complain(2, &one_line(&error.to_string())),
    };
    if let Err(error) = start_log() {
        return complain(2, &format!("RUST_LOG: {error}"));
    }
    match work(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Failed(failure)) => complain(1, &failure.to_string()),
        Err(Stop::Unusable(failure)) => complain(2, &failure.to_string()),
    }
}

/// Runs `application` on the server that the environment names, or on those that dial in, until the program is asked to
/// stop.
///
/// # Errors
/// [`Stop::Unusable`] where the environment, the options or the application's own settings cannot be used,
/// [`Stop::Failed`] where Asterisk cannot be reached, refuses, or gives the application to another client.
pub async fn serve(options: Options, application: impl Application) -> Result<(), Stop> {
    let listens = std::env::var_os("ARI_LISTEN").is_some_and(|address| !address.is_empty());
    let service = if listens {
        let server = AriServer::from_env().map_err(Stop::unusable)?;
        server.service(options.app, application)
    } else {
        let ari = Ari::from_env().map_err(Stop::unusable)?;
        ari.service(options.app, application)
    };
    let service = service.drain_deadline(Duration::from_secs(options.drain_seconds));
    let service = if options.claim_broadcasts {
        service.claim_broadcasts()
    } else {
        service
    };
    let readiness = tokio::spawn(tell_readiness(service.status()));
    let result = service.run().await;
    readiness.abort();
    Ok(result?)
}

/// Logs each time that the service begins or ceases to take calls.
async fn tell_readiness(mut status: watch::Receiver<Status>) {
    let mut ready = false;
    while status.changed().await.is_ok() {
        let now = status.borrow_and_update().clone();
        match (ready, now.takes_calls()) {
            (false, true) => info!("ready: calls are taken"),
            (true, false) => info!("not ready: {now}"),
            _ => {}
        }
        ready = now.takes_calls();
    }
}

fn start_log() -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        // Not set is as good as empty.
        .parse(std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default())?;
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(ansi)
        .init();
    Ok(())
}

fn is_answer(kind: UsageErrorKind) -> bool {
    matches!(kind, UsageErrorKind::DisplayHelp | UsageErrorKind::DisplayVersion)
}

/// What clap says on a whole page, in one line: its first paragraph.
fn one_line(page: &str) -> String {
    let paragraph: Vec<&str> = page
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    format!(
        "{} (--help tells more)",
        paragraph.join(" ").trim_start_matches("error: ")
    )
}

fn complain(code: u8, what: &str) -> ExitCode {
    eprintln!("error: {what}");
    ExitCode::from(code)
}
