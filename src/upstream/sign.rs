//! The gateway's own credentials on a request.
//!
//! Promises that a request is signed for one sending, that a credential stands where the
//! operation's own headers and parameters cannot, and that nothing here prints one.

use crate::clock::Clock;
use crate::config::upstream::auth;
use crate::config::{Auth, Secret, Upstream};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Request};
use zeroize::Zeroizing;

mod hmac;
mod jws;
mod key;

pub use hmac::Hmac;
pub use jws::Jws;

/// A credential does not fit, by itself or on a request. Whoever configured it can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignFailed {
    /// Not a bearer token's characters, or none.
    #[error("its credential cannot be sent as a bearer token")]
    Token,
    /// Not a header's name or value.
    #[error("its credential cannot be sent in a header")]
    Header,
    /// The secret is not written as configured.
    #[error("the secret of its auth is not written in its secret_encoding")]
    Secret,
    /// Not a private key of its algorithm.
    #[error("a key of its auth is no PEM private key (PKCS #8) of its algorithm")]
    Key,
    /// Certificate and key of mtls do not go together.
    #[error("the certificate and the key of its auth cannot be used together")]
    Certificate,
    /// It says twice who we are.
    #[error("its auth says twice who we are")]
    Twice,
    /// The request is none that can be signed so: a token wants a JSON body, and a parameter of
    /// the signature must not be there already.
    #[error("a request to it cannot be signed")]
    Request,
    /// Neither the system's randomness nor its cryptography can fail, and one did.
    #[error("the machine failed to sign")]
    Machine,
}

impl From<crate::random::NoRandomness> for SignFailed {
    fn from(_: crate::random::NoRandomness) -> Self {
        Self::Machine
    }
}

/// Puts the gateway's own credential on a request, whose URI, headers and body are final.
pub trait Sign: Send + Sync {
    /// Adds headers or parameters to the query, or wraps the body; changes nothing else. Called
    /// anew for each time that a request is sent.
    fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignFailed>;
}

/// The configured credential of an upstream.
pub(super) fn of(settings: &Upstream, clock: &Clock) -> Result<Box<dyn Sign>, SignFailed> {
    let mut sign: Option<Box<dyn Sign>> = None;
    let mut put = |one: Box<dyn Sign>| match sign.replace(one) {
        None => Ok(()),
        Some(_) => Err(SignFailed::Twice),
    };
    if let Some(token) = &settings.credential {
        put(Box::new(Bearer::new(token)?))?;
    }
    for auth in &settings.auth {
        match auth {
            Auth::Bearer(bearer) => put(Box::new(Bearer::new(&bearer.token)?))?,
            Auth::Header(header) => put(Box::new(Headers::new(header)?))?,
            Auth::Basic(basic) => put(Box::new(Headers::basic(basic)?))?,
            Auth::Hmac(hmac) => put(Box::new(Hmac::new(hmac, clock.clone())?))?,
            Auth::Jws(jws) => put(Box::new(Jws::new(jws, clock.clone())?))?,
            // The connection's business.
            Auth::Mtls(_) => {}
        }
    }
    Ok(sign.unwrap_or_else(|| Box::new(Unsigned)))
}

/// `authorization: Bearer …` (RFC 6750).
pub struct Bearer(HeaderValue);

impl Bearer {
    /// With `token`, which must be a bearer token's characters, at least one.
    pub fn new(token: &Secret) -> Result<Self, SignFailed> {
        let text = token.expose();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SignFailed::Token);
        }
        let line = Zeroizing::new(format!("Bearer {text}"));
        sensitive(&line).map(Self)
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

/// Headers that are the same on every request.
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// With these names and values.
    pub fn new(settings: &auth::Header) -> Result<Self, SignFailed> {
        let each = settings.headers.iter().map(|(name, value)| {
            let name = name.parse::<HeaderName>();
            let name = name.map_err(|_error| SignFailed::Header)?;
            Ok((name, sensitive(value.expose())?))
        });
        each.collect::<Result<_, _>>().map(Self)
    }

    /// `authorization: Basic …` (RFC 7617).
    pub fn basic(settings: &auth::Basic) -> Result<Self, SignFailed> {
        let password = settings.password.expose();
        if settings.user.contains(':') || password.chars().any(char::is_control) {
            return Err(SignFailed::Header);
        }
        let pair = Zeroizing::new(format!("{}:{password}", settings.user));
        let line = Zeroizing::new(format!("Basic {}", STANDARD.encode(&*pair)));
        Ok(Self(vec![(AUTHORIZATION, sensitive(&line)?)]))
    }
}

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl Sign for Headers {
    fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignFailed> {
        for (name, value) in &self.0 {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        Ok(())
    }
}

/// A header's value that is not printed: visible ASCII, spaces inside only.
fn sensitive(text: &str) -> Result<HeaderValue, SignFailed> {
    let value = crate::catalog::header_value(text).ok_or(SignFailed::Header)?;
    let mut value = value;
    value.set_sensitive(true);
    Ok(value)
}

/// No credential at all.
#[derive(Debug)]
struct Unsigned;

impl Sign for Unsigned {
    fn sign(&self, _: &mut Request<Bytes>) -> Result<(), SignFailed> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
