//! The command line tool: one line for each thing that is wrong, and nothing written then.
#![allow(
    clippy::unwrap_used,
    reason = "helpers outside the test functions unwrap, too"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LISTING: &str =
    r#"{"apiVersion":"1","swaggerVersion":"1.1","apis":[{"path":"/api-docs/sounds.{format}"}]}"#;
const SOUNDS: &str = r#"{"apiVersion":"2","swaggerVersion":"1.1","resourcePath":"/api-docs/sounds.{format}",
    "apis":[{"path":"/sounds","operations":[{"httpMethod":"GET","nickname":"list","responseClass":"void"}]}]}"#;

/// A folder of this test's own with the two files of a small specification.
fn folder(test: &str, sounds: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("spec-1.2.3")).unwrap();
    fs::write(folder.join("spec-1.2.3/resources.json"), LISTING).unwrap();
    fs::write(folder.join("spec-1.2.3/sounds.json"), sounds).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ari-codegen"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

const GENERATE: [&str; 5] = ["generate", "--spec", "spec-1.2.3", "--out", "out"];

#[test]
fn generate_writes_and_check_tells_the_command_where_it_is_stale() {
    let folder = folder("check", SOUNDS);
    let check = [&GENERATE[..], &["--check"]].concat();
    let missing = run(&folder, &check);
    assert_eq!(missing.status.code(), Some(1), "the answer is no");
    let missing = complaint(&missing);
    assert!(missing.contains("sounds.rs is missing"), "{missing}");
    assert!(
        missing.ends_with("; run: cargo codegen generate --spec spec-1.2.3 --out out"),
        "{missing}"
    );
    assert!(!folder.join("out").exists());
    assert!(run(&folder, &GENERATE).status.success());
    assert!(
        fs::read_to_string(folder.join("out/sounds.rs"))
            .unwrap()
            .contains("from Asterisk 1.2.3; do not edit")
    );
    assert!(run(&folder, &check).status.success());
    fs::write(folder.join("out/sounds.rs"), "// edited").unwrap();
    assert!(complaint(&run(&folder, &check)).contains("out is not current (sounds.rs is stale)"));
}

#[test]
fn openapi_writes_a_document_and_check_tells_the_command_where_it_is_stale() {
    let folder = folder("openapi", SOUNDS);
    let openapi = ["openapi", "--spec", "spec-1.2.3", "--out", "api.json"];
    let check = [&openapi[..], &["--check"]].concat();
    let missing = complaint(&run(&folder, &check));
    assert_eq!(
        missing,
        "ari-codegen: api.json is missing; run: cargo codegen openapi --spec spec-1.2.3 --out api.json"
    );
    assert!(run(&folder, &openapi).status.success());
    assert!(
        fs::read_to_string(folder.join("api.json"))
            .unwrap()
            .contains("\"sounds_list\"")
    );
    assert!(run(&folder, &check).status.success());
    fs::write(folder.join("api.json"), "{}").unwrap();
    assert!(complaint(&run(&folder, &check)).starts_with("ari-codegen: api.json is stale; run: "));
    fs::write(folder.join("spec-1.2.3/sounds.json"), "{").unwrap();
    assert!(complaint(&run(&folder, &openapi)).contains("sounds.json: EOF"));
    assert_eq!(fs::read_to_string(folder.join("api.json")).unwrap(), "{}");
}

#[cfg(feature = "progenitor")]
#[test]
fn progenitor_writes_a_client_and_never_over_our_bindings() {
    let folder = folder("progenitor", SOUNDS);
    let nowhere = run(&folder, &["generate", "--backend", "progenitor"]);
    assert!(!nowhere.status.success());
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("--out <DIR>"));
    let generate = [&GENERATE[..], &["--backend", "progenitor"]].concat();
    assert!(run(&folder, &generate).status.success());
    let client = fs::read_to_string(folder.join("out/client.rs")).unwrap();
    assert!(client.contains("pub fn sounds_list("), "{client}");
    fs::write(folder.join("out/client.rs"), "").unwrap();
    let stale = complaint(&run(&folder, &[&generate[..], &["--check"]].concat()));
    assert!(
        stale.ends_with("; run: cargo codegen generate --backend progenitor --spec spec-1.2.3 --out out"),
        "{stale}"
    );
}

