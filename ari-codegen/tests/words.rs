//! Words for a specification: all that is there is described, and what is described is there.
#![allow(
    clippy::unwrap_used,
    reason = "helpers outside the test functions unwrap, too"
)]

use std::fs;
use std::path::Path;

use ari_codegen::{Files, Result, Spec, Words};

const LISTING: &str =
    r#"{"apiVersion":"1","swaggerVersion":"1.1","apis":[{"path":"/api-docs/tea.{format}"}]}"#;
const TEA: &str = r#"{"apiVersion":"2","swaggerVersion":"1.1","resourcePath":"x",
    "apis":[{"path":"/tea/{cup}","operations":[
        {"httpMethod":"POST","nickname":"pour","responseClass":"Cup","since":["22.1.0"],
         "errorResponses":[{"code":409,"reason":"Not ours."}],
         "parameters":[
            {"name":"cup","paramType":"path","required":true,"dataType":"string"},
            {"name":"sort","paramType":"query","dataType":"string","defaultValue":"green",
             "allowableValues":{"valueType":"LIST","values":["green","black"]}}]},
        {"httpMethod":"DELETE","nickname":"drink","responseClass":"void",
         "parameters":[{"name":"cup","paramType":"path","required":true,"dataType":"string"}]}]}],
    "models":{"Cup":{"id":"Cup","properties":{"size":{"type":"int"}}},
              "Mug":{"id":"Mug","properties":{}}}}"#;
const WORDS: &str = r#"
is = "Tea, by the cup."
params.cup = "Id of the cup."
[operations.pour]
does = """
Fills a cup, e.g. `c1`. It may
spill.

The cup is hot."""
reply = "The cup as it is then."
example = 'ari.tea().pour("c1").await?;'
params.sort = "What to pour."
statuses = { 409 = "The cup is full: drink first.", 500 = "No water." }
[operations.drink]
does = "Empties a cup."
example = 'ari.tea().drink("c1").await?;'
[models.Cup]
is = "A cup."
properties.size = "Millilitres."
[models.Mug]
is = "A mug."
"#;
const ENUMS: &str = r#"
[enums.PourSort]
is = "Sorts of tea."
values = { green = "Not fermented.", black = "Fermented." }
"#;

fn generate(test: &str, words: &str, enums: &str) -> Result<Files> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("words-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("tea.toml"), words).unwrap();
    fs::write(folder.join("enums.toml"), enums).unwrap();
    fs::write(folder.join("README.md"), "no words").unwrap();
    let spec = Spec::from_texts("tea", [("resources.json", LISTING), ("tea.json", TEA)])?;
    ari_codegen::generate(&spec.with_words(Words::read(&folder)?))
}

#[test]
fn words_are_on_the_page_of_what_they_describe() {
    let files = generate("whole", WORDS, ENUMS).unwrap();
    let tea = files.get("tea.rs").unwrap();
    for line in [
        "/// Tea, by the cup.",
        "/// Fills a cup, e.g. `c1`. It may",
        "/// `POST /tea/{cup}`. Since Asterisk 22.1.0.",
        "/// * `cup`, required: Id of the cup.",
        "/// * [`sort`](Self::sort): What to pour. Default: `green`.",
        "/// The cup as it is then.",
        "/// * 409: The cup is full: drink first.",
        "/// * 500: No water.",
        "/// ari.tea().pour(\"c1\").await?;",
        "    /// Fills a cup, e.g. `c1`. See [`Pour`].",
        "    /// Empties a cup. See [`Drink`].",
        "    /// What to pour. Default: `green`.",
    ] {
        assert!(tea.lines().any(|found| found == line), "{line}\n{tea}");
    }
    assert!(files.get("models.rs").unwrap().contains("/// Millilitres.\n"));
    assert!(files.get("enums.rs").unwrap().contains("/// Fermented.\n"));
    assert!(
        files
            .get("mod.rs")
            .unwrap()
            .contains("    /// Tea, by the cup.\n")
    );
}

#[test]
fn each_item_without_words_and_each_word_without_an_item_is_told() {
    for (test, found, replaced, told) in [
        ("does", "Empties a cup.", " ", "operations.drink.does is empty"),
        (
            "reply",
            "reply = \"The cup as it is then.\"",
            "",
            "operations.pour.reply is missing",
        ),
        (
            "void",
            "does = \"Empties",
            "reply = \"Nothing.\"\ndoes = \"Empties",
            "operations.drink.reply describes no reply",
        ),
        (
            "example",
            "example = 'ari.tea().drink(\"c1\").await?;'",
            "",
            "operations.drink.example is missing",
        ),
        (
            "param",
            "params.sort = \"What to pour.\"",
            "",
            "operations.pour.params.sort is missing",
        ),
        (
            "status",
            "409 = ",
            "410 = ",
            "operations.pour.statuses.409 is missing",
        ),
        (
            "code",
            "500 = ",
            "full = ",
            "operations.pour.statuses.full is no status code",
        ),
        (
            "shared",
            "params.cup =",
            "params.pot =",
            "params.pot describes nothing in the specification",
        ),
        (
            "operation",
            "[operations.drink]",
            "[operations.spill]",
            "operations.spill describes nothing in the specification",
        ),
        (
            "property",
            "properties.size",
            "properties.age",
            "models.Cup.properties.size is missing",
        ),
        ("model", "[models.Mug]", "[models.Jug]", "models.Mug is missing"),
    ] {
        assert!(WORDS.contains(found), "{test}");
        let error = generate(test, &WORDS.replace(found, replaced), ENUMS)
            .unwrap_err()
            .to_string();
        let told = format!("tea.toml: {told}");
        assert!(error.lines().any(|line| line == told), "{told}\n{error}");
    }
    let error = generate("value", WORDS, &ENUMS.replace("black", "white")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "enums.toml: enums.PourSort.values.black is missing\n\
         enums.toml: enums.PourSort.values.white describes nothing in the specification"
    );
}

#[test]
fn what_is_no_word_is_told_with_its_line() {
    let error = generate(
        "key",
        &WORDS.replace("[models.Mug]\nis", "[models.Mug]\nwas"),
        ENUMS,
    )
    .unwrap_err();
    let told = error.to_string();
    assert!(told.contains("words-key/tea.toml: line 21: "), "{told}");
    assert_eq!(told.lines().count(), 1);
    let error = Words::read(Path::new("nowhere")).unwrap_err().to_string();
    assert!(error.starts_with("nowhere: "), "{error}");
}

#[test]
fn without_words_the_specification_speaks_for_itself() {
    let spec = Spec::from_texts("tea", [("resources.json", LISTING), ("tea.json", TEA)]).unwrap();
    let files = ari_codegen::generate(&spec).unwrap();
    assert!(files.get("tea.rs").unwrap().contains("/// * 409: Not ours.\n"));
    assert!(
        files
            .get("models.rs")
            .unwrap()
            .contains("/// `size` on the wire.\n")
    );
}
