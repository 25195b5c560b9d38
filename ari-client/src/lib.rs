//! An Asterisk REST Interface (ARI) client: typed operations and events, and a framework for call applications.
//!
//! Implement [`Application`], and run it on every call that enters `Stasis(name)`:
//!
//! ```no_run
//! use ari_client::prelude::*;
//!
//! struct Hello;
//!
//! impl Application for Hello {
//!     async fn on_call(&self, call: Call) -> Result {
//!         call.answer().await?;
//!         call.play("sound:hello-world").await?.finished().await?;
//!         Ok(())
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result {
//!     Ari::from_env()?.run("hello", Hello).await
//! }
//! ```
//!
//! | to | look at |
//! |---|---|
//! | take calls | [`Application`], [`Call`], [`Router`], [`Service`] |
//! | act on channels, bridges, playbacks | [`Channel`], [`Bridge`], [`Room`], [`Playback`] |
//! | send any ARI operation | [`Resources`], and the modules named as ARI's resources, such as [`channels`] |
//! | read events | [`Call::events`], [`Ari::events`], [`Event`], [`EventKind`] |
//! | know what went wrong | [`Error`], [`ErrorKind`] |
//! | test without Asterisk | `testing`, behind the feature of that name |

#[allow(
    unused_extern_crates,
    reason = "generated code names this crate as its users do"
)]
extern crate self as ari_client;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

mod app;
mod client;
mod config;
mod connection;
mod encode;
mod error;
mod event;
mod generated;
mod handles;
mod id;
mod object;
mod peek;
pub mod prelude;
pub mod request;
#[doc(hidden)]
pub mod rt;
mod server;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;
mod transport;

pub use app::{
    Application, Counters, Decision, Disposition, EventTypes, Events, Missed, Pattern, Resume, Router,
    Service, Services,
};
pub use client::{Ari, AriBuilder, RestOver};
pub use connection::Status;
pub use encode::VariableValue;
pub use error::{Error, ErrorKind, Failure};
pub use event::{Event, Malformed};
pub use generated::{
    EventKind, EventType, Resources, applications, asterisk, bridges, channels, device_states, endpoints,
    enums, events, mailboxes, models, playbacks, recordings, sounds, user_events,
};
pub use handles::{
    Bridge, BridgeBuilder, Call, CallEnded, Channel, Direction, EndReason, ExternalMedia, PlayBuilder,
    Playback, Room, RoomBuilder, Side,
};
pub use id::{ObjectKind, new_id};
pub use server::AriServer;
pub use timestamp::Timestamp;
pub use transport::{Reply, Transport};
