//! Callers hear themselves, and the digits that they press.

use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use ari_apps::echo::Echo;
use ari_apps::program::{self, ENVIRONMENT, Options};
use clap::Parser;

/// Answers calls, sends the caller's sound back over RTP, and says each digit that is pressed.
#[derive(Debug, Parser)]
#[command(version, after_help = ENVIRONMENT)]
struct Arguments {
    #[command(flatten)]
    options: Options,

    /// The address at which RTP is received, on a free port for each call
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    rtp_bind: IpAddr,

    /// The address that Asterisk sends RTP to, where it is not that of --rtp-bind
    #[arg(long, value_name = "ADDRESS")]
    rtp_advertise: Option<IpAddr>,
}

#[tokio::main]
async fn main() -> ExitCode {
    program::main(|arguments: Arguments| {
        let advertised = arguments.rtp_advertise.unwrap_or(arguments.rtp_bind);
        program::serve(
            arguments.options,
            Echo::at(arguments.rtp_bind).advertised_as(advertised),
        )
    })
    .await
}
