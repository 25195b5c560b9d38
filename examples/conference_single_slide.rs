//! Run with: `cargo run --example conference_single_slide`
//!
//! A conference that fits on one slide: everybody who calls in meets everybody else.

use ari_client::prelude::*;

struct Conference;

impl Application for Conference {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        call.play("sound:beep").await?;
        let room = call.room("awesome_conf").mixing().dtmf_events().await?;
        room.add(&call).await?;
        call.ended().await;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result {
    tracing_subscriber::fmt::init();
    let application = std::env::var("ARI_APP").unwrap_or("EVERYTHING".into());
    Ari::from_env()?.run(application, Conference).await
}
