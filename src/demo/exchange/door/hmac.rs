//! A keyed digest over time, number, method, target and body, as the desk wants it:
//!
//!     X-Desk-Key: the caller's name
//!     X-Desk-Timestamp: milliseconds since 1970, at most 30 s off
//!     X-Desk-Nonce: anything, once
//!     X-Desk-Signature: hex(HMAC-SHA256(secret, TIMESTAMP LF NONCE LF METHOD LF TARGET LF BODY))

use super::super::seen::Asked;
use super::lock::one;
use super::once::Once;
use axum::http::header::HeaderName;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

/// How far a timestamp may be off.
const WINDOW_US: i64 = 30 * 1_000_000;

/// Opens to who knows the secret.
#[derive(Debug, Clone)]
pub struct HmacLock {
    /// The caller's name.
    pub key: String,
    /// The shared secret.
    pub secret: SecretString,
}

impl HmacLock {
    pub(super) fn opens(&self, asked: &Asked, once: &Once, now_us: i64) -> bool {
        self.verify(asked, once, now_us).is_some()
    }

    fn verify(&self, asked: &Asked, once: &Once, now_us: i64) -> Option<()> {
        let header = |name| one(&asked.headers, &HeaderName::from_static(name));
        let timestamp = header("x-desk-timestamp")?;
        let nonce = header("x-desk-nonce")?;
        let signature = hex::decode(header("x-desk-signature")?).ok()?;
        let at_us = timestamp.parse::<i64>().ok()?.checked_mul(1_000)?;
        let target = asked.uri.path_and_query()?.as_str();
        let head = format!("{timestamp}\n{nonce}\n{}\n{target}\n", asked.method);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes());
        let message = [head.as_bytes(), &asked.body].concat();
        hmac::verify(&key, &message, &signature).ok()?;
        let known = header("x-desk-key")? == self.key;
        let fresh = now_us.saturating_sub(at_us).abs() <= WINDOW_US;
        let short = (1..=64).contains(&nonce.len());
        // Last, so that nobody but the caller fills the memory.
        (known && fresh && short && once.is_first(nonce, now_us)).then_some(())
    }
}
