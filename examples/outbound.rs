//! Run with: `cargo run --example outbound`
//!
//! Asterisk dials the program, and requests travel back on its connections. Set `ARI_LISTEN` (such as `127.0.0.1:8089`),
//! `ARI_USERNAME` (`pbx`) and `ARI_PASSWORD` (`secret`), unset `ARI_URL`, and tell Asterisk (22.5 or later) where the
//! program is:
//!
//! ```text
//! ; ari.conf
//! [ari]
//! type = user
//! password = local                ; must be plain; it never leaves Asterisk here
//! password_format = plain
//!
//! [greeter]
//! type = outbound_websocket
//! websocket_client_id = greeter
//! apps = EVERYTHING
//! local_ari_user = ari
//!
//! ; websocket_client.conf
//! [greeter]
//! type = websocket_client
//! uri = ws://127.0.0.1:8089
//! protocols = ari
//! username = pbx
//! password = secret
//! connection_type = persistent    ; or per_call_config: a connection for each call
//! ```
//!
//! In Asterisk's console, `module reload res_websocket_client.so` and `module reload res_ari.so`, and
//! `ari show outbound-websockets` to see whether it can be used. Any number of Asterisks may dial in, with no change here.

use ari_client::prelude::*;

async fn greet(call: Call) -> Result {
    call.answer().await?;
    // `call.ari()` is the Asterisk that this call came from.
    let asterisk = call.ari().asterisk().ping().await?.asterisk_id;
    println!(
        "{} called, over {asterisk} as {}",
        call.caller(),
        call.application()
    );
    call.play("sound:hello-world").await?.finished().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    tracing_subscriber::fmt::init();
    let app = std::env::var("ARI_APP").unwrap_or_else(|_| "EVERYTHING".into());
    AriServer::from_env()?.run(app, greet).await
}
