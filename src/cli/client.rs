//! A small client of a running gateway, for the commands that go through it and for the tour.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The longest answer taken, bytes.
const MOST: usize = 256 * 1024 * 1024;

/// For how long a gateway may build what is fetched, seconds.
const MOST_BUILDING_S: u64 = 3_600;

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetching {
    /// Nothing has come yet.
    Building {
        /// For so long.
        seconds: u64,
    },
    /// It comes.
    Bytes {
        /// So many bytes so far.
        got: u64,
        /// Of so many, if the gateway says so.
        of: Option<u64>,
    },
}

/// A download that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its length.
    pub bytes: u64,
    /// How many records are in it, if the gateway says so.
    pub records: Option<String>,
}

/// A client of one gateway.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    http: Legacy<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// What a gateway answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON; null if it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

impl Client {
    /// A client of the gateway at `base`, such as `https://gateway.example`; `ca` is a PEM file to
    /// trust instead of the web's authorities.
    pub fn new(base: &str, ca: Option<&Path>) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        match ca {
            Some(path) => {
                for certificate in CertificateDer::pem_file_iter(path).context("the CA file")? {
                    roots.add(certificate?)?;
                }
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let https = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let http = Legacy::builder(TokioExecutor::new()).build(https);
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            token: None,
            http,
        })
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.trim().to_owned()),
            ..self.clone()
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Result<Request<Full<Bytes>>> {
        let uri: Uri = format!("{}{path}", self.base)
            .parse()
            .context("the address")?;
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .body(Full::new(bytes))?;
        let to = request.headers_mut();
        if body.is_some() {
            to.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = &self.token {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .context("the token cannot be sent")?;
            value.set_sensitive(true);
            to.insert(AUTHORIZATION, value);
        }
        for (name, value) in headers {
            let value = percent_if_needed(value);
            to.insert(
                HeaderName::from_static(name),
                HeaderValue::from_str(&value)?,
            );
        }
        Ok(request)
    }

    /// Sends a request and waits up to two minutes for the whole answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Result<Reply> {
        let request = self.request(method, path, headers, body)?;
        let answer = async {
            let response = self.http.request(request).await.context("the gateway")?;
            let (head, body) = response.into_parts();
            match Limited::new(body, MOST).collect().await {
                Ok(whole) => Ok(Reply {
                    status: head.status,
                    headers: head.headers,
                    body: whole.to_bytes(),
                }),
                Err(_broken_or_too_long) => bail!("the answer was cut short or is too long"),
            }
        };
        tokio::time::timeout(Duration::from_mins(2), answer)
            .await
            .context("no answer in time")?
    }

    /// `GET` of something large that takes its time to be made: its pieces go to `write` as they
    /// come, and `progress` is told how far it is. What was refused comes back whole.
    pub async fn download(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        mut write: impl FnMut(&[u8]) -> Result<()>,
        mut progress: impl FnMut(Fetching),
    ) -> Result<std::result::Result<Received, Reply>> {
        let request = self.request(Method::GET, path, headers, None)?;
        let mut sending = std::pin::pin!(self.http.request(request));
        let mut seconds = 0;
        let response = loop {
            let tick = tokio::time::timeout(Duration::from_secs(1), &mut sending);
            match tick.await {
                Ok(response) => break response.context("the gateway")?,
                Err(_elapsed) => seconds += 1,
            }
            anyhow::ensure!(seconds < MOST_BUILDING_S, "no answer in time");
            progress(Fetching::Building { seconds });
        };
        let (head, mut body) = response.into_parts();
        if !head.status.is_success() {
            let whole = Limited::new(body, MOST).collect().await;
            let Ok(whole) = whole else {
                bail!("the answer was cut short or is too long");
            };
            return Ok(Err(Reply {
                status: head.status,
                headers: head.headers,
                body: whole.to_bytes(),
            }));
        }
        let said = |name: &str| head.headers.get(name)?.to_str().ok().map(str::to_owned);
        let of = said("content-length").and_then(|length| length.parse().ok());
        let mut got = 0_u64;
        loop {
            let frame = tokio::time::timeout(Duration::from_mins(2), body.frame());
            let Some(frame) = frame.await.context("no answer in time")? else {
                break;
            };
            let frame = frame.context("the answer was cut short")?;
            if let Ok(data) = frame.into_data() {
                write(&data)?;
                got += u64::try_from(data.len())?;
                progress(Fetching::Bytes { got, of });
            }
        }
        anyhow::ensure!(of.is_none_or(|of| of == got), "the answer was cut short");
        let records = said("bundle-records");
        Ok(Ok(Received {
            bytes: got,
            records,
        }))
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Result<Reply> {
        self.send(Method::GET, path, &[], None).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply> {
        self.send(Method::POST, path, &[], Some(body)).await
    }
}

/// Header values are ASCII; other text goes percent-encoded (RFC 8187 style, UTF-8).
fn percent_if_needed(value: &str) -> String {
    if value.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return value.to_owned();
    }
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
