//! Getting one small document from a configured address: bounded in size and time, over strict
//! TLS, without redirects, and never for a request.

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CACHE_CONTROL, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Longest document, bytes.
const MOST: usize = 131_072;
/// How long it may take, from the name's look-up to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// An address that cannot be used: its authorities' file is not there or has no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its address or its CA file cannot be used")]
pub(super) struct Unusable;

/// A document was not had this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotFetched {
    /// Nobody listens there, or TLS refuses them.
    #[error("it cannot be reached")]
    Unreachable,
    /// It took too long.
    #[error("it took too long")]
    TimedOut,
    /// It answered something else than 200.
    #[error("it answered something else than 200")]
    Status,
    /// It is longer than 128 KiB.
    #[error("its answer is longer than 128 KiB")]
    TooLarge,
    /// It broke off.
    #[error("its answer broke off")]
    Broken,
}

/// A document, and for how long it says to be fresh.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) bytes: Bytes,
    pub(super) max_age: Option<Duration>,
}

/// One address, and how to be sure it is the one.
#[derive(Debug)]
pub(super) struct Fetch {
    uri: Uri,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Fetch {
    /// Sets it up for `url`, trusting only the authorities in `ca` where it is given.
    pub(super) fn new(url: &Url, ca: Option<&Path>) -> Result<Self, Unusable> {
        let uri = url.as_str().parse().map_err(|_error| Unusable)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = HttpsConnectorBuilder::new();
        let builder = if let Some(file) = ca {
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|_error| Unusable)?
                .with_root_certificates(roots(file).ok_or(Unusable)?)
                .with_no_client_auth();
            builder.with_tls_config(config)
        } else {
            let builder = builder.with_provider_and_webpki_roots(provider);
            builder.map_err(|_error| Unusable)?
        };
        let builder = if url.scheme() == "https" {
            builder.https_only()
        } else {
            builder.https_or_http()
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(0)
            .http1_max_headers(64)
            .http1_max_buf_size(64 * 1024)
            .build(builder.enable_http1().wrap_connector(tcp));
        Ok(Self { uri, client })
    }

    /// Gets the document.
    pub(super) async fn get(&self) -> Result<Fetched, NotFetched> {
        let whole = tokio::time::timeout(PATIENCE, self.exchange()).await;
        whole.unwrap_or(Err(NotFetched::TimedOut))
    }

    async fn exchange(&self) -> Result<Fetched, NotFetched> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        let accept = "application/jwk-set+json, application/json";
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        headers.insert(USER_AGENT, HeaderValue::from_static("tidewaiter"));
        let response = self.client.request(request).await.map_err(|error| {
            if error.is_connect() {
                NotFetched::Unreachable
            } else {
                NotFetched::Broken
            }
        })?;
        if response.status() != http::StatusCode::OK {
            return Err(NotFetched::Status);
        }
        let (head, body) = response.into_parts();
        Ok(Fetched {
            bytes: read(body).await?,
            max_age: max_age(&head.headers),
        })
    }
}

fn roots(file: &Path) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).ok()? {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}

/// The whole of `body`, given up as soon as it is, or says to be, too long.
async fn read(mut body: Incoming) -> Result<Bytes, NotFetched> {
    let room = u64::try_from(MOST).unwrap_or(u64::MAX);
    if body.size_hint().lower() > room {
        return Err(NotFetched::TooLarge);
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_error| NotFetched::Broken)?.into_data() else {
            continue;
        };
        if whole.len().saturating_add(data.len()) > MOST {
            return Err(NotFetched::TooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2); no time at all where nothing may be kept.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut age = None;
    for value in headers.get_all(CACHE_CONTROL) {
        for directive in value.to_str().unwrap_or_default().split(',') {
            let directive = directive.trim().to_ascii_lowercase();
            if directive == "no-store" || directive == "no-cache" {
                return Some(Duration::ZERO);
            }
            if let Some(seconds) = directive.strip_prefix("max-age=") {
                age = seconds.trim_matches('"').parse().ok();
            }
        }
    }
    age.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_caching_is_understood() {
        let said = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
            max_age(&headers).map(|age| age.as_secs())
        };
        assert_eq!(said("public, max-age=300"), Some(300));
        assert_eq!(said("Max-Age=\"7\""), Some(7));
        assert_eq!(said("max-age=300, no-store"), Some(0));
        assert_eq!(said("no-cache"), Some(0));
        assert_eq!(said("private"), None);
        assert_eq!(said("max-age=-1"), None);
        assert_eq!(said("max-age=99999999999999999999999"), None);
        assert_eq!(max_age(&HeaderMap::new()), None);
    }
}
