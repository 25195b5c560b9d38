//! The command line: one module for each subcommand.

mod diff;
mod generate;
mod import;
mod live;
mod openapi;
mod origin;
mod source;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// What the help says of running servers.
const ADDRESSES: &str = "The address of a running Asterisk is the base of its HTTP server, such as \
    http://127.0.0.1:8088; a prefix is allowed, and user and password are those in ARI_USERNAME and ARI_PASSWORD. \
    They go to another machine only where ARI_ALLOW_CLEARTEXT is 1, true or yes.";

/// The result of a command. An error is one line.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An answer that is no, such as bindings that are not current: not a failure to find it out.
#[derive(Debug)]
pub(crate) struct No(String);

impl std::fmt::Display for No {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for No {}

/// Generates Rust bindings for the Asterisk REST Interface.
///
/// Exits with 0 where all is well, with 1 where the answer is no (bindings are not current, a specification breaks
/// what was on the wire), and with 2 where it could not be told.
#[derive(Debug, Parser)]
#[command(name = "ari-codegen", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Diff(diff::Diff),
    Generate(generate::Generate),
    Import(import::Import),
    Openapi(openapi::Openapi),
}

/// Does what the command line asks for.
pub(crate) fn run() -> Result {
    match Cli::parse().command {
        Command::Diff(command) => command.run(),
        Command::Generate(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Openapi(command) => command.run(),
    }
}

/// `--out` as it was given.
fn out(given: Option<&PathBuf>) -> String {
    given.map_or_else(String::new, |out| format!(" --out {}", out.display()))
}
