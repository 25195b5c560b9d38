//! A client for all of ARI, made by the progenitor backend of `ari-codegen` from the specification.
//!
//! It is made when the feature `generated` is on. The tests of this package show that it puts on the wire what
//! `ari-client`'s own operations do.

#[cfg(feature = "generated")]
#[allow(missing_docs, unreachable_pub, unreachable_patterns, unused_qualifications)]
#[allow(missing_debug_implementations, rustdoc::all, clippy::all, clippy::pedantic)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod generated {
    pub mod client {
        include!(concat!(env!("OUT_DIR"), "/client/client.rs"));
    }
    pub mod enums {
        include!(concat!(env!("OUT_DIR"), "/client/enums.rs"));
    }
}

#[cfg(feature = "generated")]
pub use generated::{client, enums};
