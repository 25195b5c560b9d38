//! Certificates for servers of the lab, signed by an authority that nobody else trusts.

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};

/// A server's certificate with its private key, and the authority that signed it; all of them PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate of the authority.
    pub authority: String,
    /// The certificate of the server.
    pub certificate: String,
    /// The private key of the server.
    pub key: String,
}

impl Certificate {
    /// A new certificate for `host`, a name or an address, signed by a new authority.
    ///
    /// # Errors
    /// Fails if `host` is neither a name nor an address.
    pub fn for_host(host: &str) -> Result<Self> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.distinguished_name = common_name("lab authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let signed_by_itself = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);

        let key = KeyPair::generate()?;
        let mut certificate = CertificateParams::new([host.to_owned()])?;
        // Asterisk looks for an address here, and for names elsewhere as well.
        certificate.distinguished_name = common_name(host);
        let certificate = certificate.signed_by(&key, &issuer)?;
        Ok(Self {
            authority: signed_by_itself.pem(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

/// Each has a name of its own: OpenSSL takes one that is called like its issuer for self-signed.
fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
