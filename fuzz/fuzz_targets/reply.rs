//! Replies to operations: the input is the body.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use properties::reply::{Decoder, holds, one_of_each_type};

#[allow(dead_code, reason = "each target uses a part")]
#[path = "../../ari-client/tests/robust/properties/mod.rs"]
mod properties;

static DECODERS: LazyLock<Vec<Decoder>> = LazyLock::new(one_of_each_type);

fuzz_target!(|body: &[u8]| {
    holds(&DECODERS, 200, body);
    for status in [401, 403, 404, 500] {
        holds(&DECODERS[..1], status, body);
    }
});
