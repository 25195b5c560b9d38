//! Specifications read from a server: what it is asked, and what is told where it answers otherwise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers outside the test functions unwrap, too"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc;

const LISTING: &str =
    r#"{"apiVersion":"1","swaggerVersion":"1.1","apis":[{"path":"/api-docs/sounds.{format}"}]}"#;
const SOUNDS: &str = r#"{"apiVersion":"2","swaggerVersion":"1.1","resourcePath":"/api-docs/sounds.{format}",
    "apis":[{"path":"/sounds","operations":[{"httpMethod":"GET","nickname":"list","responseClass":"void"}]}]}"#;
const INFO: &str = r#"{"system":{"entity_id":"00:00:00:00:00:00","version":"22.10.2~dfsg+~cs6.16-1"}}"#;
const USER: &str = "reader";
const PASSWORD: &str = "s3cret";
/// The header that these make.
const AUTHORIZATION: &str = "Basic cmVhZGVyOnMzY3JldA==";

/// What a server answers a path with, where not as an Asterisk does.
type Odd = fn(&str) -> Option<(u16, String)>;

/// A server with the files of a small specification below `prefix`.
struct Server {
    port: u16,
    requests: mpsc::Receiver<String>,
}

impl Server {
    /// Answers as an Asterisk does, but for the paths that `odd` has a status and a body for.
    fn start(prefix: &'static str, odd: Odd) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (note, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), prefix, odd, &note);
            }
        });
        Self { port, requests }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// Answers one request, and ends the connection.
