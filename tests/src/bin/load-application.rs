//! The application that `cargo lab load` puts under load, and measures as a process of its own.

use ari_client::prelude::*;
use ari_lab::load::Duty;
use clap::Parser;

/// Runs an application, on the server that `ARI_URL` names, that keeps an account of its calls.
#[derive(Debug, Parser)]
struct Args {
    /// What it does in each call.
    duty: Duty,
}

#[tokio::main]
async fn main() -> Result {
    let Args { duty } = Args::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let account = duty.run().await?;
    // The last line of its output, which the lab reads.
    println!("{}", serde_json::to_string(&account)?);
    Ok(())
}
