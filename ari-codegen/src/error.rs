//! What can go wrong, each in one line that names the file and the place in it.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of a step of the generator.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the generator stopped. Nothing was written.
///
/// `Debug` is the same one line as `Display`: a build script whose `main` returns it says it plainly.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {}", line(&path.display().to_string()), line(problem))]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        problem: String,
    },
    /// A file is not JSON.
    #[error("{}: {}", line(file), line(problem))]
    NotJson {
        /// The file's name.
        file: String,
        /// What the parser said, with line and column.
        problem: String,
    },
    /// A specification says something that the generator cannot use.
    #[error("{}: {}: {}", line(file), line(place), line(problem))]
    Spec {
        /// The file's name.
        file: String,
        /// The JSON path in the file, such as `apis[3].operations[0].nickname`.
        place: String,
        /// What is wrong there.
        problem: String,
    },
    /// A fixup found nothing to fix in the version that it was written for.
    #[error(
        "fixup `{fixup}` ({reason}) does not apply to Asterisk {version}: {}; change it or delete it",
        line(what)
    )]
    UnusedFixup {
        /// The fixup's name.
        fixup: &'static str,
        /// Why it was made.
        reason: &'static str,
        /// The version of Asterisk.
        version: String,
        /// What it looked for.
        what: String,
    },
    /// Items without words, and words without an item.
    #[error("{}", .0.join("\n"))]
    Words(
        /// Each with the file and the place in it.
        Vec<String>,
    ),
    /// There is no folder to write to.
    #[error("OUT_DIR is not set: this is no build script, and no other folder was given")]
    NoOutDir,
    /// Two things would have the same name in the generated code.
    #[error("{}: {}", line(file), line(problem))]
    Name {
        /// The generated file, and the item in it.
        file: String,
        /// What is there twice.
        problem: String,
    },
    /// The generator wrote something that is not Rust: a defect of the generator.
    #[error("{}: the generated text is not Rust: {}", line(file), line(problem))]
    NotRust {
        /// The generated file.
        file: String,
        /// What the parser said.
        problem: String,
    },
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error {
    pub(crate) fn file(path: &Path, problem: impl fmt::Display) -> Self {
        Self::File {
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}

/// Text from a specification, which may hold anything, on one line.
pub(crate) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    line
}
