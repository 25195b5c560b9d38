//! The lab: a real Asterisk, SIP callers and phones as fixtures, and the end-to-end tests.

mod ami;
pub mod asterisk;
pub mod asterisk_config;
pub mod audio;
pub mod cache;
pub mod caller;
pub mod certificate;
pub mod chaos;
pub mod coverage;
pub mod demo;
pub mod events;
mod fixture;
pub mod http;
pub mod install;
pub mod load;
pub mod phone;
pub mod phones;
pub mod ports;
pub mod process;
pub mod program;
mod run_folder;
pub mod sipp;
pub mod talk;
mod tools;
pub mod usage;

pub use asterisk::{Asterisk, AsteriskBuilder};
pub use audio::Heard;
pub use caller::Caller;
pub use certificate::Certificate;
pub use events::Events;
pub use fixture::Lab;
pub use install::{Installation, Release};
pub use phone::{CallState, Phone};
pub use phones::Phones;
pub use program::{Program, Running};
pub use sipp::{Counts, Sipp, SippRun};
