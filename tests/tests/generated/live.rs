//! The specifications that running servers tell.

use ari_lab::install::Unavailable;
use ari_lab::{Asterisk, Installation, Release};

use crate::workshop::{code, codegen, compiled, folder};

/// The version that the committed facts are of.
const COMMITTED: &str = "22.10.1";

async fn running(release: Release) -> anyhow::Result<Asterisk> {
    let installation = Installation::of(release).await?;
    Asterisk::builder(&installation).start().await
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_server_gives_what_its_files_give() {
    let server = running(Release::Newest).await.unwrap();
    let credentials = Some([server.username(), server.password()]);
    let told = compiled("live", &server.http_url(), credentials);
    let header = std::fs::read_to_string(told.join("channels.rs")).unwrap();
    let version = header.lines().next().unwrap().to_owned();
    let installed = server.installation().version().unwrap();
    let number = version.split(' ').nth(5).unwrap().trim_end_matches(';');
    assert!(installed.contains(number), "{version}: {installed}");

    let generate = |spec: &str, out: &str| {
        let out = folder(out);
        let made = codegen(
            None,
            &["generate", "--spec", spec, "--out", out.to_str().unwrap()],
        );
        assert!(
            made.status.success(),
            "{spec}: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        code(&out)
    };
    if let Some(files) = server.installation().swagger() {
        assert_eq!(code(&told), generate(files.to_str().unwrap(), "installed"));
    }
    if number == COMMITTED {
        assert_eq!(code(&told), generate("specs/asterisk-22", "distilled"));
    }
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_server_of_16_28_is_told_from_one_of_22() {
    let old = match running(Release::Sixteen).await {
        Err(error) if error.is::<Unavailable>() => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "not run: {error:#}");
            return;
        }
        old => old.unwrap(),
    };
    let credentials = Some([old.username(), old.password()]);
    compiled("live-16", &old.http_url(), credentials);
    let diff = codegen(credentials, &["diff", &old.http_url(), "specs/asterisk-22"]);
    let report = String::from_utf8(diff.stdout).unwrap();
    assert_eq!(diff.status.code(), Some(0), "{report}");
    assert!(
        report.starts_with("From Asterisk 16.28.0 to 22.10.1\n"),
        "{report}"
    );
    let numbers = "operations 11 added 0 removed, parameters 10 added 0 removed, events 7 added 0 removed; \
                   breaks: 0 on the wire, 1 in the Rust API";
    assert_eq!(report.lines().last(), Some(numbers), "{report}");
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_server_that_refuses_is_told_in_one_line() {
    let server = running(Release::Newest).await.unwrap();
    let out = folder("refused");
    let url = server.http_url();
    let generate = |credentials, url: &str| {
        let arguments = ["generate", "--spec", url, "--out", out.to_str().unwrap()];
        let made = codegen(credentials, &arguments);
        assert_eq!(made.status.code(), Some(2));
        String::from_utf8(made.stderr).unwrap()
    };
    let listing = format!("ari-codegen: {url}/ari/api-docs/resources.json");
    let wrong = generate(Some([server.username(), "a guess"]), &url);
    assert_eq!(
        wrong,
        format!(
            "{listing}: status 401: user name or password not accepted: check ARI_USERNAME and ARI_PASSWORD\n"
        )
    );
    let elsewhere = generate(
        Some([server.username(), server.password()]),
        &format!("{url}/pbx"),
    );
    assert!(
        elsewhere.contains("/pbx/ari/api-docs/resources.json: status 404: no ARI here"),
        "{elsewhere}"
    );
    assert_eq!(
        std::fs::read_dir(&out).unwrap().count(),
        0,
        "something was written"
    );
}
