//! A signed token (RFC 7515 compact form, RFC 9068): from text to claims whose signature holds.
//!
//! Promises that nothing is read from a token for a decision before its signature is verified,
//! but the names of its issuer and key; and that the header chooses neither key nor algorithm.
//! Leaves what the claims mean to [`super::claim`] and [`super::verify`].

use super::json;
use super::key::Key;
use super::unknown::Unknown;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value};

/// The longest token, bytes.
pub(super) const LONGEST: usize = 8_192;

/// A token taken apart, its signature not yet verified.
#[derive(Debug)]
pub(super) struct Parsed<'t> {
    signed: &'t str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
    claims: Map<String, Value>,
}

impl<'t> Parsed<'t> {
    pub(super) fn parse(token: &'t str) -> Result<Self, Unknown> {
        if token.len() > LONGEST {
            return Err(Unknown::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Unknown::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Unknown::Malformed)?;
        let header = header_of(&decode(header)?)?;
        let claims = object(&decode(payload)?)?;
        Ok(Self {
            signed,
            signature: decode(signature)?,
            algorithm: header.alg,
            kid: header.kid.filter(|kid| !kid.is_empty()),
            typ: header.typ,
            claims,
        })
    }

    /// Who says to have issued it: to find the keys with, and for nothing else.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether it says to be an access token (RFC 9068 §4): an id token or anything else signed by
    /// the same key is none. With `plain`, one that says nothing is taken too, unless it has what
    /// only id tokens and events have.
    pub(super) fn is_access(&self, plain: bool) -> bool {
        let typ = self.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        if typ == "at+jwt" {
            return true;
        }
        let marks = ["at_hash", "c_hash", "s_hash", "events"];
        let named = [("token_use", "access"), ("typ", "Bearer")];
        let other = |(claim, access): &(&str, &str)| {
            let said = self.claims.get(*claim);
            said.is_some_and(|said| said.as_str() != Some(access))
        };
        plain
            && ["", "jwt"].contains(&typ)
            && !marks.iter().any(|mark| self.claims.contains_key(*mark))
            && !named.iter().any(other)
    }

    /// Whether it says to be a client's assertion, or just a JWT (RFC 7523 §3).
    pub(super) fn is_assertion(&self) -> bool {
        let typ = self.typ.as_deref().unwrap_or("JWT");
        ["JWT", "client-authentication+jwt"]
            .iter()
            .any(|word| typ.eq_ignore_ascii_case(word))
    }

    /// The claims, if `key` signed them.
    pub(super) fn verify(self, key: &Key) -> Result<Map<String, Value>, Unknown> {
        if self.algorithm != key.algorithm() {
            return Err(Unknown::Algorithm);
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(Unknown::Signature);
        }
        Ok(self.claims)
    }
}

fn header_of(bytes: &[u8]) -> Result<Header, Unknown> {
    let header = object(bytes)?;
    // We know no critical header (RFC 7515 §4.1.11), and no encryption or compression.
    if ["crit", "enc", "zip", "b64"]
        .iter()
        .any(|name| header.contains_key(*name))
    {
        return Err(Unknown::Critical);
    }
    let named = header.get("alg").and_then(Value::as_str);
    if !named.is_some_and(|name| ["EdDSA", "ES256", "RS256"].contains(&name)) {
        return Err(Unknown::Algorithm);
    }
    serde_json::from_value(Value::Object(header)).map_err(|_error| Unknown::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, Unknown> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_error| Unknown::Malformed)
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Unknown> {
    json::object(bytes).map_err(|json::NotStrict| Unknown::Malformed)
}
