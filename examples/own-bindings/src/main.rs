//! Run with: `cargo run -p ari-own-bindings`
//!
//! The same as with the bindings of the library, but for where these come from. Press some digits.

use ari_client::prelude::*;

#[tokio::main]
async fn main() -> Result {
    tracing_subscriber::fmt::init();
    let application = std::env::var("ARI_APP").unwrap_or("EVERYTHING".into());
    Ari::from_env()?.run(application, ari_own_bindings::spell).await
}
