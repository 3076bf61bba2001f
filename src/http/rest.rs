//! REST at `/v1`: one file for each noun.
//!
//! A request of no form still becomes a call, so that it is authenticated and recorded (I1).

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

pub(super) mod conversation;
pub(super) mod operation;
mod speech;

/// A parameter of the path. One that is not UTF-8 names nothing, as nothing is called that.
pub(super) type Named = Result<Path<String>, PathRejection>;

/// Its text.
pub(super) fn name_of(named: Named) -> String {
    named.map_or_else(|_not_text| String::new(), |Path(name)| name)
}

/// A JSON response of bytes that are JSON already.
pub(super) fn json(status: StatusCode, bytes: impl Into<Bytes>) -> Response {
    let mut response = Response::new(axum::body::Body::from(bytes.into()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
