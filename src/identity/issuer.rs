//! An issuer of our own, for the demonstration and tests: its keys are marked, and an
//! [`super::Identity`] takes them only where the configuration allows the local issuer.

use super::key::LOCAL;
use crate::config::Issuer;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Map, Value, json};
use std::path::Path;
use zeroize::Zeroizing;

/// What the local issuer signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256.
    Es256,
}

/// The local issuer's keys or tokens could not be made, written or read.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// The random source or the key file failed us.
    #[error("the local issuer's key cannot be made or is not one")]
    Key,
    /// A file could not be read or written.
    #[error("the local issuer's files cannot be read or written")]
    File(#[from] std::io::Error),
    /// A secret file is not private.
    #[error("the local issuer's key file: {0}")]
    Private(#[from] crate::config::secret::Unread),
}

/// Signs tokens with a key of its own.
pub struct LocalIssuer {
    issuer: String,
    audience: String,
    kid: String,
    pair: Pair,
    pkcs8: Zeroizing<Vec<u8>>,
}

enum Pair {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
}

impl std::fmt::Debug for LocalIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalIssuer")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl LocalIssuer {
    /// An issuer called `issuer` with a fresh key, whose tokens are for `audience`.
    pub fn generate(
        issuer: &str,
        audience: &str,
        algorithm: SigningAlgorithm,
    ) -> Result<Self, Unsigned> {
        let random = SystemRandom::new();
        let pkcs8 = match algorithm {
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            }
        };
        let pkcs8 = pkcs8.map_err(|ring::error::Unspecified| Unsigned::Key)?;
        Self::from_pkcs8(issuer, audience, Zeroizing::new(pkcs8.as_ref().to_vec()))
    }

    /// The issuer whose Ed25519 key is in the file `key`; made there, readable by its owner
    /// only, if there is none.
    pub fn open(issuer: &str, audience: &str, key: &Path) -> Result<Self, Unsigned> {
        if !key.exists() {
            let fresh = Self::generate(issuer, audience, SigningAlgorithm::EdDsa)?;
            let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(&*fresh.pkcs8));
            crate::config::secret::write_private(key, text.as_bytes())?;
            return Ok(fresh);
        }
        let text = crate::config::secret::read_private(key)?;
        let pkcs8 = URL_SAFE_NO_PAD
            .decode(text.trim())
            .map_err(|_error| Unsigned::Key)?;
        Self::from_pkcs8(issuer, audience, Zeroizing::new(pkcs8))
    }

    fn from_pkcs8(
        issuer: &str,
        audience: &str,
        pkcs8: Zeroizing<Vec<u8>>,
    ) -> Result<Self, Unsigned> {
        let on = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = if let Ok(pair) = Ed25519KeyPair::from_pkcs8(&pkcs8) {
            Pair::EdDsa(pair)
        } else {
            EcdsaKeyPair::from_pkcs8(on, &pkcs8, &SystemRandom::new())
                .map(Pair::Es256)
                .map_err(|_error| Unsigned::Key)?
        };
        let public = ring::digest::digest(&ring::digest::SHA256, pair.public());
        let kid = hex::encode(public.as_ref().get(..8).unwrap_or_default());
        Ok(Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            kid: format!("local-{kid}"),
            pair,
            pkcs8,
        })
    }

    /// The `kid` of its key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its public key as a JWKS, marked as a local issuer's.
    pub fn jwks(&self) -> String {
        let public = self.pair.public();
        let part = |from: usize, to: usize| {
            URL_SAFE_NO_PAD.encode(public.get(from..to).unwrap_or_default())
        };
        let key = match &self.pair {
            Pair::EdDsa(_) => json!({
                "kty": "OKP", "crv": "Ed25519", "x": part(0, 32),
                "kid": self.kid, "alg": "EdDSA", "use": "sig",
            }),
            Pair::Es256(_) => json!({
                "kty": "EC", "crv": "P-256", "x": part(1, 33), "y": part(33, 65),
                "kid": self.kid, "alg": "ES256", "use": "sig",
            }),
        };
        json!({ LOCAL: true, "keys": [key] }).to_string()
    }

    /// Writes [`Self::jwks`] to `path`.
    pub fn write_jwks(&self, path: &Path) -> Result<(), Unsigned> {
        Ok(std::fs::write(path, self.jwks())?)
    }

    /// Writes its JWKS to `jwks_file`, and gives the configuration of an issuer of all kinds of
    /// tokens with `acr` `low`, `substantial` and `high`.
    pub fn trust(&self, jwks_file: &Path) -> Result<Issuer, Unsigned> {
        self.write_jwks(jwks_file)?;
        Ok(Issuer::of_everything(
            &self.issuer,
            &self.audience,
            jwks_file,
        ))
    }

    /// A token of `agent` acting for the customer `sub`, whom the upstreams know as `uid`.
    pub fn agent_token(&self, agent: &str, sub: &str, uid: &str, now_s: i64) -> TokenDraft<'_> {
        self.token(sub, now_s)
            .claim("client_id", agent)
            .claim("act", json!({ "sub": agent }))
            .claim("uid", uid)
    }

    /// A token of `agent` alone, for a guest's chat.
    pub fn guest_token(&self, agent: &str, now_s: i64) -> TokenDraft<'_> {
        self.token(agent, now_s).claim("client_id", agent)
    }

    /// A token of the customer `sub`, whom the upstreams know as `uid`.
    pub fn customer_token(&self, sub: &str, uid: &str, now_s: i64) -> TokenDraft<'_> {
        self.token(sub, now_s)
            .claim("client_id", "exchange-app")
            .claim("uid", uid)
    }

    /// A token of the officer `sub` with `roles`.
    pub fn officer_token(&self, sub: &str, roles: &[super::Role], now_s: i64) -> TokenDraft<'_> {
        let roles: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        self.token(sub, now_s)
            .claim("client_id", "console")
            .claim("roles", roles)
    }

    fn token(&self, sub: &str, now_s: i64) -> TokenDraft<'_> {
        let algorithm = match &self.pair {
            Pair::EdDsa(_) => "EdDSA",
            Pair::Es256(_) => "ES256",
        };
        TokenDraft {
            issuer: self,
            header: Map::new(),
            claims: Map::new(),
        }
        .header("typ", "at+jwt")
        .header("alg", algorithm)
        .header("kid", self.kid.as_str())
        .claim("iss", self.issuer.as_str())
        .claim("aud", self.audience.as_str())
        .claim("sub", sub)
        .claim("iat", now_s)
        .claim("exp", now_s.saturating_add(300))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unsigned> {
        match &self.pair {
            Pair::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|ring::error::Unspecified| Unsigned::Key),
        }
    }
}

