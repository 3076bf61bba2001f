//! `[upstreams.auth]`: how the gateway shows an upstream who it is.
//!
//! Promises that every secret is named and not written here, that what an upstream could not
//! verify is refused before the first request, and that `Debug` shows no secret.
//! Leaves reading keys and signing to [`crate::upstream`].

use super::canonical::Canonical;
use crate::config::Secret;
use crate::config::fault::Faults;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

mod check;

/// One way of showing who the gateway is.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Auth {
    /// `authorization: Bearer …`.
    Bearer(Bearer),
    /// Fixed headers, such as `X-Api-Key`.
    Header(Header),
    /// `authorization: Basic …` (RFC 7617).
    Basic(Basic),
    /// A client's certificate in the TLS handshake. The only kind that goes with another.
    Mtls(Mtls),
    /// A keyed digest of the request, in a header or the query.
    Hmac(Hmac),
    /// The JSON body in a token with several signatures (RFC 7515 §7.2), as the management APIs
    /// of Peatio and Barong want it.
    Jws(Jws),
}

/// A token for `authorization: Bearer …`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bearer {
    /// The token.
    pub token: Secret,
}

/// Headers with secret values.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Value by name.
    pub headers: BTreeMap<String, Secret>,
}

/// A user and a password.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The user's name, without a colon.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// A client's certificate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mtls {
    /// PEM of the certificate, then of those between it and the authority.
    pub cert: PathBuf,
    /// PEM of its private key.
    pub key: Secret,
}

/// A keyed digest of the request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The key of the digest.
    pub secret: Secret,
    /// How its bytes are written.
    #[serde(default)]
    pub secret_encoding: Encoded,
    /// The name under which the upstream knows the secret: an API key.
    pub key: Option<Secret>,
    /// The hash function.
    #[serde(default)]
    pub hash: Hash,
    /// What is digested.
    pub string: Canonical,
    /// How the digest is written.
    #[serde(default)]
    pub encoding: Written,
    /// What `{timestamp}` counts since 1970.
    #[serde(default)]
    pub timestamp: Unit,
    /// What `{nonce}` is.
    #[serde(default)]
    pub nonce: Nonce,
    /// Where the parts go.
    pub send: Sent,
}

/// Where the parts of an HMAC go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// The digest.
    pub signature: Spot,
    /// The API key.
    pub key: Option<Spot>,
    /// The time.
    pub timestamp: Option<Spot>,
    /// The number used once.
    pub nonce: Option<Spot>,
}

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spot {
    /// A header of this name.
    Header(String),
    /// A query parameter of this name.
    Query(String),
}

/// How a secret's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoded {
    /// As they are.
    #[default]
    Text,
    /// Hexadecimal.
    Hex,
    /// Base64 (RFC 4648 §4).
    Base64,
}

/// How a digest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Written {
    /// Hexadecimal, lower case.
    #[default]
    Hex,
    /// Base64 (RFC 4648 §4).
    Base64,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// What a timestamp counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    #[default]
    Milliseconds,
    /// Microseconds.
    Microseconds,
}

/// What a number used once is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nonce {
    /// 16 random bytes in hexadecimal.
    #[default]
    Random,
    /// The time in the timestamp's unit, always greater than the one before. Of one process:
    /// each replica needs a secret of its own where the upstream compares.
    Increasing,
}

/// A token around the body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jws {
    /// `iss`.
    pub issuer: String,
    /// `sub`, if the upstream wants one.
    pub subject: Option<String>,
    /// `aud`, if the upstream wants one.
    #[serde(default)]
    pub audience: Vec<String>,
    /// From `iat` to `exp`.
    #[serde(
        rename = "lifetime_s",
        default = "lifetime",
        deserialize_with = "crate::config::duration::s"
    )]
    pub lifetime: Duration,
    /// Who signs: each makes one signature.
    pub keys: Vec<SigningKey>,
}

/// One of a token's signers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningKey {
    /// The name under which the upstream knows it.
    pub kid: String,
    /// The algorithm.
    pub alg: Algorithm,
    /// PEM of the private key: PKCS #8, or PKCS #1 for RSA.
    pub key: Secret,
}

/// A signature algorithm of RFC 7518 and RFC 8037.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2,048 bits and more.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// Its name in a token.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

fn lifetime() -> Duration {
    Duration::from_secs(30)
}

/// A table, or an array of them.
pub(super) fn one_or_two<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Auth>, D::Error> {
    struct OneOrTwo;
    impl<'de> Visitor<'de> for OneOrTwo {
        type Value = Vec<Auth>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table with a kind, or an array of them")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            Auth::deserialize(MapAccessDeserializer::new(map)).map(|one| vec![one])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }
    }
    from.deserialize_any(OneOrTwo)
}

impl Auth {
    /// Its secrets, each with its key below `auth`.
    pub(super) fn secrets(&mut self) -> Vec<(String, &mut Secret)> {
        let named = |name: &str| format!(".{name}");
        match self {
            Self::Bearer(bearer) => vec![(named("token"), &mut bearer.token)],
            Self::Header(header) => {
                let each = header.headers.iter_mut();
                each.map(|(name, value)| (format!(".headers.{name}"), value))
                    .collect()
            }
            Self::Basic(basic) => vec![(named("password"), &mut basic.password)],
            Self::Mtls(mtls) => vec![(named("key"), &mut mtls.key)],
            Self::Hmac(hmac) => {
                let key = hmac.key.as_mut().map(|key| (named("key"), key));
                std::iter::once((named("secret"), &mut hmac.secret))
                    .chain(key)
                    .collect()
            }
            Self::Jws(jws) => {
                let each = jws.keys.iter_mut().enumerate();
                each.map(|(at, key)| (format!(".keys[{at}].key"), &mut key.key))
                    .collect()
            }
        }
    }

    pub(super) fn check(&self, at: &str, https: bool, faults: &mut Faults) {
        match self {
            Self::Bearer(_) => {}
            Self::Header(header) => header.check(at, faults),
            Self::Basic(basic) => faults.unless(
                !basic.user.contains(':') && !basic.user.chars().any(char::is_control),
                format!("{at}.user"),
                "has a colon or a control character",
            ),
            Self::Mtls(_) => {
                faults.unless(https, at, "is mtls, which needs an https url");
            }
            Self::Hmac(hmac) => hmac.check(at, faults),
            Self::Jws(jws) => jws.check(at, faults),
        }
    }
}
