//! Run with: `cargo run --example two_applications`
//!
//! Two applications in one program, each with a state of its own, and one shutdown. The dialplan calls
//! `Stasis(reception)`; who presses 1 there moves to the second application, `support`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ari_client::prelude::*;

/// Sends callers who press 1 to support.
struct Reception;

impl Application for Reception {
    async fn on_call(&self, call: Call) -> Result {
        call.answer().await?;
        let menu = call.play("sound:vm-press").then("digits:1").await?;
        while let Some(digit) = call.digit_within(Duration::from_secs(20)).await? {
            if digit == '1' {
                menu.stop().await?;
                call.move_to("support").await?;
                call.ended().await;
                break;
            }
        }
        Ok(())
    }
}

/// Tells each caller how many came before, and lets all wait together.
#[derive(Default)]
struct Support {
    callers: AtomicU64,
}

impl Application for Support {
    async fn on_call(&self, call: Call) -> Result {
        let before = self.callers.fetch_add(1, Ordering::Relaxed);
        call.play(format!("number:{before}")).await?.finished().await?;
        let queue = call.room("queue").music_when_alone("").await?;
        queue.add(&call).await?;
        call.ended().await;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result {
    tracing_subscriber::fmt::init();
    let ari = Ari::from_env()?;
    // A service on another Asterisk would be added in the same way, from another `Ari`.
    Services::new()
        .with(ari.service("reception", Reception))
        .with(ari.service("support", Support::default()))
        .run()
        .await
}
