//! Our side of TLS: versions 1.2 and 1.3 on ring, HTTP/2 or HTTP/1.1 by ALPN.
//!
//! Promises that a renewed certificate is shown to the next connection without a restart, that
//! connections which are open go on with the one they were given, and that a pair of files that
//! does not fit changes nothing.

use crate::config::Tls;
use crate::config::secret::{Unread, read_private};
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// TLS cannot be set up; whoever put the files there can mend them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTls {
    /// The certificate file cannot be read or holds no PEM certificate.
    #[error("the certificate file holds no certificate")]
    Certificate,
    /// The key file may not be read, or by too many.
    #[error("the TLS key: {0}")]
    Unread(#[from] Unread),
    /// The key file holds no PEM private key.
    #[error("the TLS key file holds no private key")]
    Key,
    /// The key is not the certificate's, or of a kind we do not use.
    #[error("the TLS key is not the certificate's, or of an unknown kind")]
    Mismatch,
}

/// The certificate in use, which can be exchanged while connections are open.
#[derive(Debug)]
pub struct Certificate {
    files: Tls,
    provider: Arc<CryptoProvider>,
    shown: ArcSwap<CertifiedKey>,
}

impl Certificate {
    /// Reads a certificate and its private key, PEM.
    pub fn load(files: &Tls) -> Result<Arc<Self>, NoTls> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let pair = read(files, &provider)?;
        Ok(Arc::new(Self {
            files: files.clone(),
            provider,
            shown: ArcSwap::from_pointee(pair),
        }))
    }

    /// Reads the files again. True if another certificate is shown from now on; whatever does not
    /// fit leaves the one that is shown as it is.
    pub fn renew(&self) -> Result<bool, NoTls> {
        let pair = read(&self.files, &self.provider)?;
        if pair.cert == self.shown.load().cert {
            return Ok(false);
        }
        self.shown.store(Arc::new(pair));
        Ok(true)
    }

    /// The server's side of TLS that shows this certificate.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, NoTls> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|_error| NoTls::Mismatch)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.load_full())
    }
}

/// A chain and the key that belongs to it.
fn read(files: &Tls, provider: &CryptoProvider) -> Result<CertifiedKey, NoTls> {
    let chain = CertificateDer::pem_file_iter(&files.cert).map_err(|_error| NoTls::Certificate)?;
    let chain: Result<Vec<_>, _> = chain.collect();
    let chain = chain.map_err(|_error| NoTls::Certificate)?;
    if chain.is_empty() {
        return Err(NoTls::Certificate);
    }
    let key = read_private(&files.key)?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_error| NoTls::Key)?;
    CertifiedKey::from_der(chain, key, provider).map_err(|_error| NoTls::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn write(path: &Path, text: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn i8_a_key_is_used_only_if_it_is_private_and_the_certificates() {
        let dir = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let other = rcgen::KeyPair::generate().unwrap();
        let tls = Tls {
            cert: dir.path().join("cert.pem"),
            key: dir.path().join("key.pem"),
        };
        let set_up = || Certificate::load(&tls).map(drop);
        assert_eq!(set_up(), Err(NoTls::Certificate));
        write(&tls.cert, "", 0o644);
        assert_eq!(set_up(), Err(NoTls::Certificate));
        write(&tls.cert, &own.cert.pem(), 0o644);
        assert_eq!(set_up(), Err(NoTls::Unread(Unread::NoFile)));
        write(&tls.key, &own.signing_key.serialize_pem(), 0o644);
        assert_eq!(set_up(), Err(NoTls::Unread(Unread::Exposed)));
        write(&tls.key, &own.cert.pem(), 0o600);
        assert_eq!(set_up(), Err(NoTls::Key));
        write(&tls.key, &other.serialize_pem(), 0o600);
        assert_eq!(set_up(), Err(NoTls::Mismatch));
        write(&tls.key, &own.signing_key.serialize_pem(), 0o600);
        assert_eq!(set_up(), Ok(()));
    }
    #[cfg(unix)]
    #[test]
    fn a_pair_that_does_not_fit_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let [old, new] = ["localhost", "tide.example"]
            .map(|name| rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap());
        let tls = Tls {
            cert: dir.path().join("cert.pem"),
            key: dir.path().join("key.pem"),
        };
        write(&tls.cert, &old.cert.pem(), 0o644);
        write(&tls.key, &old.signing_key.serialize_pem(), 0o600);
        let certificate = Certificate::load(&tls).unwrap();
        let shown = || certificate.shown.load().cert.clone();
        assert_eq!(certificate.renew(), Ok(false), "nothing is new");
        write(&tls.cert, &new.cert.pem(), 0o644);
        assert_eq!(certificate.renew(), Err(NoTls::Mismatch));
        assert_eq!(shown(), [old.cert.der().clone()]);
        write(&tls.key, &new.signing_key.serialize_pem(), 0o600);
        assert_eq!(certificate.renew(), Ok(true));
        assert_eq!(shown(), [new.cert.der().clone()]);
    }
}
