//! Where crates are made and compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ari_lab::Program;

/// What every crate does with its bindings, whatever the version: sends, and decodes.
const LIBRARY: &str = r#"//! Bindings of its own.
#![deny(missing_docs, warnings)]

pub mod ari;

use ari::Resources as _;

/// Places a call: an operation of these bindings, on the client of the library.
///
/// # Errors
/// What the client says.
pub async fn place(client: &ari_client::Ari) -> Result<String, ari_client::Error> {
    let call = client.channels().originate("PJSIP/alice").app("ivr").timeout(30);
    Ok(call.await?.id)
}

/// Whether the frame is a call that came in.
pub fn is_call(frame: &[u8]) -> bool {
    matches!(ari::EventKind::decode("StasisStart", frame), ari::EventKind::StasisStart(_))
}
"#;

/// The folder of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// A folder of this test's own, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("generated")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the tool in the workspace's folder, as a user with these credentials.
pub(crate) fn codegen(credentials: Option<[&str; 2]>, arguments: &[&str]) -> Output {
    let tool = Program::binary("ari-codegen", "ari-codegen").path().unwrap();
    let mut command = Command::new(tool);
    command.current_dir(workspace()).args(arguments);
    if let Some([user, password]) = credentials {
        command.env("ARI_USERNAME", user).env("ARI_PASSWORD", password);
    }
    command.output().unwrap()
}

/// Generates bindings for the specification at `spec` into a crate called `name`, and compiles it; returns the folder
/// with the bindings.
pub(crate) fn compiled(name: &str, spec: &str, credentials: Option<[&str; 2]>) -> PathBuf {
    let krate = folder(name);
    let bindings = krate.join("src/ari");
    let out = bindings.to_str().unwrap();
    let made = codegen(credentials, &["generate", "--spec", spec, "--out", out]);
    let told = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success() && told.is_empty(), "{name}: {told}");
    fs::write(krate.join("src/lib.rs"), LIBRARY).unwrap();
    fs::write(krate.join("Cargo.toml"), manifest(name)).unwrap();
    // The versions that the workspace has, which lie on this machine.
    fs::copy(workspace().join("Cargo.lock"), krate.join("Cargo.lock")).unwrap();
    let checked = Command::new("timeout")
        .args(["1800", env!("CARGO"), "check", "--offline", "--quiet"])
        .current_dir(&krate)
        .env("CARGO_TARGET_DIR", krate.with_file_name("target"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{name}: {told}");
    bindings
}

fn manifest(name: &str) -> String {
    let client = workspace().join("ari-client");
    format!(
        "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nari-client = {{ path = {client:?} }}\n\n[workspace]\n",
        name.replace('.', "-")
    )
}

/// The bindings in a folder, without comments: file by file, the lines of code.
pub(crate) fn code(folder: &Path) -> Vec<(String, Vec<String>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let lines = lines.filter(|line| !line.is_empty()).map(str::to_owned);
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                lines.collect(),
            )
        })
        .collect();
    files.sort();
    files
}
