//! The request to the upstream, made of the catalog's template, checked arguments and the
//! subject's id.
//!
//! Promises I4: the subject's id is put in by the gateway, last, and nothing an agent gives can
//! stand in its place. A value never adds a path segment, a query parameter or a header.

use crate::catalog::{Encoding, Operation, Place};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use std::fmt;

/// What to send, without the upstream's base address and the gateway's credentials.
#[derive(Clone)]
pub struct UpstreamRequest {
    /// The method.
    pub method: http::Method,
    /// The path from `/`, with the query; percent-encoded.
    pub path_and_query: String,
    /// Headers from arguments and the subject, and the body's type.
    pub headers: HeaderMap,
    /// The body, in the operation's encoding.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for UpstreamRequest {
    /// The method only: the rest has the subject's id and the agent's values in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// No request can be made of this; the text names no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The operation is about a customer and there is none; the gateway's own doing.
    #[error("the operation needs a subject")]
    NoSubject,
    /// The subject's id does not fit where the catalog puts it; the issuer's doing.
    #[error("the subject's id does not fit its place in the request")]
    Subject,
    /// An argument was not checked before; the gateway's own doing.
    #[error("an argument does not fit its place in the request")]
    Argument,
}

impl Operation {
    /// The request for checked arguments and the subject's id upstream.
    pub fn request(
        &self,
        arguments: &Map<String, Value>,
        subject_uid: Option<&str>,
    ) -> Result<UpstreamRequest, RequestError> {
        if self.needs_subject() && subject_uid.is_none_or(str::is_empty) {
            return Err(RequestError::NoSubject);
        }
        let mut parts = Parts {
            body: self.body.clone(),
            ..Parts::default()
        };
        for (name, value) in arguments {
            let argument = self.argument(name).ok_or(RequestError::Argument)?;
            parts
                .put(&argument.place, value)
                .ok_or(RequestError::Argument)?;
        }
        if let Some(place) = &self.subject {
            let uid = subject_uid.ok_or(RequestError::NoSubject)?;
            let uid = Value::String(uid.to_owned());
            parts.put(place, &uid).ok_or(RequestError::Subject)?;
        }
        parts.finish(self)
    }
}

/// The places of a request while they are filled. Putting twice replaces, so the last wins.
#[derive(Default)]
struct Parts {
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Map<String, Value>,
}

impl Parts {
    fn put(&mut self, place: &Place, value: &Value) -> Option<()> {
        match place {
            Place::Path(name) => replace(&mut self.path, name, segment(&plain(value)?)?),
            Place::Query(name) => replace(&mut self.query, name, encode(&plain(value)?)),
            Place::Header(name) => {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                self.headers.insert(name, header(&plain(value)?)?);
            }
            Place::Body(name) => {
                self.body.insert(name.clone(), value.clone());
            }
        }
        Some(())
    }

    fn finish(mut self, operation: &Operation) -> Result<UpstreamRequest, RequestError> {
        let mut target = String::new();
        for part in operation.path.split('/').skip(1) {
            target.push('/');
            match placeholder(part) {
                None => target.push_str(part),
                Some(name) => {
                    let filled = self.path.iter().find(|(n, _)| n == name);
                    let (_, value) = filled.ok_or(RequestError::Argument)?;
                    target.push_str(value);
                }
            }
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            target.push(if at == 0 { '?' } else { '&' });
            target.push_str(&encode(name));
            target.push('=');
            target.push_str(value);
        }
        let full = !self.body.is_empty();
        let body = full.then(|| written(self.body, operation.encoding));
        let body = body.transpose()?;
        if body.is_some() {
            let kind = HeaderValue::from_static(operation.encoding.content_type());
            self.headers.insert(CONTENT_TYPE, kind);
        }
        Ok(UpstreamRequest {
            method: operation.method.clone(),
            path_and_query: target,
            headers: self.headers,
            body,
        })
    }
}

/// The body's members as one JSON object or one form. A value never ends its field of the form.
fn written(body: Map<String, Value>, encoding: Encoding) -> Result<Vec<u8>, RequestError> {
    let text = match encoding {
        Encoding::Json => Value::Object(body).to_string(),
        Encoding::Form => {
            let fields = body.iter().map(|(name, value)| {
                let value = plain(value).ok_or(RequestError::Argument)?;
                Ok(format!("{}={}", encode(name), encode(&value)))
            });
            fields.collect::<Result<Vec<_>, _>>()?.join("&")
        }
    };
    Ok(text.into_bytes())
}

fn replace(places: &mut Vec<(String, String)>, name: &str, value: String) {
    places.retain(|(n, _)| n != name);
    places.push((name.to_owned(), value));
}

/// The name in `{name}`, if a segment of a template is one.
pub(crate) fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A scalar as text. Arrays, objects and null have none.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value as one path segment. Refused is whatever some server on the way may read as more than
/// one segment, as another one, or as the end of the path, encoded or not.
pub(crate) fn segment(value: &str) -> Option<String> {
    let splits = |b: u8| matches!(b, b'/' | b'\\' | b'%' | b'?' | b'#' | b';');
    let odd = |b: u8| !b.is_ascii_graphic() || splits(b);
    if value.is_empty() || value == "." || value == ".." || value.bytes().any(odd) {
        return None;
    }
    Some(encode(value))
}

/// A value as a header's: visible ASCII, spaces inside only.
pub(crate) fn header(value: &str) -> Option<HeaderValue> {
    let visible = value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    if value.is_empty() || !visible || value.trim() != value {
        return None;
    }
    HeaderValue::from_str(value).ok()
}

/// Percent-encoding of all but the unreserved characters (RFC 3986 §2.3).
fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}
