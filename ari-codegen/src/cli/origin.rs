//! The files of a specification: a folder, or a running Asterisk.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ari_codegen::Spec;

use super::Result;
use super::live::Server;

/// A folder, or the address of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Folder(PathBuf),
    Address(String),
}

impl FromStr for Origin {
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        Ok(if text.contains("://") {
            Self::Address(text.to_owned())
        } else {
            Self::Folder(text.into())
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl Origin {
    /// Reads the specification, and tells on standard error what in it is strange.
    pub(super) fn read(&self) -> Result<Spec> {
        let spec = match self {
            Self::Folder(folder) => Spec::read(folder)?,
            Self::Address(address) => Server::new(address)?.spec()?,
        };
        for key in spec.unknown_keys() {
            eprintln!("ari-codegen: warning: {key}: unknown key, left out");
        }
        Ok(spec)
    }
}
