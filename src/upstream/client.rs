//! The only HTTP client: pooled connections, strict TLS, no redirects, bounded answers.

use super::address::Address;
use super::failed::Failed;
use super::sign::{Bearer, Sign, Unsigned};
use crate::config::Upstream as Settings;
use crate::telemetry::metric;
use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

/// An upstream cannot be set up; whoever configured it can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misconfigured {
    /// Its URL is not https, or http on loopback, or holds more than scheme, host, port and path.
    #[error("upstream {0}: its url cannot be used")]
    Url(String),
    /// Its CA file is not there or holds no certificate that can be trusted.
    #[error("upstream {0}: its ca file has no usable certificate")]
    Ca(String),
    /// Its credential cannot be sent.
    #[error("upstream {0}: its credential cannot be sent as a bearer token")]
    Credential(String),
    /// Its name is used twice, or there is none of this name.
    #[error("upstream {0}: the name is used twice or not at all")]
    Name(String),
    /// TLS cannot be set up.
    #[error("upstream {0}: TLS cannot be set up")]
    Tls(String),
}

/// An upstream's answer of status 2xx.
#[derive(Clone)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Its whole body.
    pub body: Bytes,
    /// Whether it says to be JSON, not compressed.
    pub content_type_json: bool,
}

impl Response {
    /// The body, if it says to be JSON.
    pub fn json(self) -> Result<Bytes, Failed> {
        if self.content_type_json {
            Ok(self.body)
        } else {
            Err(Failed::NotJson)
        }
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Every upstream, by name.
pub struct Upstreams(HashMap<String, Upstream>);

/// DNS, TCP and TLS, in time.
type Connect = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, tower::BoxError>;

struct Upstream {
    address: Address,
    client: Client<Connect, Full<Bytes>>,
    sign: Box<dyn Sign>,
    timeout: Duration,
    most: usize,
}

impl std::fmt::Debug for Upstreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Upstreams {
    /// Sets up every upstream; a credential becomes a bearer token. Connects to none.
    pub fn new(settings: &[Settings]) -> Result<Self, Misconfigured> {
        let mut all = HashMap::new();
        for one in settings {
            let name = one.name.clone();
            if all.insert(name.clone(), Upstream::new(one)?).is_some() {
                return Err(Misconfigured::Name(name));
            }
        }
        Ok(Self(all))
    }

    /// With `sign` in place of the credential of the upstream called `name`.
    pub fn signed_by(mut self, name: &str, sign: Box<dyn Sign>) -> Result<Self, Misconfigured> {
        match self.0.get_mut(name) {
            Some(upstream) => upstream.sign = sign,
            None => return Err(Misconfigured::Name(name.to_owned())),
        }
        Ok(self)
    }

    /// Whether there is an upstream called `name`.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Sends one request and reads the whole answer.
    ///
    /// `path_and_query` is put below the upstream's base path. `headers` are the operation's own;
    /// one that belongs to the connection, the credential or the client makes the request fail.
    /// A body is JSON. A request that may have been sent is never sent twice.
    pub async fn send(
        &self,
        upstream: &str,
        method: Method,
        path_and_query: &str,
        headers: HeaderMap,
        body: Option<Bytes>,
        idempotency_key: Option<&str>,
    ) -> Result<Response, Failed> {
        let name = upstream;
        let upstream = self.0.get(name).ok_or(Failed::Misconfigured)?;
        let uri = upstream.address.uri(path_and_query)?;
        let mut headers = with_ours(headers, idempotency_key)?;
        if body.is_some() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
        }
        let mut request = Request::new(body.unwrap_or_default());
        *request.method_mut() = method;
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers;
        upstream
            .sign
            .sign(&mut request)
            .map_err(|_error| Failed::Misconfigured)?;
        // Whatever signed it: it stays where it was going.
        *request.uri_mut() = uri;
        let started = Instant::now();
        let answer = tokio::time::timeout(upstream.timeout, upstream.exchange(request)).await;
        let answer = answer.unwrap_or(Err(Failed::TimedOut));
        metric::upstream(name, started.elapsed(), answer.as_ref().err().copied());
        answer
    }
}

impl Upstream {
    fn new(settings: &Settings) -> Result<Self, Misconfigured> {
        let name = || settings.name.clone();
        let base = settings
            .base()
            .map_err(|_error| Misconfigured::Url(name()))?;
        let address = Address::new(&base).ok_or_else(|| Misconfigured::Url(name()))?;
        let sign: Box<dyn Sign> = match &settings.credential {
            Some(token) => {
                let bearer = Bearer::new(token);
                Box::new(bearer.map_err(|_error| Misconfigured::Credential(name()))?)
            }
            None => Box::new(Unsigned),
        };
        let https = connector(settings, &address)?;
        // Around DNS, TCP and TLS together, so that a time-out here means: never sent.
        let connect = Connect::new(Timeout::new(https, settings.connect_timeout));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(64)
            .http1_max_headers(64)
            .http1_max_buf_size(64 * 1024)
            .build(connect);
        Ok(Self {
            address,
            client,
            sign,
            timeout: settings.timeout,
            most: settings.max_response_bytes,
        })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response, Failed> {
        let request = request.map(Full::new);
        let response = self.client.request(request).await.map_err(|error| {
            if error.is_connect() {
                Failed::Unreachable
            } else {
                Failed::Broken
            }
        })?;
        let status = response.status();
        let (head, mut body) = response.into_parts();
        if !status.is_success() {
            // The status counts, whether or not the rest of it comes.
            drop(tokio::time::timeout(Duration::from_millis(500), drain(&mut body)).await);
            return Err(if status.is_redirection() {
                Failed::Redirected
            } else {
                Failed::Status(status.as_u16())
            });
        }
        let content_type_json = is_json(&head.headers);
        Ok(Response {
            status: status.as_u16(),
            body: read(body, self.most).await?,
            content_type_json,
        })
    }
}

fn connector(
    settings: &Settings,
    address: &Address,
) -> Result<HttpsConnector<HttpConnector>, Misconfigured> {
    let tls = |_| Misconfigured::Tls(settings.name.clone());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = HttpsConnectorBuilder::new();
    let builder = if let Some(file) = &settings.ca {
        let roots = roots(file).ok_or_else(|| Misconfigured::Ca(settings.name.clone()))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        builder.with_tls_config(config)
    } else {
        let builder = builder.with_provider_and_webpki_roots(provider);
        builder.map_err(|_error| Misconfigured::Tls(settings.name.clone()))?
    };
    let builder = if address.is_https() {
        builder.https_only()
    } else {
        builder.https_or_http()
    };
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    Ok(builder.enable_http1().wrap_connector(tcp))
}

fn roots(file: &Path) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).ok()? {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}

/// Headers an operation must not set: they belong to the connection, the credential or to us.
const OURS: [HeaderName; 21] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::EXPECT,
    header::FORWARDED,
    header::HOST,
    header::ORIGIN,
    header::PROXY_AUTHORIZATION,
    header::RANGE,
    header::REFERER,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
    header::VIA,
];

