//! What generated code uses, and nothing else does. Not part of the public API.

pub mod progenitor;

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Deserializer};

pub use bytes::Bytes;
pub use serde;
pub use serde_json;
pub use serde_json::Value;

pub use crate::client::Ari;
pub use crate::encode::{Encoder, VariableValue};
pub use crate::error::{Error, Result};
pub use crate::event::{Malformed, type_name};
pub use crate::generated::Peek;
pub use crate::id::ObjectKind;
pub use crate::object::{object, object_opt, objects, objects_opt};
pub use crate::peek::{KeySink, Keys, object_only, text_only};
pub use crate::peek::{PeekBridge, PeekChannel, PeekPlayback, PeekRecording};
pub use crate::request::{Method, Operation, RawRequest, RawResponse};
pub use crate::timestamp::Timestamp;

/// A JSON object with any content.
pub type Object = serde_json::Map<String, Value>;

/// An operation on its way.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// Sends `operation` to the server of `ari`.
pub fn send<O>(ari: &Ari, operation: O) -> Pending<O::Output>
where
    O: Operation + Send + 'static,
    O::Output: 'static,
{
    let ari = ari.clone();
    Box::pin(async move { ari.send(operation).await })
}

/// Reads JSON.
///
/// Text that is UTF-8 as a whole, as nearly all is, need not be checked string by string.
///
/// # Errors
/// What `serde_json` says of the mismatch.
pub fn from_json<'de, T: Deserialize<'de>>(raw: &'de [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(raw) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(raw),
    }
}

/// Decodes the JSON reply of the operation `O`.
///
/// # Errors
/// [`ErrorKind::Undecodable`](crate::ErrorKind::Undecodable).
pub fn json<O: Operation>(response: RawResponse) -> Result<O::Output>
where
    O::Output: serde::de::DeserializeOwned,
{
    response.json(O::NAME)
}

/// Decodes the reply of the operation `O`, an object.
///
/// # Errors
/// As [`json`].
pub fn json_object<O: Operation>(response: RawResponse) -> Result<O::Output>
where
    O::Output: serde::de::DeserializeOwned,
{
    let object = response.json::<crate::object::Object<_>>(O::NAME)?;
    Ok(object.0)
}

/// Decodes the reply of the operation `O`, a list of objects.
///
/// # Errors
/// As [`json`].
pub fn json_objects<O, T>(response: RawResponse) -> Result<Vec<T>>
where
    O: Operation<Output = Vec<T>>,
    T: serde::de::DeserializeOwned,
{
    let list = response.json::<Vec<crate::object::Object<T>>>(O::NAME)?;
    Ok(list.into_iter().map(|object| object.0).collect())
}

/// Reads a missing, null or present value; null and missing become the default.
///
/// # Errors
/// The deserializer's, where the value is of another type.
pub fn null_to_default<'de, D, T>(deserializer: D) -> std::result::Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Tells of a frame of the known type `type_name` that does not decode.
#[must_use]
pub fn malformed(type_name: &str, error: &serde_json::Error) -> Malformed {
    Malformed::new(type_name, error.to_string())
}

/// Defines a string enumeration that keeps values it does not know.
#[macro_export]
#[doc(hidden)]
macro_rules! __open_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $wire:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that these bindings do not know, as it came.
            Other(::std::boxed::Box<str>),
        }

        impl $name {
            /// The value on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Other(value) => value,
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($wire => Self::$variant,)*
                    other => Self::Other(other.into()),
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(value: ::std::string::String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self::from("")
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::rt::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::rt::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::rt::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: $crate::rt::serde::Deserializer<'de>,
            {
                deserializer.deserialize_str($crate::rt::FromText(::std::marker::PhantomData))
            }
        }
    };
}

pub use crate::__open_enum as open_enum;

/// Reads any string into a type that is made from one, without a copy of its own.
#[derive(Debug)]
pub struct FromText<T>(pub std::marker::PhantomData<T>);

impl<T: for<'s> From<&'s str>> serde::de::Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<T, E> {
        Ok(T::from(text))
    }
}
