//! The body in a token with several signatures (RFC 7515 §7.2.1), as the management APIs of
//! Peatio and Barong want it: `{"payload", "signatures": [{"protected", "header": {"kid"},
//! "signature"}]}`, where the payload's claim `data` is what would have been the body.
//!
//! The token names no path: that it is for this request is TLS's promise, and `jti` and `exp` that
//! it is for one.

use super::key::Key;
use super::{Sign, SignFailed};
use crate::clock::Clock;
use crate::config::upstream::auth;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request};
use serde::Serialize;
use serde_json::value::RawValue;

/// Wraps the body of a request that has one.
pub struct Jws {
    issuer: String,
    subject: Option<String>,
    audience: Vec<String>,
    lifetime_s: i64,
    signers: Vec<Signer>,
    clock: Clock,
}

struct Signer {
    kid: String,
    /// The protected header, encoded.
    protected: String,
    key: Key,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Audience<'a>>,
    iat: i64,
    exp: i64,
    jti: String,
    data: &'a RawValue,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Audience<'a> {
    One(&'a str),
    Several(&'a [String]),
}

#[derive(Serialize)]
struct Token<'a> {
    payload: String,
    signatures: Vec<Signed<'a>>,
}

#[derive(Serialize)]
struct Signed<'a> {
    protected: &'a str,
    header: Header<'a>,
    signature: String,
}

#[derive(Serialize)]
struct Header<'a> {
    kid: &'a str,
}

impl Jws {
    /// With the configured keys and claims.
    pub fn new(settings: &auth::Jws, clock: Clock) -> Result<Self, SignFailed> {
        let signers = settings.keys.iter().map(|one| {
            let protected = format!(r#"{{"alg":"{}"}}"#, one.alg.as_str());
            Ok(Signer {
                kid: one.kid.clone(),
                protected: URL_SAFE_NO_PAD.encode(protected),
                key: Key::read(one.alg, &one.key)?,
            })
        });
        let signers = signers.collect::<Result<Vec<_>, SignFailed>>()?;
        if signers.is_empty() {
            return Err(SignFailed::Key);
        }
        Ok(Self {
            issuer: settings.issuer.clone(),
            subject: settings.subject.clone(),
            audience: settings.audience.clone(),
            lifetime_s: i64::try_from(settings.lifetime.as_secs()).unwrap_or(i64::MAX),
            signers,
            clock,
        })
    }

    /// The token around `data`.
    fn token(&self, data: &RawValue) -> Result<Vec<u8>, SignFailed> {
        let now_s = self.clock.now_s();
        let aud = match self.audience.as_slice() {
            [] => None,
            [one] => Some(Audience::One(one)),
            several => Some(Audience::Several(several)),
        };
        let claims = Claims {
            iss: &self.issuer,
            sub: self.subject.as_deref(),
            aud,
            iat: now_s,
            exp: now_s.saturating_add(self.lifetime_s),
            jti: hex::encode(crate::random::bytes::<16>()?),
            data,
        };
        let claims = serde_json::to_vec(&claims).map_err(|_error| SignFailed::Request)?;
        let payload = URL_SAFE_NO_PAD.encode(claims);
        let signatures = self.signers.iter().map(|signer| signer.sign(&payload));
        let signatures = signatures.collect::<Result<_, _>>()?;
        let token = Token {
            payload,
            signatures,
        };
        serde_json::to_vec(&token).map_err(|_error| SignFailed::Request)
    }
}

impl Signer {
    fn sign(&self, payload: &str) -> Result<Signed<'_>, SignFailed> {
        let input = format!("{}.{payload}", self.protected);
        let signature = self.key.sign(input.as_bytes())?;
        Ok(Signed {
            protected: &self.protected,
            header: Header { kid: &self.kid },
            signature: URL_SAFE_NO_PAD.encode(signature),
        })
    }
}

impl std::fmt::Debug for Jws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kids = self.signers.iter().map(|signer| &signer.kid);
        f.debug_set().entries(kids).finish()
    }
}

impl Sign for Jws {
    fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignFailed> {
        let json = HeaderValue::from_static("application/json");
        let has_none = matches!(*request.method(), Method::GET | Method::DELETE);
        let kind = request.headers().get(CONTENT_TYPE);
        if has_none || kind.is_some_and(|kind| *kind != json) {
            return Err(SignFailed::Request);
        }
        let body = if request.body().is_empty() {
            b"{}"
        } else {
            request.body().as_ref()
        };
        let data = serde_json::from_slice::<&RawValue>(body);
        let data = data.map_err(|_error| SignFailed::Request)?;
        let token = self.token(data)?;
        *request.body_mut() = Bytes::from(token);
        request.headers_mut().insert(CONTENT_TYPE, json);
        Ok(())
    }
}