fn with_ours(mut headers: HeaderMap, key: Option<&str>) -> Result<HeaderMap, Failed> {
    let forbidden = |name: &HeaderName| {
        let text = name.as_str();
        OURS.contains(name)
            || ["x-forwarded-", "proxy-", "keep-alive", "idempotency-key"]
                .iter()
                .any(|start| text.starts_with(start))
    };
    if headers.keys().any(forbidden) {
        return Err(Failed::Misconfigured);
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("tidewaiter"));
    if let Some(key) = key {
        let value = HeaderValue::from_str(key).map_err(|_error| Failed::Misconfigured)?;
        headers.insert(HeaderName::from_static("idempotency-key"), value);
    }
    Ok(headers)
}

/// `application/json`, or a subtype that ends in `+json` (RFC 6839), and not compressed.
fn is_json(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        return false;
    };
    let essence = one.to_str().unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    let suffixed = essence.starts_with("application/") && essence.ends_with("+json");
    (essence == "application/json" || suffixed) && !headers.contains_key(header::CONTENT_ENCODING)
}

/// The whole of `body`, given up as soon as it is, or says to be, longer than `most`.
async fn read(mut body: Incoming, most: usize) -> Result<Bytes, Failed> {
    let room = u64::try_from(most).unwrap_or(u64::MAX);
    if body.size_hint().lower() > room {
        return Err(Failed::TooLarge);
    }
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_error| Failed::Broken)?.into_data() else {
            continue;
        };
        let so_far = whole.len().max(first.as_ref().map_or(0, Bytes::len));
        if so_far.saturating_add(data.len()) > most {
            return Err(Failed::TooLarge);
        }
        // Most answers come in one piece, which needs no copy.
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(one) => {
                whole.extend_from_slice(&one);
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

/// Reads a short body to its end, unseen, so that the connection can be used again.
async fn drain(body: &mut Incoming) {
    let mut left: usize = 16 * 1024;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