#[test]
fn import_writes_facts_and_tells_how_many() {
    let folder = folder("import", SOUNDS);
    let imported = run(&folder, &["import", "--from", "spec-1.2.3", "--out", "facts"]);
    assert!(imported.status.success());
    let told = String::from_utf8(imported.stdout).unwrap();
    assert_eq!(
        told,
        "Asterisk 1.2.3: 1 operations with 0 parameters, 0 models with 0 properties, 0 of them events\n"
    );
    assert!(
        fs::read_to_string(folder.join("facts/resources.json"))
            .unwrap()
            .contains("\"1.2.3\"")
    );
    fs::rename(folder.join("spec-1.2.3"), folder.join("spec")).unwrap();
    let unknown = complaint(&run(&folder, &["import", "--from", "spec", "--out", "facts"]));
    assert_eq!(
        unknown,
        "ari-codegen: spec: which Asterisk is it of? Give --asterisk VERSION"
    );
}

#[test]
fn an_unknown_key_is_a_warning() {
    let folder = folder(
        "warning",
        &SOUNDS.replace("\"nickname\"", "\"colour\":\"red\",\"nickname\""),
    );
    let output = run(&folder, &GENERATE);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "ari-codegen: warning: sounds.json: apis[0].operations[0].colour: unknown key, left out\n"
    );
}

#[test]
fn what_is_wrong_is_told_in_one_line_and_nothing_is_written() {
    let twice = SOUNDS.replace(
        "\"operations\":[",
        r#""operations":[{"httpMethod":"PUT","nickname":"list","responseClass":"void"},"#,
    );
    let stop = r#""parameters":[{"name":"stop","paramType":"query","dataType":"string",
        "allowableValues":{"valueType":"LIST","values":["a-b","a_b"]}}],"nickname""#;
    for (test, sounds, told) in [
        (
            "json",
            "{".to_owned(),
            "sounds.json: EOF while parsing an object at line 1 column 1".to_owned(),
        ),
        (
            "type",
            SOUNDS.replace("void", "Sund"),
            place("responseClass: unknown type `Sund`"),
        ),
        (
            "nickname",
            twice,
            "sounds.json: apis[0].operations[1].nickname: `list` becomes `List`, as `list` does".to_owned(),
        ),
        (
            "enum",
            SOUNDS.replace("\"nickname\"", stop),
            place("parameters[0].allowableValues.values[1]: `a_b` becomes `AB`, as `a-b` does"),
        ),
    ] {
        let folder = folder(test, &sounds);
        fs::create_dir(folder.join("out")).unwrap();
        fs::write(
            folder.join("out/sounds.rs"),
            "// @generated by ari-codegen, earlier",
        )
        .unwrap();
        assert_eq!(
            complaint(&run(&folder, &GENERATE)),
            format!("ari-codegen: {told}")
        );
        assert_eq!(fs::read_dir(folder.join("out")).unwrap().count(), 1);
        assert!(
            fs::read_to_string(folder.join("out/sounds.rs"))
                .unwrap()
                .ends_with("earlier")
        );
        let import = ["import", "--from", "spec-1.2.3", "--out", "facts"];
        assert_eq!(complaint(&run(&folder, &import)), format!("ari-codegen: {told}"));
        assert!(!folder.join("facts").exists());
    }
}

/// What stands in a file of Asterisk 22's facts, what is put in its place, and what is told then.
const WRONG: [(&str, &str, &str, &str); 7] = [
    (
        "channels.json",
        "\"nickname\": \"unmute\"",
        "\"nickname\": \"mute\"",
        "apis[10].operations[1].nickname: `mute` becomes `Mute`, as `mute` does",
    ),
    (
        "channels.json",
        "\"nickname\": \"externalMedia\"",
        "\"nickname\": \"external_media\", \"nickname\": \"x\"",
        "apis[23].operations[0]: duplicate field `nickname`",
    ),
    (
        "channels.json",
        "\"Busy\",",
        "\"Busy\", \"BUSY\",",
        "models.Channel.properties.state.allowableValues.values[8]: `BUSY` becomes `Busy`, as `Busy` does",
    ),
    (
        "channels.json",
        "\"Busy\",",
        "\"other\",",
        "models.Channel.properties.state.allowableValues.values[7]: `other` becomes `Other`, which holds unknown values",
    ),
    (
        "channels.json",
        "\"responseClass\": \"List[Channel]\"",
        "\"responseClass\": \"List[Chanel]\"",
        "apis[0].operations[0].responseClass: unknown type `List[Chanel]`",
    ),
    (
        "channels.json",
        "\"httpMethod\": \"DELETE\"",
        "\"httpMethod\": \"DELETE",
        "apis[2].operations[2].httpMethod: control character",
    ),
    (
        "events.json",
        "\"discriminator\": \"type\",",
        "",
        "models.Message.subTypes: no model has a discriminator",
    ),
];

