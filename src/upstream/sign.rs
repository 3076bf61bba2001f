//! The gateway's own credentials on a request.

use crate::config::Secret;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};

/// The credential does not fit on a request. Whoever configured it can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the upstream's credential cannot be put on a request")]
pub struct SignFailed;

/// Puts the gateway's own credential on a request, whose URI, headers and body are final.
pub trait Sign: Send + Sync {
    /// Adds headers; changes nothing else.
    fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignFailed>;
}

/// `authorization: Bearer …` (RFC 6750).
pub struct Bearer(HeaderValue);

impl Bearer {
    /// With `token`, which must be a bearer token's characters, at least one.
    pub fn new(token: &Secret) -> Result<Self, SignFailed> {
        let text = token.expose();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SignFailed);
        }
        let line = zeroize::Zeroizing::new(format!("Bearer {text}"));
        let mut value = HeaderValue::from_str(&line).map_err(|_error| SignFailed)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer([secret])")
    }
}

impl Sign for Bearer {
    fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignFailed> {
        request.headers_mut().insert(AUTHORIZATION, self.0.clone());
        Ok(())
    }
}

/// No credential at all.
#[derive(Debug)]
pub(super) struct Unsigned;

impl Sign for Unsigned {
    fn sign(&self, _: &mut Request<Bytes>) -> Result<(), SignFailed> {
        Ok(())
    }
}