impl Pair {
    fn public(&self) -> &[u8] {
        match self {
            Self::EdDsa(pair) => pair.public_key().as_ref(),
            Self::Es256(pair) => pair.public_key().as_ref(),
        }
    }
}

/// A token not signed yet; it is good for five minutes unless told otherwise.
#[derive(Debug)]
#[must_use]
pub struct TokenDraft<'i> {
    issuer: &'i LocalIssuer,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TokenDraft<'_> {
    /// With the claim `name` set, or taken out if `value` is null.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        put(&mut self.claims, name, value.into());
        self
    }

    /// With the header `name` set, or taken out if `value` is null.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        put(&mut self.header, name, value.into());
        self
    }

    /// Good for `lifetime_s` seconds from its `iat`.
    pub fn lifetime(self, lifetime_s: i64) -> Self {
        let from = self.claims.get("iat").and_then(Value::as_i64);
        let until = from.unwrap_or_default().saturating_add(lifetime_s);
        self.claim("exp", until)
    }

    /// In the chat session `sid`.
    pub fn session(self, sid: &str) -> Self {
        self.claim("sid", sid)
    }

    /// With the assurance `acr`.
    pub fn acr(self, acr: &str) -> Self {
        self.claim("acr", acr)
    }

    /// Stating the subject's name, e-mail address and telephone number.
    pub fn about(self, name: &str, email: &str, phone: &str) -> Self {
        self.claim("name", name)
            .claim("email", email)
            .claim("phone_number", phone)
    }

    /// The signed token.
    pub fn sign(self) -> Result<String, Unsigned> {
        let encode =
            |part: Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string());
        let signed = format!("{}.{}", encode(self.header), encode(self.claims));
        let signature = self.issuer.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn put(into: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() {
        into.remove(name);
    } else {
        into.insert(name.to_owned(), value);
    }
}
