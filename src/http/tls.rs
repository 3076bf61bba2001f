//! Our side of TLS: versions 1.2 and 1.3 on ring, HTTP/2 or HTTP/1.1 by ALPN.

use crate::config::Tls;
use crate::config::secret::{Unread, read_private};
use rustls::ServerConfig;
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

/// The server's side of TLS from its certificate and private key, PEM.
pub fn server_config(tls: &Tls) -> Result<Arc<ServerConfig>, NoTls> {
    let chain = CertificateDer::pem_file_iter(&tls.cert).map_err(|_error| NoTls::Certificate)?;
    let chain: Result<Vec<_>, _> = chain.collect();
    let chain = chain.map_err(|_error| NoTls::Certificate)?;
    if chain.is_empty() {
        return Err(NoTls::Certificate);
    }
    let key = read_private(&tls.key)?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_error| NoTls::Key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_error| NoTls::Mismatch)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_error| NoTls::Mismatch)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
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
        let set_up = || server_config(&tls).map(drop);
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
}
