//! Run with: `cargo run --example ivr`
//!
//! A menu: the caller presses a digit, during the prompt or within five seconds after it.

use std::time::Duration;

use ari_client::prelude::*;

async fn menu(call: Call) -> Result {
    call.answer().await?;
    for _ in 0..3 {
        match choice(&call).await? {
            Some('1') => return say_number(&call).await,
            Some('2') => return meet(&call).await,
            Some('3') => return Ok(call.continue_in_dialplan().await?),
            Some(_) => call.play("sound:pbx-invalid").await?.finished().await?,
            None => {}
        }
    }
    Ok(call.play("sound:vm-goodbye").await?.finished().await?)
}

/// Plays the prompt, and stops it as soon as a digit is pressed.
async fn choice(call: &Call) -> Result<Option<char>, Error> {
    let prompt = call.play("sound:basic-pbx-ivr-main").await?;
    tokio::select! {
        digit = call.next_digit() => {
            prompt.stop().await?;
            digit.map(Some)
        }
        played = prompt.finished() => {
            played?;
            call.digit_within(Duration::from_secs(5)).await
        }
    }
}

/// Says the number that the caller calls from.
async fn say_number(call: &Call) -> Result {
    let number = call.caller().number.replace('+', "");
    Ok(call.play(format!("digits:{number}")).await?.finished().await?)
}

/// Lets the caller meet whoever chose the same.
async fn meet(call: &Call) -> Result {
    let room = call
        .room("sales")
        .mixing()
        .dtmf_events()
        .music_when_alone("")
        .await?;
    room.add(call).await?;
    call.ended().await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    tracing_subscriber::fmt::init();
    let application = std::env::var("ARI_APP").unwrap_or("EVERYTHING".into());
    Ari::from_env()?.run(application, menu).await
}