#[test]
fn what_is_wrong_in_asterisks_own_files_has_its_place() {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/asterisk-22");
    let folder = folder("wrong", SOUNDS);
    let copy = folder.join("spec-1.2.3");
    for (file, right, wrong, told) in WRONG {
        for entry in fs::read_dir(&facts).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
        }
        let text = fs::read_to_string(copy.join(file)).unwrap();
        assert!(text.contains(right), "{file} holds no {right}");
        fs::write(copy.join(file), text.replacen(right, wrong, 1)).unwrap();
        let complaint = complaint(&run(&folder, &GENERATE));
        let expected = format!("ari-codegen: {file}: {told}");
        assert!(complaint.starts_with(&expected), "{complaint}");
        assert!(!folder.join("out").exists());
    }
}

fn place(rest: &str) -> String {
    format!("sounds.json: apis[0].operations[0].{rest}")
}

#[test]
fn a_missing_file_is_named() {
    let folder = folder("missing", SOUNDS);
    fs::remove_file(folder.join("spec-1.2.3/sounds.json")).unwrap();
    let output = run(&folder, &GENERATE);
    assert_eq!(output.status.code(), Some(2), "there is no answer");
    let told = complaint(&output);
    assert!(
        told.starts_with("ari-codegen: spec-1.2.3/sounds.json: "),
        "{told}"
    );
    let told = complaint(&run(&folder, &["generate", "--spec", "nowhere", "--out", "out"]));
    assert!(
        told.starts_with("ari-codegen: nowhere/resources.json: "),
        "{told}"
    );
}

#[test]
fn diff_exits_with_1_where_the_wire_breaks_and_with_2_where_it_cannot_tell() {
    let folder = folder("diff", SOUNDS);
    fs::create_dir(folder.join("more-1.2.4")).unwrap();
    fs::write(folder.join("more-1.2.4/resources.json"), LISTING).unwrap();
    let two = SOUNDS.replace(
        r#""apis":["#,
        r#""apis":[{"path":"/sounds/{id}","operations":[{"httpMethod":"GET","nickname":"get","responseClass":"void",
            "parameters":[{"name":"id","paramType":"path","dataType":"string","required":true}]}]},"#,
    );
    fs::write(folder.join("more-1.2.4/sounds.json"), two).unwrap();
    let there = run(&folder, &["diff", "spec-1.2.3", "more-1.2.4"]);
    let report = String::from_utf8(there.stdout).unwrap();
    assert_eq!(there.status.code(), Some(0), "{report}");
    assert!(report.starts_with("From Asterisk 1.2.3 to 1.2.4\n"), "{report}");
    assert!(report.contains("    sounds.get: GET /sounds/{id}\n"), "{report}");
    let back = run(&folder, &["diff", "more-1.2.4", "spec-1.2.3"]);
    assert_eq!(back.status.code(), Some(1));
    assert_eq!(
        complaint(&back),
        "ari-codegen: spec-1.2.3 breaks what is on the wire with more-1.2.4"
    );
    for arguments in [&["diff", "spec-1.2.3", "nowhere"][..], &["diff", "spec-1.2.3"]] {
        assert_eq!(run(&folder, arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn what_is_committed_is_not_written_over_with_another_specification() {
    let folder = folder("committed", SOUNDS);
    fs::create_dir_all(folder.join("ari-client/src/generated")).unwrap();
    for command in ["generate", "openapi"] {
        let told = complaint(&run(&folder, &[command, "--spec", "spec-1.2.3"]));
        assert!(told.contains("--out is needed with --spec"), "{told}");
    }
    assert_eq!(
        fs::read_dir(folder.join("ari-client/src/generated"))
            .unwrap()
            .count(),
        0
    );
}
