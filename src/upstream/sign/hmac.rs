//! A keyed digest of the request (RFC 2104), over the parts that the upstream wants, put where it
//! wants them.

use super::{Sign, SignFailed, sensitive};
use crate::clock::Clock;
use crate::config::Secret;
use crate::config::upstream::auth::{self, Encoded, Hash, Nonce, Sent, Spot, Unit, Written};
use crate::config::upstream::canonical::{Canonical, Part, Piece};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::uri::PathAndQuery;
use http::{Request, Uri};
use ring::hmac;
use std::sync::atomic::{AtomicI64, Ordering};
use url::form_urlencoded::{byte_serialize, parse};
use zeroize::Zeroizing;

/// Signs requests with a shared secret.
pub struct Hmac {
    secret: hmac::Key,
    key: Option<Secret>,
    string: Canonical,
    encoding: Written,
    unit: Unit,
    nonce: Nonce,
    send: Sent,
    clock: Clock,
    /// The last increasing nonce.
    last: AtomicI64,
}

/// What differs from one sending to the next.
struct Once {
    timestamp: String,
    nonce: String,
}

impl Hmac {
    /// With the configured secret, string and places.
    pub fn new(settings: &auth::Hmac, clock: Clock) -> Result<Self, SignFailed> {
        let text = settings.secret.expose();
        let secret = match settings.secret_encoding {
            Encoded::Text => text.as_bytes().to_vec(),
            Encoded::Hex => hex::decode(text).map_err(|_error| SignFailed::Secret)?,
            Encoded::Base64 => STANDARD.decode(text).map_err(|_error| SignFailed::Secret)?,
        };
        let secret = Zeroizing::new(secret);
        if secret.is_empty() {
            return Err(SignFailed::Secret);
        }
        let hash = match settings.hash {
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha384 => hmac::HMAC_SHA384,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        Ok(Self {
            secret: hmac::Key::new(hash, &secret),
            key: settings.key.clone(),
            string: settings.string.clone(),
            encoding: settings.encoding,
            unit: settings.timestamp,
            nonce: settings.nonce,
            send: settings.send.clone(),
            clock,
            last: AtomicI64::new(0),
        })
    }

    fn now(&self) -> i64 {
        let us = self.clock.now_us();
        match self.unit {
            Unit::Seconds => us / 1_000_000,
            Unit::Milliseconds => us / 1_000,
            Unit::Microseconds => us,
        }
    }

    fn once(&self) -> Result<Once, SignFailed> {
        let now = self.now();
        let nonce = match self.nonce {
            Nonce::Random => hex::encode(crate::random::bytes::<16>()?),
            Nonce::Increasing => {
                let next = |last: i64| last.saturating_add(1).max(now);
                let step = |last| Some(next(last));
                let last = self
                    .last
                    .fetch_update(Ordering::AcqRel, Ordering::Acquire, step);
                next(last.unwrap_or_else(|last| last)).to_string()
            }
        };
        Ok(Once {
            timestamp: now.to_string(),
            nonce,
        })
    }

    fn api_key(&self) -> &str {
        self.key.as_ref().map_or("", Secret::expose)
    }

    fn digest(&self, request: &Request<Bytes>, once: &Once) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.secret);
        for part in self.string.parts() {
            match part {
                Part::Text(text) => context.update(text.as_bytes()),
                Part::Of(piece) => self.update(&mut context, *piece, request, once),
            }
        }
        context.sign()
    }

    fn update(
        &self,
        context: &mut hmac::Context,
        piece: Piece,
        request: &Request<Bytes>,
        once: &Once,
    ) {
        let uri = request.uri();
        match piece {
            Piece::Timestamp => context.update(once.timestamp.as_bytes()),
            Piece::Nonce => context.update(once.nonce.as_bytes()),
            Piece::Key => context.update(self.api_key().as_bytes()),
            Piece::Method => context.update(request.method().as_str().as_bytes()),
            Piece::Path => context.update(uri.path().as_bytes()),
            Piece::Query => context.update(uri.query().unwrap_or_default().as_bytes()),
            Piece::Target => {
                let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
                context.update(target.as_bytes());
            }
            Piece::Body => context.update(request.body()),
            Piece::BodySha256 => {
                let digest = ring::digest::digest(&ring::digest::SHA256, request.body());
                context.update(hex::encode(digest).as_bytes());
            }
        }
    }
}

impl std::fmt::Debug for Hmac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hmac([secret])")
    }
}

impl Sign for Hmac {
    fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignFailed> {
        let once = self.once()?;
        let parts = [
            (&self.send.key, self.api_key()),
            (&self.send.timestamp, &once.timestamp),
            (&self.send.nonce, &once.nonce),
        ];
        for (spot, value) in parts {
            if let Some(spot) = spot {
                put(request, spot, value)?;
            }
        }
        // Now that all but the signature is in its place.
        let digest = self.digest(request, &once);
        let digest = match self.encoding {
            Written::Hex => hex::encode(digest),
            Written::Base64 => STANDARD.encode(digest),
        };
        put(request, &self.send.signature, &digest)
    }
}

fn put(request: &mut Request<Bytes>, spot: &Spot, value: &str) -> Result<(), SignFailed> {
    match spot {
        Spot::Header(name) => {
            let name = name.parse::<HeaderName>();
            let name = name.map_err(|_error| SignFailed::Header)?;
            request.headers_mut().insert(name, sensitive(value)?);
            Ok(())
        }
        Spot::Query(name) => {
            // An argument must not stand in a signature's place.
            if is_there(request, name) {
                return Err(SignFailed::Request);
            }
            let path = request.uri().path();
            let before = request.uri().query().filter(|query| !query.is_empty());
            let before = before.map_or_else(String::new, |query| format!("{query}&"));
            let value: String = byte_serialize(value.as_bytes()).collect();
            let target = format!("{path}?{before}{name}={value}");
            let mut parts = request.uri().clone().into_parts();
            let target = PathAndQuery::try_from(target).map_err(|_error| SignFailed::Request)?;
            parts.path_and_query = Some(target);
            let uri = Uri::from_parts(parts).map_err(|_error| SignFailed::Request)?;
            *request.uri_mut() = uri;
            Ok(())
        }
    }
}

/// Whether the query has a parameter of this name, or the form, which some servers merge with it.
fn is_there(request: &Request<Bytes>, name: &str) -> bool {
    let has = |text: &[u8]| parse(text).any(|(one, _)| one == name);
    let form = request.headers().get(CONTENT_TYPE);
    let form = form.is_some_and(|kind| kind.as_bytes() == b"application/x-www-form-urlencoded");
    has(request.uri().query().unwrap_or_default().as_bytes()) || (form && has(request.body()))
}
