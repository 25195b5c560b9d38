//! Run with: `cargo run --example everything_router`
//!
//! One dialplan line, `Stasis(EVERYTHING)`; which application takes a call is decided here, by dialled extension.

use ari_client::prelude::*;

/// Says the time and hangs up.
struct SpeakingClock;

impl Application for SpeakingClock {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)?
            .as_secs();
        let (hour, minute) = (now / 3600 % 24, now / 60 % 60);
        call.play(format!("number:{hour}"))
            .then(format!("number:{minute}"))
            .await?
            .finished()
            .await?;
        Ok(())
    }
}

/// A conference room for each extension.
struct Conference;

impl Application for Conference {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        let room = call
            .room(call.extension())
            .mixing()
            .dtmf_events()
            .music_when_alone("")
            .await?;
        room.add(&call).await?;
        call.ended().await;
        Ok(())
    }
}

/// Says each digit that the caller presses.
async fn digits(call: Call) -> Result {
    call.answer().await?;
    loop {
        let digit = call.next_digit().await?;
        call.play(format!("digits:{digit}")).await?;
    }
}

/// Tells callers that nobody is there, without answering: the caller is not charged.
async fn nobody(call: Call) -> Result {
    call.play("sound:ss-noservice").await?.finished().await?;
    Ok(call.hang_up_with(1).await?)
}

#[tokio::main]
async fn main() -> Result {
    tracing_subscriber::fmt::init();
    let router = Router::new()
        .extension("_2XXX", Conference)
        .extension("300", SpeakingClock)
        .extension("301", digits)
        .fallback(nobody);
    let application = std::env::var("ARI_APP").unwrap_or("EVERYTHING".into());
    Ari::from_env()?.run(application, router).await
}
