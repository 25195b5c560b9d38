//! Time grows with a specification, not with its square.

use std::hint::black_box;

use ari_codegen::Spec;

use crate::pace::{grows_evenly, many};

type Texts = [(&'static str, String); 2];

fn texts(declaration: &str) -> Texts {
    let listing = r#"{"apiVersion":"1","swaggerVersion":"1.1","apis":[{"path":"/x.json"}]}"#;
    let head = r#""apiVersion":"2","swaggerVersion":"1.1","resourcePath":"x""#;
    [
        ("resources.json", listing.to_owned()),
        ("x.json", format!("{{{head},{declaration}}}")),
    ]
}

fn models(count: usize) -> String {
    format!(
        r#""apis":[],"models":{{{}}}"#,
        many(count, |at| format!(r#""M{at}":{{"id":"M{at}"}}"#))
    )
}

fn properties(count: usize) -> String {
    let properties = many(count, |at| format!(r#""p{at}":{{"type":"string"}}"#));
    format!(r#""apis":[],"models":{{"M":{{"id":"M","properties":{{{properties}}}}}}}"#)
}

fn operations(count: usize) -> String {
    let operation = |at| format!(r#"{{"httpMethod":"GET","nickname":"n{at}","responseClass":"void"}}"#);
    format!(
        r#""apis":[{{"path":"/x","operations":[{}]}}]"#,
        many(count, operation)
    )
}

fn values(count: usize) -> String {
    let values = many(count, |at| format!("\"v{at}\""));
    let values = format!(r#"{{"valueType":"LIST","values":[{values}]}}"#);
    let property = format!(r#"{{"type":"string","allowableValues":{values}}}"#);
    format!(r#""apis":[],"models":{{"M":{{"id":"M","properties":{{"p":{property}}}}}}}"#)
}

#[test]
fn the_reader() {
    let read = |texts: &Texts| drop(black_box(Spec::from_texts("x-1", texts.clone())));
    for (what, count, make) in [
        ("models", 1_000, &models as &dyn Fn(usize) -> String),
        ("properties", 1_000, &properties),
        ("operations", 1_000, &operations),
        ("values", 5_000, &values),
        ("unknown keys", 1_000, &|count| {
            format!(
                r#""apis":[],{}"#,
                many(count, |at| format!("\"unknown {at}\":{at}"))
            )
        }),
        ("nesting", 5_000, &|depth| {
            format!(r#""apis":[],"a":{}{}"#, "[".repeat(depth), "]".repeat(depth))
        }),
        ("escapes", 5_000, &|count| {
            format!(r#""apis":[],"requiresModules":["{}"]"#, r"\u00e9\n".repeat(count))
        }),
        ("a type", 5_000, &|count| {
            let ty = "List[".repeat(count) + &"]".repeat(count);
            format!(r#""apis":[],"models":{{"M":{{"id":"M","properties":{{"p":{{"type":"{ty}"}}}}}}}}"#)
        }),
    ] {
        grows_evenly(what, count, |count| texts(&make(count)), read);
    }
}

#[test]
fn the_generator() {
    let generate = |texts: &Texts| {
        let spec = Spec::from_texts("x-1", texts.clone()).unwrap();
        let _ = black_box(ari_codegen::generate(&spec));
    };
    for (what, count, make) in [
        ("models", 25, &models as &dyn Fn(usize) -> String),
        ("properties", 25, &properties),
        ("operations", 25, &operations),
        ("values", 100, &values),
        ("parts of parts", 12, &parts),
    ] {
        grows_evenly(what, count, |count| texts(&make(count)), generate);
    }
}

/// An event whose part has two parts, which have the same two parts, and so on.
fn parts(depth: usize) -> String {
    let part = |at: usize| {
        let next = (at + 1).min(depth);
        let properties = if at < depth {
            format!(r#""a":{{"type":"P{next}"}},"b":{{"type":"P{next}"}}"#)
        } else {
            String::new()
        };
        format!(r#""P{at}":{{"id":"P{at}","properties":{{{properties}}}}}"#)
    };
    let tree = r#""Root":{"id":"Root","discriminator":"type","subTypes":["Base"]},
        "Base":{"id":"Base","subTypes":["Happened"]},
        "Happened":{"id":"Happened","properties":{"part":{"type":"P0"}}}"#;
    format!(r#""apis":[],"models":{{{tree},{}}}"#, many(depth + 1, part))
}
