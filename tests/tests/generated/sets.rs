//! Asterisk's own files, of five versions. They lie beside the project, where they are at hand at all.

use std::io::Write as _;

use crate::workshop::{compiled, workspace};

#[test]
#[ignore = "compiles generated crates"]
fn the_bindings_of_every_version_compile() {
    let sets = workspace().join("../shared/specs");
    if !sets.is_dir() {
        // Past the test harness, which shows what is printed only where a test fails.
        let _ = writeln!(std::io::stderr(), "not run: no spec sets");
        return;
    }
    let mut names = Vec::new();
    for set in std::fs::read_dir(&sets).unwrap() {
        let path = set.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        compiled(&name, path.to_str().unwrap(), None);
        names.push(name);
    }
    assert!(names.len() >= 5, "{names:?}");
}

#[test]
#[ignore = "compiles generated crates"]
fn the_bindings_of_the_committed_facts_compile_elsewhere() {
    compiled("committed", "specs/asterisk-22", None);
}
