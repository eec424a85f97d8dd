//! Who programs are to trust: a certificate authority that lives as long as the bench.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::Failure;

/// Where systems keep the certificates that they trust, in one file: Debian's kind, Amazon Linux's.
const SYSTEM: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    certificate: NamedTempFile,
    bundle: NamedTempFile,
}

impl Authority {
    pub(super) fn new() -> Result<Self, Failure> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Ratchet's bench");
        let issuer =
            CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(text)?).map_err(text)?;
        let own = issuer.as_ref().pem();
        let bundle = file(&(system()? + "\n" + &own))?;
        Ok(Self { certificate: file(&own)?, bundle, issuer })
    }

    pub(super) fn certificate(&self) -> &Path {
        self.certificate.path()
    }

    pub(super) fn bundle(&self) -> &Path {
        self.bundle.path()
    }

    /// What speaks TLS for 127.0.0.1, HTTP/1.1 inside, as DynamoDB does.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, Failure> {
        let key = KeyPair::generate().map_err(text)?;
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
        let certificate = params.signed_by(&key, &self.issuer).map_err(text)?;
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.into()], private).map_err(text)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn system() -> Result<String, Failure> {
    let found = SYSTEM.iter().find_map(|path| std::fs::read_to_string(path).ok());
    found.ok_or_else(|| format!("no trusted certificates in {}", SYSTEM.join(" or ")).into())
}

fn file(text: &str) -> Result<NamedTempFile, Failure> {
    let mut file = NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn text(error: impl std::fmt::Display) -> Failure {
    Failure::from(error.to_string())
}
