//! Settings from the environment, read as `ari-client` reads them.

use crate::cli::Result;

/// An environment variable, if it is set and not empty.
pub(super) fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether an environment variable says yes.
pub(super) fn flag(name: &str) -> Result<bool> {
    let value = std::env::var_os(name).unwrap_or_default();
    let value = value.to_string_lossy();
    read_flag(&value)
        .ok_or_else(|| format!("{name} `{value}`: it must be 1 or 0, true or false, yes or no").into())
}

fn read_flag(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "" | "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_one_of_the_words_that_the_library_takes() {
        for (words, meaning) in [
            (["1", "true", "Yes"], Some(true)),
            (["", "0", "No"], Some(false)),
            (["off", "2", " 1"], None),
        ] {
            for word in words {
                assert_eq!(read_flag(word), meaning, "{word}");
            }
        }
    }
}