fn answer(mut stream: TcpStream, prefix: &str, odd: Odd, note: &mpsc::Sender<String>) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<String> = lines
        .map(Result::unwrap)
        .take_while(|line| !line.is_empty())
        .collect();
    let target = head[0].split(' ').nth(1).unwrap().to_owned();
    let known = head.iter().any(|line| {
        line.split_once(": ")
            .is_some_and(|(name, value)| name.eq_ignore_ascii_case("authorization") && value == AUTHORIZATION)
    });
    let _ = note.send(head[0].clone());
    let path = target.strip_prefix(prefix).unwrap_or("elsewhere");
    let (status, body) = match (odd(path), path) {
        (Some(odd), _) => odd,
        (_, "elsewhere") => (404, "<html><title>404 Not Found</title></html>".to_owned()),
        _ if !known => (401, r#"{"message":"Authentication required"}"#.to_owned()),
        (_, "/ari/api-docs/resources.json") => (200, LISTING.to_owned()),
        (_, "/ari/api-docs/sounds.json") => (200, SOUNDS.to_owned()),
        (_, "/ari/asterisk/info?only=system") => (200, INFO.to_owned()),
        _ => (404, r#"{"message":"Resource not found"}"#.to_owned()),
    };
    let length = body.len();
    // A client that has read enough may be gone.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
}

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("live-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the tool as a user with these credentials.
fn run(folder: &Path, credentials: Option<[&str; 2]>, arguments: &[&str]) -> Output {
    tool(folder, credentials, arguments).output().unwrap()
}

/// The tool, as [`run`] runs it.
fn tool(folder: &Path, credentials: Option<[&str; 2]>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ari-codegen"));
    command.current_dir(folder).args(arguments);
    for (at, name) in ["ARI_USERNAME", "ARI_PASSWORD"].into_iter().enumerate() {
        match credentials {
            Some(credentials) => command.env(name, credentials[at]),
            None => command.env_remove(name),
        };
    }
    command.env_remove("ARI_ALLOW_CLEARTEXT");
    command
}

/// The one line that `generate` tells for `url`, of which nothing was written.
fn complaint(test: &str, credentials: Option<[&str; 2]>, url: &str) -> String {
    let folder = folder(test);
    let output = run(&folder, credentials, &["generate", "--spec", url, "--out", "out"]);
    assert!(!folder.join("out").exists());
    told(output)
}

/// The one line that is told of what cannot be used.
fn told(output: Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        !text.contains(PASSWORD) && !text.contains(AUTHORIZATION),
        "{text}"
    );
    let told = text.strip_prefix("ari-codegen: ").expect(&text);
    told.trim_end().to_owned()
}

const KNOWN: Option<[&str; 2]> = Some([USER, PASSWORD]);

#[test]
fn bindings_are_generated_from_a_server_below_any_prefix() {
    for (test, prefix, suffix) in [
        ("plain", "", ""),
        ("ari", "", "/ari"),
        ("prefix", "/pbx", "/pbx/"),
    ] {
        let (server, folder) = (Server::start(prefix, |_| None), folder(test));
        let url = server.url(suffix);
        let output = run(&folder, KNOWN, &["generate", "--spec", &url, "--out", "out"]);
        assert!(output.status.success(), "{output:?}");
        let text = fs::read_to_string(folder.join("out/sounds.rs")).unwrap();
        assert!(text.contains("from Asterisk 22.10.2; do not edit"), "{text}");
        let asked: Vec<_> = server.requests.try_iter().collect();
        let expected = [
            "api-docs/resources.json",
            "api-docs/sounds.json",
            "asterisk/info?only=system",
        ];
        assert_eq!(
            asked,
            expected.map(|path| format!("GET {prefix}/ari/{path} HTTP/1.1"))
        );
    }
}

#[test]
fn facts_are_imported_with_the_version_that_the_server_tells() {
    let (server, folder) = (Server::start("", |_| None), folder("import"));
    let output = run(
        &folder,
        KNOWN,
        &["import", "--from", &server.url(""), "--out", "facts"],
    );
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("Asterisk 22.10.2: 1 operations"), "{told}");
    let listing = fs::read_to_string(folder.join("facts/resources.json")).unwrap();
    assert!(listing.contains(r#""asteriskVersion": "22.10.2""#), "{listing}");
}

#[test]
fn a_refusal_says_what_to_do() {
    let server = Server::start("/pbx", |_| None);
    let listing = server.url("/pbx/ari/api-docs/resources.json");
    assert_eq!(
        complaint("unset", None, &server.url("/pbx")),
        format!("{listing}: status 401: set ARI_USERNAME and ARI_PASSWORD to a user of ari.conf")
    );
    assert_eq!(
        complaint("wrong", Some(["reader", "guess"]), &server.url("/pbx")),
        format!(
            "{listing}: status 401: user name or password not accepted: check ARI_USERNAME and ARI_PASSWORD"
        )
    );
    assert_eq!(
        complaint("prefix-missing", KNOWN, &server.url("")),
        format!(
            "{}: status 404: no ARI here, check host, port and prefix, and that ari.conf enables it",
            server.url("/ari/api-docs/resources.json")
        )
    );
}

#[test]
fn what_is_no_specification_is_named() {
    let cases: [(&str, Odd, &str); 6] = [
        (
            "html",
            |_| Some((200, "<!doctype html>".into())),
            "resources.json: an HTML page, not JSON: no ARI here, check host, port and prefix, and that ari.conf enables it",
        ),
        (
            "not-json",
            |path| path.ends_with("sounds.json").then(|| (200, "{".into())),
            "sounds.json: not JSON (EOF while parsing an object at line 1 column 1): no ARI here, check host, port and \
             prefix, and that ari.conf enables it",
        ),
        (
            "redirect",
            |_| Some((302, String::new())),
            "resources.json: status 302: a redirect, which is not followed: give the address that it leads to",
        ),
        (
            "large",
            |_| Some((200, "[".repeat(5 << 20))),
            "resources.json: longer than 4 MiB, which no file of Asterisk is",
        ),
        (
            "failing",
            |path| path.ends_with("sounds.json").then(|| (500, "{}".into())),
            "sounds.json: status 500: Internal Server Error",
        ),
        (
            "starting",
            |_| Some((503, "{}".into())),
            "resources.json: status 503: Asterisk is still starting, or stopping: try again",
        ),
    ];
    for (test, odd, told) in cases {
        let server = Server::start("", odd);
        let expected = format!("{}/{told}", server.url("/ari/api-docs"));
        assert_eq!(complaint(test, KNOWN, &server.url("")), expected);
    }
}

#[test]
fn where_nobody_answers_it_says_so() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    assert_eq!(
        complaint("refused", KNOWN, &url),
        format!(
            "{url}/ari/api-docs/resources.json: connection refused: check host and port, that Asterisk runs, and that \
             http.conf enables its server"
        )
    );
}

/// An address for documentation: nobody is there, and nothing may be sent to it.
const ELSEWHERE: &str = "http://192.0.2.1:8088";

#[test]
fn a_password_goes_to_another_machine_only_where_a_word_for_yes_allows_it() {
    let folder = folder("cleartext");
    let refused = "http://192.0.2.1:8088/ari: http would send the password as clear text to another machine; allow it with \
         ARI_ALLOW_CLEARTEXT=1";
    assert_eq!(complaint("cleartext-unset", KNOWN, ELSEWHERE), refused);
    for (word, expected) in [
        ("", refused),
        ("0", refused),
        ("no", refused),
        (
            "off",
            "ARI_ALLOW_CLEARTEXT `off`: it must be 1 or 0, true or false, yes or no",
        ),
    ] {
        let mut tool = tool(&folder, KNOWN, &["generate", "--spec", ELSEWHERE, "--out", "out"]);
        let output = tool.env("ARI_ALLOW_CLEARTEXT", word).output().unwrap();
        assert_eq!(told(output), expected, "{word}");
    }
}
