//! The builder for build scripts: what it writes, and what it says where it cannot.
#![allow(
    clippy::unwrap_used,
    reason = "helpers outside the test functions unwrap, too"
)]

use std::fs;
use std::path::{Path, PathBuf};

use ari_codegen::{Builder, Error};

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("builder-{test}"));
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn what_is_included_leads_to_the_bindings() {
    let out = folder("out");
    let builder = Builder::new(workspace("specs/asterisk-22")).out_dir(&out);
    builder.clone().generate().unwrap();
    assert_eq!(
        fs::read_to_string(out.join("ari.rs")).unwrap(),
        "/// Bindings for Asterisk 22.10.1.\n#[path = \"ari/mod.rs\"]\npub mod ari;\n"
    );
    let channels = || fs::read_to_string(out.join("ari/channels.rs")).unwrap();
    assert!(channels().contains("pub fn originate("));
    let committed = fs::read_to_string(workspace("ari-client/src/generated/channels.rs")).unwrap();
    assert_ne!(channels(), committed, "there are words already");
    builder.words(workspace("specs/docs")).generate().unwrap();
    assert_eq!(channels(), committed);
}

#[test]
fn what_is_wrong_is_one_line_also_where_main_returns_it() {
    let out = folder("missing");
    let error = Builder::new("specs/nowhere")
        .out_dir(&out)
        .generate()
        .unwrap_err();
    let told = error.to_string();
    assert!(told.starts_with("specs/nowhere/resources.json: "), "{told}");
    assert_eq!(format!("{error:?}"), told);
    assert!(!out.exists(), "something was written");
}

#[test]
fn outside_of_a_build_script_it_wants_to_know_where_to_write() {
    // Cargo sets it for packages that have a build script, which this one has not.
    assert!(std::env::var_os("OUT_DIR").is_none());
    let error = Builder::new(workspace("specs/asterisk-22"))
        .generate()
        .unwrap_err();
    assert!(matches!(error, Error::NoOutDir), "{error}");
}
