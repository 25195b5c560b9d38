//! The framework: applications, and how calls reach them.
//!
//! One way in: the socket's reader ([`dispatch`]) looks at each frame, finds the mailboxes it belongs to in the
//! [`hub`], and starts a [`task`] for each new call.

mod application;
mod broadcast;
mod dispatch;
mod events;
mod hearing;
mod house;
mod hub;
mod interest;
mod mailbox;
mod pattern;
mod resync;
mod router;
mod run;
mod running;
mod service;
mod services;
mod settings;
mod shutdown;
mod task;

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tracing::error;

pub use application::Application;
pub use broadcast::Decision;
pub use events::{Events, Missed};
pub use interest::EventTypes;
pub use mailbox::Counters;
pub use pattern::Pattern;
pub use router::Router;
pub use service::Service;
pub use services::Services;
pub use settings::{Disposition, Resume};

pub(crate) use events::News;
pub(crate) use hub::Hub;
pub(crate) use mailbox::{Mailbox, Owner, WhenFull};

/// Runs the application's code that is about no call; a panic over `what` harms nobody else.
async fn guarded<T>(what: &str, code: impl Future<Output = T>) -> Option<T> {
    match AssertUnwindSafe(code).catch_unwind().await {
        Ok(value) => Some(value),
        Err(panic) => {
            error!("the application panicked over {what}: {}", panic_message(&*panic));
            None
        }
    }
}

/// What a panic said, as far as it said it in words.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
