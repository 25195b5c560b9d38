//! Callers who dial the same extension meet.

use std::path::PathBuf;
use std::process::ExitCode;

use ari_apps::conference::{Conference, Rooms};
use ari_apps::program::{self, ENVIRONMENT, Options, Stop};
use clap::Parser;

/// Puts callers into conferences: one for each dialled extension, or as a file of rooms says.
///
/// A beep tells who joins, music on hold plays to who waits alone, *1 mutes and unmutes oneself, # leaves.
#[derive(Debug, Parser)]
#[command(version, after_help = ENVIRONMENT)]
struct Arguments {
    #[command(flatten)]
    options: Options,

    /// A TOML file of rooms and profiles
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Check the file, and end
    #[arg(long, requires = "config")]
    check: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::main(run).await
}

async fn run(arguments: Arguments) -> Result<(), Stop> {
    let rooms = match &arguments.config {
        Some(file) => Rooms::read(file).map_err(Stop::unusable)?,
        None => Rooms::default(),
    };
    if arguments.check {
        return Ok(());
    }
    program::serve(arguments.options, Conference::new(rooms)).await
}
