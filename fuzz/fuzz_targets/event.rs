//! Event frames: the input is the frame.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../ari-client/tests/robust/properties/mod.rs"]
#[allow(dead_code, reason = "each target uses a part")]
mod properties;

fuzz_target!(|frame: &[u8]| properties::event::holds(frame));
