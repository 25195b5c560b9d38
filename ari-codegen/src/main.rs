//! The command line tool.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ari_codegen::{Error, Spec};
use clap::{Args, Parser, Subcommand};

/// The committed specification, seen from the workspace's root.
const SPEC: &str = "specs/asterisk-22";

/// The committed bindings.
const OUT: &str = "ari-client/src/generated";

/// Generates Rust bindings for the Asterisk REST Interface.
#[derive(Debug, Parser)]
#[command(name = "ari-codegen", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(Generate),
    Import(Import),
}

/// Write the bindings for a specification
#[derive(Debug, Args)]
struct Generate {
    /// Folder with resources.json, of an Asterisk or made by `import`
    #[arg(long, value_name = "DIR", default_value = SPEC)]
    spec: PathBuf,
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = OUT)]
    out: PathBuf,
    /// Write nothing; fail if the folder is not what would be written
    #[arg(long)]
    check: bool,
}

/// Distil the facts out of an Asterisk's specification, and leave its prose behind
#[derive(Debug, Args)]
struct Import {
    /// Folder with resources.json
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The version of Asterisk, where the folder's name does not end with it
    #[arg(long, value_name = "VERSION")]
    asterisk: Option<String>,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Generate(command) => generate(&command),
        Command::Import(command) => import(&command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("ari-codegen: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn generate(command: &Generate) -> Result<(), String> {
    let files = ari_codegen::generate(&read(&command.spec)?).map_err(|error| error.to_string())?;
    if !command.check {
        return files.write(&command.out).map_err(|error| error.to_string());
    }
    let differences = files
        .differences(&command.out)
        .map_err(|error| error.to_string())?;
    if differences.is_empty() {
        return Ok(());
    }
    let out = command.out.display();
    Err(format!(
        "{out} is not current ({}); run: {}",
        differences.join(", "),
        command.line()
    ))
}

impl Generate {
    /// The command that writes what `--check` looks for.
    fn line(&self) -> String {
        let mut line = "cargo codegen generate".to_owned();
        for (option, value, default) in [("--spec", &self.spec, SPEC), ("--out", &self.out, OUT)] {
            if value != Path::new(default) {
                line += &format!(" {option} {}", value.display());
            }
        }
        line
    }
}

fn import(command: &Import) -> Result<(), String> {
    let spec = read(&command.from)?;
    let version = command
        .asterisk
        .as_deref()
        .or_else(|| spec.version())
        .ok_or_else(|| {
            format!(
                "{}: which Asterisk is it of? Give --asterisk VERSION",
                command.from.display()
            )
        })?;
    let files = ari_codegen::import(&spec, version).map_err(|error| error.to_string())?;
    files.write(&command.out).map_err(|error| error.to_string())?;
    println!("Asterisk {version}: {}", spec.counts());
    Ok(())
}

fn read(folder: &Path) -> Result<Spec, String> {
    let spec = Spec::read(folder).map_err(|error: Error| error.to_string())?;
    for key in spec.unknown_keys() {
        eprintln!("ari-codegen: warning: {key}: unknown key, left out");
    }
    Ok(spec)
}
