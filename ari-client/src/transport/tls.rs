//! Encryption by rustls, with its ring provider.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::Stream;
use crate::error::{Error, Result};

/// How connections to a server are encrypted.
#[derive(Clone)]
pub(crate) struct Client {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl Client {
    /// Encrypts connections to `host`, whose certificate must be signed by one of `authorities` (PEM), or where none are
    /// given by one that the system trusts.
    pub(crate) fn new(host: &str, authorities: Option<&[u8]>) -> Result<Self> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|error| Error::invalid(format!("`{host}` is no name for TLS")).with_source(error))?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(roots(authorities)?)
            .with_no_client_auth();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            host: name,
        })
    }

    pub(super) async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        let stream = self.connector.connect(self.host.clone(), stream).await?;
        Ok(Stream::Tls(Box::new(TlsStream::Client(stream))))
    }
}

/// How connections that come in are encrypted.
#[derive(Clone)]
pub(crate) struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// Shows the certificates in `chain` (PEM, the server's own first) and proves them with `key` (PEM).
    pub(crate) fn new(chain: &[u8], key: &[u8]) -> Result<Self> {
        let chain = certificates(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| Error::invalid("the private key is not PEM").with_source(error))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unusable)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(super) async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        let stream = self.0.accept(stream).await?;
        Ok(Stream::Tls(Box::new(TlsStream::Server(stream))))
    }
}

fn unusable(error: rustls::Error) -> Error {
    Error::invalid("the certificate or the key cannot be used").with_source(error)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let all = CertificateDer::pem_slice_iter(pem)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| Error::invalid("the certificate is not PEM").with_source(error))?;
    if all.is_empty() {
        return Err(Error::invalid("the PEM text holds no certificate"));
    }
    Ok(all)
}

fn roots(authorities: Option<&[u8]>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(pem) => {
            for certificate in certificates(pem)? {
                roots.add(certificate).map_err(unusable)?;
            }
        }
        None => {
            // One that cannot be read is the system's business, as long as there are others.
            let loaded = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(loaded.certs);
            if roots.is_empty() {
                return Err(Error::invalid(
                    "this system trusts no certificate authority: name the one that signed Asterisk's certificate",
                ));
            }
        }
    }
    Ok(roots)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.host).finish_non_exhaustive()
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor").finish_non_exhaustive()
    }
}
