//! The echo: callers hear themselves, and the digits that they press.
//!
//! The sound takes the long way, through this program: Asterisk sends it as RTP, and each packet goes back.

mod loopback;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ari_client::EventTypes;
use ari_client::prelude::*;
use tracing::info;

use crate::rtp::Format;
use loopback::Loopback;

/// What the sound is sent as.
const FORMAT: Format = Format::Ulaw;

/// Answers, sends the caller's sound back over RTP, and says each digit that is pressed.
#[derive(Debug, Clone)]
pub struct Echo {
    bind: IpAddr,
    advertised: IpAddr,
}

impl Echo {
    /// An echo for an Asterisk on this machine: its sound comes over the loopback interface.
    #[must_use]
    pub fn new() -> Self {
        Self::at(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// An echo that receives RTP at this address, one free UDP port for each call.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self {
            bind: address,
            advertised: address,
        }
    }

    /// Tells Asterisk another address to send to than the one that this program receives at: behind NAT, or when it
    /// listens everywhere (`0.0.0.0`).
    #[must_use]
    pub fn advertised_as(mut self, address: IpAddr) -> Self {
        self.advertised = address;
        self
    }

    async fn echo(&self, call: &Call) -> Result {
        call.answer().await?;
        let loopback = Loopback::bind(self.bind, FORMAT)
            .await
            .map_err(|error| self.no_port(ErrorKind::Failed, error))?;
        let peer = SocketAddr::new(self.advertised, loopback.port()?);
        let media = call.external_media(peer).format(FORMAT.name()).await?;
        let media_end = media.subscribe(EventTypes::of(&[
            EventType::StasisEnd,
            EventType::ChannelDestroyed,
        ]));
        let bridge = call.bridge().mixing().dtmf_events().await?;
        bridge.add(call).await?;
        bridge.add(&media).await?;
        tokio::select! {
            biased;
            _ = call.ended() => Ok(()),
            result = say_digits(call) => result,
            Err(error) = loopback.run() => Err(error.into()),
            _ = media_end.next() => Err("the external media channel ended before the call".into()),
        }
    }

    fn no_port(&self, kind: ErrorKind, error: io::Error) -> Failure {
        Error::new(kind, format!("no UDP port at {} for RTP", self.bind))
            .with_source(error)
            .into()
    }
}

impl Default for Echo {
    fn default() -> Self {
        Self::new()
    }
}

impl Application for Echo {
    async fn on_call(&self, call: Call) -> Result {
        let caller = call.caller();
        info!(%caller, extension = call.extension(), "joined");
        let result = self.echo(&call).await;
        match call.end() {
            Some(end) => info!(%caller, "left: {end}"),
            None => info!(%caller, "left"),
        }
        result
    }

    async fn on_start(&self, _: &Ari) -> Result {
        if self.advertised.is_unspecified() {
            let context = format!(
                "Asterisk cannot send RTP to {}: advertise an address of this machine",
                self.advertised
            );
            return Err(Error::new(ErrorKind::Invalid, context).into());
        }
        Loopback::bind(self.bind, FORMAT)
            .await
            .map_err(|error| self.no_port(ErrorKind::Invalid, error))?;
        Ok(())
    }
}

/// Says each digit to who pressed it. A playback to a channel in a bridge is for that channel alone; played to the
/// bridge, it would come back as an echo as well.
async fn say_digits(call: &Call) -> Result {
    loop {
        let digit = call.next_digit().await?;
        call.play(format!("digits:{digit}")).await?;
    }
}
