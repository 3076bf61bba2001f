//! What an upstream answers, read within bounds.

use super::failed::Failed;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

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

/// `application/json`, or a subtype that ends in `+json` (RFC 6839), and not compressed.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
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
pub(super) async fn read(mut body: Incoming, most: usize) -> Result<Bytes, Failed> {
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
pub(super) async fn drain(body: &mut Incoming) {
    let mut left: usize = 16 * 1024;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
