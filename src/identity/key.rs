//! An issuer's public keys, from a JWKS file (RFC 7517), verified on ring.
//!
//! Promises that a key verifies the one algorithm it was made for and no other.

use super::json;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey, VerificationAlgorithm};
use serde_json::Value;
use std::collections::HashMap;

/// The member that marks the keys of the built-in issuer, for all to see.
pub(super) const LOCAL: &str = "tidewaiter_local_issuer";
const MOST: usize = 32;

/// A JWKS file cannot be used. Whoever put it there can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// It cannot be read.
    #[error("the key file cannot be read")]
    Unreadable,
    /// It is not a JSON object with `keys`.
    #[error("the key file is no JWKS, or repeats a key")]
    NoJwks,
    /// It holds a private or symmetric key, which has no business here.
    #[error("the key file holds a private or symmetric key")]
    Private,
    /// A key has no `kid`, or one of more than 128 bytes.
    #[error("a key has no kid, or a very long one")]
    NoKid,
    /// Two keys have one `kid`.
    #[error("two keys have the same kid")]
    SameKid,
    /// A key's parameters are not those of its type and `alg`.
    #[error("a key's parameters do not fit its type")]
    Misfit,
    /// There is no Ed25519 or P-256 key in it, or more than 32 keys.
    #[error("the key file has no Ed25519 or P-256 key for signatures, or more than 32 keys")]
    Count,
    /// They are the built-in issuer's, and the configuration does not allow it.
    #[error("the keys are the built-in issuer's, and allow_local_issuer is not set")]
    Local,
}

/// A public key and the one algorithm it is for.
#[derive(Debug)]
pub(super) struct Key {
    algorithm: Algorithm,
    public: UnparsedPublicKey<Vec<u8>>,
}

impl Key {
    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify(message, signature).is_ok()
    }
}

/// The keys in `bytes`, by `kid`. Keys of other types and for other uses are passed over.
pub(super) fn keys(bytes: &[u8], allow_local: bool) -> Result<HashMap<String, Key>, BadKeys> {
    let set = json::object(bytes).map_err(|json::NotStrict| BadKeys::NoJwks)?;
    if set.contains_key(LOCAL) && !allow_local {
        return Err(BadKeys::Local);
    }
    let listed = set.get("keys").and_then(Value::as_array);
    let listed = listed.ok_or(BadKeys::NoJwks)?;
    let private = |key: &Value| key.get("d").is_some() || key.get("k").is_some();
    if listed.iter().any(private) {
        return Err(BadKeys::Private);
    }
    let set: JwkSet =
        serde_json::from_value(Value::Object(set)).map_err(|_error| BadKeys::NoJwks)?;
    let mut keys = HashMap::new();
    for jwk in &set.keys {
        let Some(key) = key(jwk)? else { continue };
        let kid = jwk.common.key_id.as_deref().unwrap_or_default();
        if kid.is_empty() || kid.len() > 128 {
            return Err(BadKeys::NoKid);
        }
        if keys.insert(kid.to_owned(), key).is_some() {
            return Err(BadKeys::SameKid);
        }
    }
    if keys.is_empty() || keys.len() > MOST {
        return Err(BadKeys::Count);
    }
    Ok(keys)
}

fn key(jwk: &Jwk) -> Result<Option<Key>, BadKeys> {
    let usage = jwk.common.public_key_use.as_ref();
    if usage.is_some_and(|usage| *usage != PublicKeyUse::Signature) {
        return Ok(None);
    }
    let (algorithm, on, public): (_, &'static dyn VerificationAlgorithm, _) = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, &ED25519, coordinate(&pair.x)?)
        }
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => {
            // SEC 1 §2.3.3, uncompressed.
            let point = [vec![4], coordinate(&point.x)?, coordinate(&point.y)?].concat();
            (Algorithm::ES256, &ECDSA_P256_SHA256_FIXED, point)
        }
        // RFC 7517 §5: a set may hold keys that are not for us.
        AlgorithmParameters::OctetKeyPair(_)
        | AlgorithmParameters::EllipticCurve(_)
        | AlgorithmParameters::RSA(_)
        | AlgorithmParameters::OctetKey(_)
        | AlgorithmParameters::Other(_)
        | _ => return Ok(None),
    };
    let said = jwk.common.key_algorithm;
    if said.is_some_and(|said| said != algorithm.into()) {
        return Err(BadKeys::Misfit);
    }
    Ok(Some(Key {
        algorithm,
        public: UnparsedPublicKey::new(on, public),
    }))
}

fn coordinate(text: &str) -> Result<Vec<u8>, BadKeys> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_error| BadKeys::Misfit)?;
    if bytes.len() == 32 {
        Ok(bytes)
    } else {
        Err(BadKeys::Misfit)
    }
}
