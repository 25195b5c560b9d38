//! The command line tool.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("ari-codegen: {problem}");
            ExitCode::from(if problem.is::<cli::No>() { 1 } else { 2 })
        }
    }
}
