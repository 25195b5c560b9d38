//! Reference applications for the Asterisk REST Interface.
//!
//! | to | look at |
//! |---|---|
//! | let callers hear themselves | [`Echo`](echo::Echo), program `ari-echo` |
//! | let callers meet | [`Conference`](conference::Conference), program `ari-conference` |
//! | send and receive RTP | [`rtp`] |
//! | write a program like these | [`program`] |
//!
//! Both are ordinary [applications](ari_client::Application), so one program can run them together:
//!
//! ```no_run
//! use ari_apps::conference::Conference;
//! use ari_apps::echo::Echo;
//! use ari_client::prelude::*;
//!
//! #[tokio::main]
//! async fn main() -> Result {
//!     let house = Router::new().extension("_2XXX", Conference::default()).extension("600", Echo::new());
//!     Ari::from_env()?.run("EVERYTHING", house).await
//! }
//! ```

pub mod conference;
pub mod echo;
pub mod program;
pub mod rtp;
