//! A request before it is signed: what the operation built, and headers of ours.
//!
//! Promises that no header of the operation is one of the connection's, the credential's or the
//! client's.

use super::failed::Failed;
use crate::catalog::{Effect, Encoding};
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};

/// What is to be sent to an upstream.
#[derive(Clone)]
pub struct Outgoing<'a> {
    /// The method.
    pub method: Method,
    /// Put below the upstream's base path.
    pub path_and_query: &'a str,
    /// The operation's own. One that belongs to others makes the request fail.
    pub headers: HeaderMap,
    /// The body, if there is one, and how it is written.
    pub body: Option<(Encoding, Bytes)>,
    /// Sent as `idempotency-key`.
    pub idempotency_key: Option<&'a str>,
    /// Whether it changes the upstream. Only what does not is ever sent twice.
    pub effect: Effect,
}

impl<'a> Outgoing<'a> {
    /// A read by `GET`, without headers of its own.
    pub fn read(path_and_query: &'a str) -> Self {
        Self {
            method: Method::GET,
            path_and_query,
            headers: HeaderMap::new(),
            body: None,
            idempotency_key: None,
            effect: Effect::Read,
        }
    }

    /// Whether it may be sent again: a read that the catalog declares, by a method that reads are
    /// made with.
    pub(super) fn is_repeatable(&self) -> bool {
        let reads = self.method == Method::GET || self.method == Method::POST;
        reads && self.effect == Effect::Read && self.idempotency_key.is_none()
    }

    /// The request to `uri`, not signed yet.
    pub(super) fn request(self, uri: Uri) -> Result<Request<Bytes>, Failed> {
        let mut headers = self.headers;
        if headers.keys().any(is_reserved) {
            return Err(Failed::Misconfigured);
        }
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::ACCEPT, json);
        headers.insert(header::USER_AGENT, HeaderValue::from_static("tidewaiter"));
        if let Some(key) = self.idempotency_key {
            let value = HeaderValue::from_str(key).map_err(|_error| Failed::Misconfigured)?;
            headers.insert(IDEMPOTENCY_KEY, value);
        }
        let body = self.body.map(|(encoding, body)| {
            let kind = HeaderValue::from_static(encoding.content_type());
            headers.insert(header::CONTENT_TYPE, kind);
            body
        });
        let mut request = Request::new(body.unwrap_or_default());
        *request.method_mut() = self.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

impl std::fmt::Debug for Outgoing<'_> {
    /// The method only: the rest has the subject's id and the agent's values in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Headers an operation must not set: they belong to the connection, the credential or to us.
const OURS: [HeaderName; 22] = [
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
    IDEMPOTENCY_KEY,
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

/// Whether a header belongs to the connection, the credential or the client.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    let text = name.as_str();
    let ours = ["x-forwarded-", "proxy-", "keep-alive"];
    OURS.contains(name) || ours.iter().any(|start| text.starts_with(start))
}
