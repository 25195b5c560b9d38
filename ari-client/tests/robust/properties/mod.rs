//! What holds for any bytes whatever. The fuzz targets in `fuzz/` assert the same.

pub mod event;
pub mod plain;
pub mod reply;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What was decoded is the same after it was written and read again.
pub fn is_kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(decoded: &T) {
    let text = serde_json::to_string(decoded).unwrap();
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
    assert_eq!(again, *decoded, "{text}");
}
