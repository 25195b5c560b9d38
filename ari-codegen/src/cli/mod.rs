//! The command line: one module for each subcommand.

mod generate;
mod import;
mod source;

use clap::{Parser, Subcommand};

/// The result of a command. An error is one line.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Generates Rust bindings for the Asterisk REST Interface.
#[derive(Debug, Parser)]
#[command(name = "ari-codegen", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Import(import::Import),
}

/// Does what the command line asks for.
pub(crate) fn run() -> Result {
    match Cli::parse().command {
        Command::Generate(command) => command.run(),
        Command::Import(command) => command.run(),
    }
}
