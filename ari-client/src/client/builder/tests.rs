//! Which settings can be used, and what is told of the others.

use super::*;

fn server(url: &str) -> Result<Server> {
    AriBuilder::new(url.into()).credentials("ari", "s3cret").server()
}

#[test]
fn the_url_may_name_server_prefix_or_path() {
    for (url, path) in [
        ("http://127.0.0.1:8088", "/ari"),
        ("http://127.0.0.1:8088/", "/ari"),
        ("http://localhost:8088/ari/", "/ari"),
        ("http://[::1]:8088/pbx", "/pbx/ari"),
    ] {
        assert_eq!(server(url).unwrap().base_path, path, "{url}");
    }
}

#[test]
fn unusable_urls_are_named() {
    for (url, why) in [
        ("", "not a URL"),
        ("127.0.0.1:8088", "must begin with http://"),
        ("ws://127.0.0.1:8088", "must begin with http://"),
        #[cfg(not(feature = "tls"))]
        ("https://127.0.0.1:8088", "feature `tls`"),
        ("http://127.0.0.1:99999", "port"),
        ("http://127.0.0.1:80x", "port"),
        ("http://127.0.0.1:0", "port"),
        ("http://127.0.0.1:", "port"),
        ("http://[::1]:65536", "port"),
        ("http://pbx.example.org:8088", "clear text"),
    ] {
        let error = server(url).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(url), "{url}: {error}");
    }
}

#[test]
fn secrets_in_unusable_urls_are_not_printed() {
    for (url, shown, why) in [
        (
            "http://u:s3cret@pbx:8088/x",
            "`http://pbx:8088/x`",
            "not in the URL",
        ),
        ("http://pbx:8088/?api_key=u:s3cret", "`http://pbx:8088/`", "query"),
        ("http://u:s3/cret@pbx", "`http://pbx`", "port"),
        ("http://u:s3@cret@pbx", "`http://pbx`", "not"),
        ("http://u:s3?cret@pbx", "`http://…`", "query"),
        ("http://pbx?api_key=u:s3cre@t", "`http://…`", "query"),
        ("http://u:s3 cret@pbx", "`http://pbx`", "not a URL"),
        ("u:s3cret@pbx", "`pbx`", "http://"),
    ] {
        let builder = AriBuilder::new(url.into()).credentials("ari", "pass");
        let error = builder.server().unwrap_err().to_string();
        assert!(error.contains(shown) && error.contains(why), "{url}: {error}");
        let printed = format!("{error} {builder:?}");
        assert!(!printed.contains("s3") && !printed.contains("cret"), "{printed}");
    }
}

#[test]
fn certificate_authorities_that_nobody_would_ask_are_refused() {
    let builder = AriBuilder::new("http://127.0.0.1:8088".into()).credentials("ari", "s3cret");
    let error = builder.certificate_authorities("PEM").build().unwrap_err();
    assert!(error.to_string().contains("for https only"), "{error}");
}

#[cfg(feature = "tls")]
#[test]
fn https_has_its_own_port_and_may_go_anywhere() {
    let authority = rcgen::generate_simple_self_signed(["pbx.example.org".to_owned()]).unwrap();
    let builder = AriBuilder::new("https://pbx.example.org".into()).credentials("ari", "s3cret");
    let server = builder
        .clone()
        .certificate_authorities(authority.cert.pem())
        .server()
        .unwrap();
    assert_eq!(server.authority, "pbx.example.org:443");
    assert_eq!(server.to_string(), "https://pbx.example.org:443/ari");
    let error = builder.certificate_authorities("none").server().unwrap_err();
    assert!(error.to_string().contains("no certificate"), "{error}");
}

#[test]
fn the_password_is_not_printed() {
    let builder = AriBuilder::new("http://127.0.0.1:8088".into()).credentials("ari", "s3cret");
    let printed = format!("{builder:?} {:?}", builder.server().unwrap());
    assert!(
        !printed.contains("s3cret") && !printed.contains("Basic"),
        "{printed}"
    );
}

#[test]
fn empty_credentials_are_refused() {
    let error = AriBuilder::new("http://127.0.0.1:8088".into())
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("must not be empty"), "{error}");
}
