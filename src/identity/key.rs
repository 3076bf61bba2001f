//! An issuer's public keys, from a JWKS (RFC 7517), verified on ring.
//!
//! Promises that a key verifies the one algorithm it was made for and no other, that an RSA key
//! has 2048 to 8192 bits, and that a set with a private or symmetric key in it is refused whole.

use super::json;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyOperations, PublicKeyUse, RSAKeyParameters,
};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde_json::Value;
use std::collections::HashMap;

/// The member that marks the keys of the built-in issuer, for all to see.
pub(super) const LOCAL: &str = "tidewaiter_local_issuer";
/// Keys of one issuer, and keys in its set, ours to use or not.
const MOST: usize = 32;
const MOST_LISTED: usize = 128;

/// Keys by `kid`.
pub(super) type Keys = HashMap<String, Key>;

/// A JWKS cannot be used. Whoever put it there can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// It cannot be read.
    #[error("the key file cannot be read")]
    Unreadable,
    /// It is not a JSON object with `keys`.
    #[error("the key set is no JWKS, or repeats a key")]
    NoJwks,
    /// It holds a private or symmetric key, which has no business here.
    #[error("the key set holds a private or symmetric key")]
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
    /// There is no Ed25519, P-256 or RSA key that we may use in it, or more than 32 of them.
    #[error(
        "the key set has no Ed25519, P-256 or RSA key (2048 to 8192 bits) for signatures, or more \
         than 32"
    )]
    Count,
    /// They are the built-in issuer's, and the configuration does not allow it.
    #[error("the keys are the built-in issuer's, and allow_local_issuer is not set")]
    Local,
}

/// A public key and the one algorithm it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// Ed25519 (RFC 8037).
    Ed25519(Vec<u8>),
    /// ECDSA on P-256, a point of SEC 1 §2.3.3, uncompressed.
    P256(Vec<u8>),
    /// RSA, PKCS#1 v1.5 with SHA-256: modulus and exponent, big-endian.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
}

impl Key {
    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDSA,
            Self::P256(_) => Algorithm::ES256,
            Self::Rsa { .. } => Algorithm::RS256,
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(public) => {
                let key = UnparsedPublicKey::new(&ED25519, public);
                key.verify(message, signature).is_ok()
            }
            Self::P256(public) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public);
                key.verify(message, signature).is_ok()
            }
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

/// The keys in `bytes`, by `kid`; at least one. Keys of other types and for other uses are passed
/// over.
pub(super) fn keys(bytes: &[u8], allow_local: bool) -> Result<Keys, BadKeys> {
    let keys = listed(bytes, allow_local)?;
    if keys.is_empty() {
        return Err(BadKeys::Count);
    }
    Ok(keys)
}

/// The same, of a set that may be empty: an endpoint that lists no key has taken all of them back.
pub(super) fn listed(bytes: &[u8], allow_local: bool) -> Result<Keys, BadKeys> {
    let set = json::object(bytes).map_err(|json::NotStrict| BadKeys::NoJwks)?;
    if set.contains_key(LOCAL) && !allow_local {
        return Err(BadKeys::Local);
    }
    let listed = set.get("keys").and_then(Value::as_array);
    let listed = listed.ok_or(BadKeys::NoJwks)?;
    if listed.len() > MOST_LISTED {
        return Err(BadKeys::Count);
    }
    if listed.iter().any(is_private) {
        return Err(BadKeys::Private);
    }
    let set: JwkSet =
        serde_json::from_value(Value::Object(set)).map_err(|_error| BadKeys::NoJwks)?;
    let mut keys = Keys::new();
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
    if keys.len() > MOST {
        return Err(BadKeys::Count);
    }
    Ok(keys)
}

/// Whether a key has a part that is nobody's but its owner's (RFC 7518 §6).
fn is_private(key: &Value) -> bool {
    let parts = ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"];
    parts.iter().any(|part| key.get(part).is_some())
}

fn key(jwk: &Jwk) -> Result<Option<Key>, BadKeys> {
    let usage = jwk.common.public_key_use.as_ref();
    if usage.is_some_and(|usage| *usage != PublicKeyUse::Signature) {
        return Ok(None);
    }
    let may = jwk.common.key_operations.as_ref();
    if may.is_some_and(|may| !may.contains(&KeyOperations::Verify)) {
        return Ok(None);
    }
    let said = jwk.common.key_algorithm;
    let key = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Key::Ed25519(coordinate(&pair.x)?)
        }
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => {
            let point = [vec![4], coordinate(&point.x)?, coordinate(&point.y)?].concat();
            Key::P256(point)
        }
        // An RSA key may be for other algorithms, which are not for us.
        AlgorithmParameters::RSA(_) if said.is_some_and(|said| said != Algorithm::RS256.into()) => {
            return Ok(None);
        }
        AlgorithmParameters::RSA(rsa) => return self::rsa(rsa),
        // RFC 7517 §5: a set may hold keys that are not for us.
        AlgorithmParameters::OctetKeyPair(_)
        | AlgorithmParameters::EllipticCurve(_)
        | AlgorithmParameters::OctetKey(_)
        | AlgorithmParameters::Other(_)
        | _ => return Ok(None),
    };
    if said.is_some_and(|said| said != key.algorithm().into()) {
        return Err(BadKeys::Misfit);
    }
    Ok(Some(key))
}

/// None if the key is too short, too long, or of an exponent that nobody should use: RFC 7517 §5
/// passes over values out of range.
fn rsa(key: &RSAKeyParameters) -> Result<Option<Key>, BadKeys> {
    let number = |text: &str| {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_error| BadKeys::Misfit)?;
        // Some write a zero byte before a number whose first bit is set, as ASN.1 does.
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Ok(bytes.get(zeros..).unwrap_or_default().to_vec())
    };
    let (n, e) = (number(&key.n)?, number(&key.e)?);
    let spare = n.first().map_or(0, |first| first.leading_zeros());
    let bits = n.len().saturating_mul(8);
    let bits = bits.saturating_sub(usize::try_from(spare).unwrap_or(8));
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    let exponent = e.iter().fold(0_u64, |so_far, byte| {
        so_far.saturating_mul(256).saturating_add(u64::from(*byte))
    });
    let fits = (2_048..=8_192).contains(&bits)
        && is_odd(&n)
        && is_odd(&e)
        && (65_537..1 << 33).contains(&exponent);
    Ok(fits.then_some(Key::Rsa { n, e }))
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
