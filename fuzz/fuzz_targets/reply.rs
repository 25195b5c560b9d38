//! Replies to operations: the input is the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../ari-client/tests/robust/properties/mod.rs"]
mod properties;

fuzz_target!(|body: &[u8]| {
    for status in [200, 401, 403, 404, 500] {
        properties::reply::holds(status, body);
    }
});
