//! What came in: for tests that ask what the gateway sent, and what it did not.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Uri};
use bytes::Bytes;

/// Longest kept part of a body.
const BODY_KEPT: usize = 64 * 1024;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// All headers, the credential included.
    pub headers: HeaderMap,
    /// The first 64 KiB of the body; what was signed, without its wrapping, if it was let in.
    pub body: Bytes,
}

impl Seen {
    /// How many are kept.
    pub const KEPT: usize = 1_024;

    /// A header's text, where there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|it| it.to_str().ok())
    }

    /// Path, headers and body as one text, to look for what must not be there.
    pub fn text(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| {
            format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
        });
        let headers: String = headers.collect();
        let body = String::from_utf8_lossy(&self.body);
        format!("{} {}\n{headers}\n{body}", self.method, self.path)
    }
}

/// A request that can be made more than once.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    pub(super) fn request(self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request
    }
}

/// The bounded list of requests.
#[derive(Debug, Default)]
pub(super) struct Journal {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    kept: VecDeque<Seen>,
    count: u64,
}

impl Journal {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, asked: &Asked) {
        let path = asked
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string);
        // Copied, so that a large body is not held for its beginning.
        let body = asked.body.get(..BODY_KEPT).map(Bytes::copy_from_slice);
        let seen = Seen {
            method: asked.method.clone(),
            path,
            headers: asked.headers.clone(),
            body: body.unwrap_or_else(|| asked.body.clone()),
        };
        let mut inner = self.lock();
        if inner.kept.len() >= Seen::KEPT {
            inner.kept.pop_front();
        }
        inner.kept.push_back(seen);
        inner.count = inner.count.saturating_add(1);
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.lock().kept.iter().cloned().collect()
    }

    pub(super) fn count(&self) -> u64 {
        self.lock().count
    }

    pub(super) fn clear(&self) {
        *self.lock() = Inner::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_bounded_and_the_count_is_not() {
        let journal = Journal::default();
        for at in 0..Seen::KEPT + 5 {
            journal.note(&Asked {
                method: Method::GET,
                uri: format!("/{at}").parse().unwrap(),
                headers: HeaderMap::new(),
                body: Bytes::from(vec![b'x'; BODY_KEPT + 1]),
            });
        }
        let seen = journal.seen();
        assert_eq!((seen.len(), seen[0].path.as_str()), (Seen::KEPT, "/5"));
        assert_eq!(seen[0].body.len(), BODY_KEPT);
        assert_eq!(journal.count(), 1_029);
    }
}
