//! How one of the exchange's services wants its callers to show who they are.

use super::super::seen::Asked;
use super::hmac::HmacLock;
use super::jws::JwsLock;
use super::once::Once;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// What opens the door of one service.
#[derive(Debug, Clone)]
pub enum Lock {
    /// `Authorization: Bearer …`.
    Bearer(SecretString),
    /// A header with a fixed value.
    Header(HeaderName, SecretString),
    /// `Authorization: Basic …`: user and password.
    Basic(String, SecretString),
    /// A keyed digest of the request.
    Hmac(HmacLock),
    /// The body in a token with every signer's signature.
    Jws(JwsLock),
}

impl From<SecretString> for Lock {
    fn from(token: SecretString) -> Self {
        Self::Bearer(token)
    }
}

impl From<&str> for Lock {
    fn from(token: &str) -> Self {
        Self::Bearer(token.into())
    }
}

impl Lock {
    /// What is asked, without its wrapping, if this opens.
    pub(super) fn open(&self, asked: &Asked, once: &Once, now_us: i64) -> Option<Asked> {
        let opens = match self {
            Self::Bearer(token) => {
                let given = one(&asked.headers, &AUTHORIZATION)?;
                same(given.strip_prefix("Bearer ")?, token.expose_secret())
            }
            Self::Header(name, value) => same(one(&asked.headers, name)?, value.expose_secret()),
            Self::Basic(user, password) => {
                let given = one(&asked.headers, &AUTHORIZATION)?;
                let given = STANDARD.decode(given.strip_prefix("Basic ")?).ok()?;
                let pair = format!("{user}:{}", password.expose_secret());
                same(std::str::from_utf8(&given).ok()?, &pair)
            }
            Self::Hmac(lock) => lock.opens(asked, once, now_us),
            Self::Jws(lock) => {
                let body = lock.open(&asked.body, once, now_us)?;
                let asked = asked.clone();
                return Some(Asked { body, ..asked });
            }
        };
        opens.then(|| asked.clone())
    }
}

/// The only value of a header.
pub(super) fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(only), None) => only.to_str().ok(),
        (_, _) => None,
    }
}

/// Digests have one length, so the comparison tells nothing about the secret's.
fn same(given: &str, secret: &str) -> bool {
    let [given, secret] = [given, secret].map(|text| digest(&SHA256, text.as_bytes()));
    given.as_ref().ct_eq(secret.as_ref()).into()
}
