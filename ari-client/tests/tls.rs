//! Encrypted connections, and certificates that are not to be trusted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;

use ari_client::prelude::*;
use ari_client::testing::FakeAsterisk;
use ari_client::{AriBuilder, ErrorKind, RestOver};
use rcgen::{CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::PrivateKeyDer;
use support::{APP, Running};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

/// A fake Asterisk behind TLS.
struct Secured {
    asterisk: FakeAsterisk,
    address: SocketAddr,
    /// PEM of who signed its certificate.
    authority: String,
}

impl Secured {
    /// With a certificate for `host`.
    async fn start(host: &str) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let pem = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([host.to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let asterisk = FakeAsterisk::start().await.unwrap();
        let behind = asterisk.address();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(behind).await.unwrap();
                    if let Ok(mut client) = acceptor.accept(stream).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self {
            asterisk,
            address,
            authority: pem,
        }
    }

    fn client(&self) -> AriBuilder {
        Ari::builder(format!("https://{}", self.address))
            .credentials(self.asterisk.username(), self.asterisk.password())
    }

    /// What a client that trusts this authority says when it asks for something.
    async fn complaint(&self, authority: &str) -> String {
        let ari = self.client().certificate_authorities(authority).build().unwrap();
        let asked = ari.asterisk().ping().await.unwrap_err();
        assert_eq!(asked.kind(), ErrorKind::NotSent);
        let ran = support::within(ari.run(APP, |_: Call| async { Ok(()) }))
            .await
            .unwrap_err();
        let line = format!("{ran:?}");
        assert!(!line.contains('\n'), "{line}");
        assert!(
            line.contains(&format!("no connection to {}", self.address)),
            "{line}"
        );
        line
    }
}

#[tokio::test]
async fn requests_and_events_are_encrypted() {
    for rest in [RestOver::Http, RestOver::WebSocket] {
        let secured = Secured::start("127.0.0.1").await;
        let ari = secured
            .client()
            .certificate_authorities(secured.authority.as_str())
            .rest_over(rest)
            .build()
            .unwrap();
        let application = |call: Call| async move {
            call.answer().await?;
            Ok(call.play("sound:hello").await?.finished().await?)
        };
        let running = Running::with(ari.service(APP, application)).await;
        let caller = secured.asterisk.call("1").place(APP).await.unwrap();
        caller.wait_until_heard("sound:hello").await.unwrap();
        caller.wait_until_gone().await.unwrap();
        running.stop().await;
    }
}

#[tokio::test]
async fn the_certificate_of_another_host_is_refused() {
    let secured = Secured::start("pbx.example.org").await;
    let line = secured.complaint(&secured.authority).await;
    assert!(
        line.contains("certificate not valid for name") && line.contains("pbx.example.org"),
        "{line}"
    );
}

#[tokio::test]
async fn a_certificate_that_nobody_known_signed_is_refused() {
    let secured = Secured::start("127.0.0.1").await;
    let stranger = Secured::start("127.0.0.1").await;
    let line = secured.complaint(&stranger.authority).await;
    assert!(line.contains("invalid peer certificate"), "{line}");
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let secured = Secured::start("127.0.0.1").await;
    let plain = Secured {
        address: secured.asterisk.address(),
        ..secured
    };
    let line = plain.complaint(&plain.authority).await;
    assert!(line.contains("corrupt message"), "{line}");
}
