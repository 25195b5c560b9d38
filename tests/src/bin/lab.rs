//! The `lab` program: a real Asterisk for developers, and every test there is.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use ari_client::RestOver;
use ari_lab::chaos::Chaos;
use ari_lab::coverage::{self, Coverage};
use ari_lab::install::Unavailable;
use ari_lab::load::{self, Duty, Plan};
use ari_lab::{Asterisk, Installation, Release, demo, install};
use clap::{Parser, Subcommand, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

/// How long a caller under load waits to be served.
const CALL: Duration = Duration::from_secs(30);

/// A real Asterisk, SIP callers and phones, on this machine alone.
#[derive(Debug, Parser)]
#[command(name = "lab", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an Asterisk with the one-line dialplan until ctrl-c, and print how to reach it.
    Up,
    /// Show callers meeting in a conference and hearing each other.
    Demo {
        /// Show it on the fake, where no real Asterisk can be had: without audio. Exits with 3.
        #[arg(long)]
        fake: bool,
    },
    /// Call every operation and provoke every event of a real Asterisk.
    Coverage {
        /// Write the frames and replies that Asterisk sent to this folder, in place of those there, if all is covered.
        #[arg(long, value_name = "DIR")]
        record: Option<PathBuf>,
    },
    /// Have callers come in numbers, and measure what they cost the application and Asterisk.
    Load(LoadArgs),
    /// Break things under live calls, and count the calls that are lost.
    Chaos {
        /// Fewer calls, and only the faults that take little time.
        #[arg(long)]
        short: bool,
        /// Only the faults whose names hold this.
        #[arg(long, value_name = "PART")]
        only: Option<String>,
        /// What carries the program's requests.
        #[arg(long, default_value = "http")]
        rest: Rest,
    },
    /// Run every test of the workspace, with the real systems installed.
    Test {
        /// Passed on to `cargo test`; what follows a `--` goes to the test programs.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

#[derive(Debug, clap::Args)]
struct LoadArgs {
    /// How many calls begin in a second.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    cps: u32,
    /// How many calls come and go: 1000 by default, none where calls are held.
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    calls: Option<u32>,
    /// What happens in each call.
    #[arg(long, default_value = "answer")]
    scenario: Scenario,
    /// Have so many calls at once, idle, and measure the memory that each takes.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=8000))]
    hold: Option<u16>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scenario {
    /// It is answered, and hung up 50 ms later.
    Answer,
    /// A prompt plays until the caller presses a digit.
    Prompt,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rest {
    /// HTTP.
    Http,
    /// The event socket.
    Websocket,
    /// Both.
    Auto,
}

impl Rest {
    fn over(self) -> RestOver {
        match self {
            Self::Http => RestOver::Http,
            Self::Websocket => RestOver::WebSocket,
            Self::Auto => RestOver::Auto,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Up => up().await,
        Command::Demo { fake: true } => demo::show_fake(|line| println!("{line}")).await,
        Command::Demo { fake: false } => show().await,
        Command::Coverage { record } => cover(record).await,
        Command::Load(args) => load_up(args).await,
        Command::Chaos { short, only, rest } => {
            chaos(Chaos::default().short(short).only(only).rest_over(rest.over())).await
        }
        Command::Test { args } => test(args).await,
    };
    done.unwrap_or_else(|error| {
        eprintln!("lab: {error:#}");
        ExitCode::FAILURE
    })
}

async fn up() -> Result<ExitCode> {
    // Before anything is started, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let installation = Installation::find_or_fetch().await?;
    let asterisk = Asterisk::builder(&installation).start().await?;
    println!("export ARI_URL={}", asterisk.http_url());
    println!("export ARI_USERNAME={}", asterisk.username());
    println!("export ARI_PASSWORD={}", asterisk.password());
    println!(
        "# call sip:1000@127.0.0.1:{} (any extension will do)",
        asterisk.sip_port()
    );
    eprintln!(
        "lab: {} is up, its log is {}",
        installation.version()?,
        asterisk.log().display()
    );
    eprintln!("lab: ctrl-c takes it down");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    asterisk.stop().await?;
    eprintln!("lab: down");
    Ok(ExitCode::SUCCESS)
}

/// The demo, with what the conference itself logs.
async fn show() -> Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .init();
    demo::show(|line| println!("{line}")).await
}

/// Prints the table as it was counted; what falls short is in its lines and in the exit code.
async fn cover(record: Option<PathBuf>) -> Result<ExitCode> {
    let installation = Installation::find_or_fetch().await?;
    eprintln!("lab: covering {}", installation.version()?);
    let Coverage { report, corpus } = coverage::run(&installation).await?;
    println!("{report}");
    if !report.is_complete() {
        if let Some(folder) = record {
            let folder = folder.display();
            eprintln!("lab: nothing is recorded to {folder}: the run is not complete");
        }
        return Ok(ExitCode::FAILURE);
    }
    if let Some(folder) = record {
        corpus.write(&folder)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Figures are those of the release profile, whatever the lab itself was built with.
async fn load_up(args: LoadArgs) -> Result<ExitCode> {
    let installation = Installation::find_or_fetch().await?;
    install::find_or_install_sipp().await?;
    eprintln!("lab: building the application in the release profile, to put it under load");
    let program = || load::program().release();
    eprintln!("lab: calling {}", installation.version()?);
    let mut failed = 0;
    let calls = args.calls.or(args.hold.is_none().then_some(1000));
    if let Some(calls) = calls {
        let plan = Plan {
            duty: args.scenario.duty(),
            calls,
            rate: args.cps,
            patience: CALL,
        };
        let load = load::place(&installation, program(), &plan).await?;
        println!("{load}");
        failed += load.failed();
    }
    if let Some(calls) = args.hold {
        let held = load::hold(&installation, program(), calls, args.cps).await?;
        println!("{held}");
        failed += held.failed();
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the table as it grows. With `RUST_LOG`, what the library logs goes to the standard error.
async fn chaos(chaos: Chaos) -> Result<ExitCode> {
    if std::env::var_os("RUST_LOG").is_some() {
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_writer(std::io::stderr)
            .init();
    }
    let installation = Installation::find_or_fetch().await?;
    eprintln!("lab: breaking {}", installation.version()?);
    let report = chaos.run(&installation, |line| println!("{line}")).await?;
    println!("{report}");
    Ok(if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Scenario {
    fn duty(self) -> Duty {
        match self {
            Self::Answer => Duty::Answer,
            Self::Prompt => Duty::Prompt,
        }
    }
}

async fn test(args: Vec<OsString>) -> Result<ExitCode> {
    // Here, once, rather than in the midst of the first test that wants them.
    let installation = Installation::find_or_fetch().await?;
    install::find_or_install_sipp().await?;
    match Installation::of(Release::Sixteen).await {
        Err(error) if error.is::<Unavailable>() => eprintln!("lab: not tested on Asterisk 16: {error:#}"),
        found => eprintln!("lab: testing on {} as well", found?.version()?),
    }
    eprintln!("lab: testing on {}", installation.version()?);
    if args.is_empty() {
        for programs in PROGRAMS {
            let built = cargo(["build", "--quiet"].into_iter().chain(programs.split(' '))).await?;
            if built != ExitCode::SUCCESS {
                return Ok(built);
            }
        }
    }
    cargo(cargo_arguments(args)).await
}

/// The programs that callers use in tests. They are built before all tests: a build takes the machine, and callers would
/// be served late meanwhile.
const PROGRAMS: [&str; 3] = [
    "--package ari-apps --bins",
    "--package ari-examples --examples",
    "--package ari-lab --bin load-application",
];

async fn cargo(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = tokio::process::Command::new(cargo);
    let status = command.args(args).status().await.context("cannot run cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// What cargo gets: all packages unless some are named, with what is off otherwise: features that compile generated
/// code, and ignored tests.
fn cargo_arguments(args: Vec<OsString>) -> Vec<OsString> {
    let mut ours = args;
    let mark = ours.iter().position(|arg| arg == "--");
    let programs = mark.map(|mark| ours.split_off(mark)).unwrap_or_default();
    let selects = |arg: &OsString| {
        arg.to_str()
            .is_some_and(|arg| arg.starts_with("-p") || arg.starts_with("--package") || arg == "--workspace")
    };
    let all = (!ours.iter().any(selects)).then(|| "--workspace".into());
    let fixed = ["--", "--include-ignored"].map(OsString::from);
    let start = ["test", "--all-features"].map(OsString::from);
    let start = start.into_iter().chain(all).chain(ours);
    start.chain(fixed).chain(programs.into_iter().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(args: &[&str]) -> Vec<OsString> {
        cargo_arguments(args.iter().map(OsString::from).collect())
    }

    #[test]
    fn all_packages_are_tested_unless_some_are_named() {
        assert_eq!(
            arguments(&[]),
            ["test", "--all-features", "--workspace", "--", "--include-ignored"]
        );
        assert_eq!(
            arguments(&["-p", "x"]),
            ["test", "--all-features", "-p", "x", "--", "--include-ignored"]
        );
    }

    #[test]
    fn what_follows_the_mark_goes_to_the_test_programs() {
        let expected = [
            "test",
            "--all-features",
            "--workspace",
            "--release",
            "--",
            "--include-ignored",
            "--nocapture",
        ];
        assert_eq!(arguments(&["--release", "--", "--nocapture"]), expected);
    }
}
