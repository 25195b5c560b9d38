//! The framework: applications, and how calls reach them.
//!
//! One way in: the socket's reader ([`dispatch`]) looks at each frame, finds the mailboxes it belongs to in the
//! [`hub`], and starts a [`task`] for each new call.

mod application;
mod dispatch;
mod events;
mod hub;
mod interest;
mod mailbox;
mod pattern;
mod resync;
mod router;
mod running;
mod service;
mod settings;
mod shutdown;
mod task;

pub use application::Application;
pub use events::{Events, Missed};
pub use interest::EventTypes;
pub use mailbox::Counters;
pub use pattern::Pattern;
pub use router::Router;
pub use service::Service;
pub use settings::{Disposition, Resume};

pub(crate) use events::News;
pub(crate) use hub::Hub;
pub(crate) use mailbox::{Mailbox, Owner, WhenFull};

/// What a panic said, as far as it said it in words.
fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
