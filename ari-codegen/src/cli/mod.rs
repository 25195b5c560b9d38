//! The command line: one module for each subcommand.

mod generate;
mod import;
mod openapi;
mod source;

use std::path::Path;

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
    Openapi(openapi::Openapi),
}

/// Does what the command line asks for.
pub(crate) fn run() -> Result {
    match Cli::parse().command {
        Command::Generate(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Openapi(command) => command.run(),
    }
}

/// An option of a command line, where its value is not the default.
fn option(name: &str, value: &Path, default: &str) -> String {
    if value == Path::new(default) {
        String::new()
    } else {
        format!(" {name} {}", value.display())
    }
}
