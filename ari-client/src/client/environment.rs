//! Settings from the environment.

use crate::error::{Error, Result};

/// An environment variable, if it is set and not empty.
pub(crate) fn optional(name: &str) -> Result<Option<String>> {
    match std::env::var_os(name) {
        Some(value) if !value.is_empty() => variable(name).map(Some),
        _ => Ok(None),
    }
}

/// Whether an environment variable says yes.
pub(crate) fn flag(name: &str) -> Result<bool> {
    let value = optional(name)?.unwrap_or_default();
    read_flag(&value).ok_or_else(|| {
        Error::invalid(format!(
            "{name} `{value}`: it must be 1 or 0, true or false, yes or no"
        ))
    })
}

fn read_flag(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "" | "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

pub(crate) fn variable(name: &str) -> Result<String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        Ok(_) => Err(Error::invalid(format!(
            "the environment variable {name} is empty"
        ))),
        Err(std::env::VarError::NotPresent) => Err(Error::invalid(format!(
            "the environment variable {name} is not set"
        ))),
        Err(error) => {
            Err(Error::invalid(format!("the environment variable {name} is not text")).with_source(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_one_of_few_words() {
        for (value, meaning) in [
            ("1", Some(true)),
            ("True", Some(true)),
            ("yes", Some(true)),
            ("", Some(false)),
            ("0", Some(false)),
            ("FALSE", Some(false)),
            ("no", Some(false)),
            ("off", None),
            ("2", None),
            (" 1", None),
        ] {
            assert_eq!(read_flag(value), meaning, "{value}");
        }
    }
}
