//! Connections: DNS, TCP and strict TLS, with the gateway's own certificate where one is asked for.

use super::client::Misconfigured;
use super::sign::SignFailed;
use crate::config::upstream::auth::Mtls;
use crate::config::{Auth, Upstream as Settings};
use http::Uri;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::client::WebPkiServerVerifier;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

/// DNS, TCP and TLS, in time.
pub(super) type Connect =
    BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, tower::BoxError>;

/// The way to an upstream. A time-out covers DNS, TCP and TLS together, so that it means: never
/// sent.
pub(super) fn connect(settings: &Settings, https: bool) -> Result<Connect, Misconfigured> {
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls(settings)?);
    let builder = if https {
        builder.https_only()
    } else {
        builder.https_or_http()
    };
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let https = builder.enable_http1().wrap_connector(tcp);
    Ok(Connect::new(Timeout::new(https, settings.connect_timeout)))
}

fn tls(settings: &Settings) -> Result<ClientConfig, Misconfigured> {
    let name = || settings.name.clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = match &settings.ca {
        Some(file) => roots(file).ok_or_else(|| Misconfigured::Ca(name()))?,
        None => webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
    };
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let verifier = verifier
        .build()
        .map_err(|_error| Misconfigured::Ca(name()))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_error| Misconfigured::Tls(name()))?
        .with_webpki_verifier(verifier);
    let certificate = settings.auth.iter().find_map(|auth| match auth {
        Auth::Mtls(mtls) => Some(mtls),
        Auth::Bearer(_) | Auth::Header(_) | Auth::Basic(_) | Auth::Hmac(_) | Auth::Jws(_) => None,
    });
    let Some(certificate) = certificate else {
        return Ok(builder.with_no_client_auth());
    };
    let refused = || Misconfigured::Credential(name(), SignFailed::Certificate);
    let (chain, key) = own(certificate).ok_or_else(refused)?;
    let config = builder.with_client_auth_cert(chain, key);
    config.map_err(|_error| refused())
}

fn roots(file: &Path) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).ok()? {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}

/// The certificate's chain and its key.
fn own(mtls: &Mtls) -> Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = CertificateDer::pem_file_iter(&mtls.cert).ok()?;
    let chain = chain.collect::<Result<Vec<_>, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_slice(mtls.key.expose().as_bytes()).ok()?;
    (!chain.is_empty()).then_some((chain, key))
}
