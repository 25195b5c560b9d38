//! What holds for any bytes whatever. The fuzz targets in `fuzz/` assert the same.

pub(crate) mod event;
pub(crate) mod plain;
pub(crate) mod reply;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What was decoded is the same after it was written and read again; returns what was written.
pub(crate) fn is_kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(decoded: &T) -> Value {
    let text = serde_json::to_string(decoded).unwrap();
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
    assert_eq!(again, *decoded, "{text}");
    serde_json::from_str(&text).unwrap()
}
