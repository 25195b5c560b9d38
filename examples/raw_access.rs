//! Run with: `cargo run --example raw_access`
//!
//! What the bindings do not know yet: an operation, a reply and an event of your own types. Press some digits.

use ari_client::prelude::*;
use ari_client::request::{Method, Operation, RawRequest, RawResponse};
use serde::Deserialize;

/// An operation of your own is sent like the generated ones.
struct Ping;

/// What it replies, as far as you care.
#[derive(Deserialize)]
struct Pong {
    asterisk_id: String,
}

impl Operation for Ping {
    type Output = Pong;
    const NAME: &'static str = "asterisk.ping";

    fn into_request(self) -> Result<RawRequest, Error> {
        Ok(RawRequest::new(Self::NAME, Method::Get, ["asterisk", "ping"]))
    }

    fn decode(response: RawResponse) -> Result<Pong, Error> {
        response.json(Self::NAME)
    }
}

/// An event, decoded into your own type: fields that the bindings do not have can be read so, too.
#[derive(Deserialize)]
struct Key {
    digit: char,
    duration_ms: u32,
}

async fn show(call: Call) -> Result {
    call.answer().await?;
    println!("server {}", call.ari().send(Ping).await?.asterisk_id);

    // A request without a type of its own; its reply is JSON or bytes, as you like.
    let id = call.id().to_string();
    let request = RawRequest::new(
        "channels.getChannelVar",
        Method::Get,
        ["channels".into(), id, "variable".into()],
    );
    let reply = call
        .ari()
        .request(request.with_query("variable", "CHANNEL(name)"))
        .await?;
    println!("reply {}", String::from_utf8_lossy(&reply.body));

    let digits = call.subscribe([EventType::ChannelDtmfReceived]);
    while let Some(event) = digits.next().await {
        let Ok(event) = event else { continue };
        let key: Key = event.parse()?;
        println!(
            "digit {} for {} ms, in {}",
            key.digit,
            key.duration_ms,
            String::from_utf8_lossy(event.raw())
        );
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    tracing_subscriber::fmt::init();
    let application = std::env::var("ARI_APP").unwrap_or("EVERYTHING".into());
    Ari::from_env()?.run(application, show).await
}
