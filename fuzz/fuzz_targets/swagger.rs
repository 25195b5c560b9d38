//! Specifications: the input is `resources.json` and what it lists, in its order, with a record separator between.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../ari-codegen/tests/robust/property.rs"]
mod property;

/// The files of Asterisk, in the order of its listing.
const NAMES: [&str; 12] = [
    "resources.json",
    "asterisk.json",
    "endpoints.json",
    "channels.json",
    "bridges.json",
    "recordings.json",
    "sounds.json",
    "playbacks.json",
    "deviceStates.json",
    "mailboxes.json",
    "events.json",
    "applications.json",
];

fuzz_target!(|text: &str| {
    let texts: Vec<_> = NAMES.into_iter().zip(text.split('\u{1e}')).collect();
    property::holds(&texts);
});
