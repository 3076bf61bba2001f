//! An issuer of our own, for the demonstration and tests: its keys are marked, and an
//! [`super::Identity`] takes them only where the configuration allows the local issuer.

use super::key::LOCAL;
use super::signer::{Signer, SigningAlgorithm, Unsigned};
use crate::config::Issuer;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use std::path::Path;
use zeroize::Zeroizing;

/// Signs tokens with a key of its own.
#[derive(Debug)]
pub struct LocalIssuer {
    issuer: String,
    audience: String,
    signer: Signer,
}

impl LocalIssuer {
    /// An issuer called `issuer` with a fresh key, whose tokens are for `audience`.
    pub fn generate(
        issuer: &str,
        audience: &str,
        algorithm: SigningAlgorithm,
    ) -> Result<Self, Unsigned> {
        Ok(Self::new(issuer, audience, Signer::generate(algorithm)?))
    }

    /// The issuer whose Ed25519 key is in the file `key`; made there, readable by its owner
    /// only, if there is none.
    pub fn open(issuer: &str, audience: &str, key: &Path) -> Result<Self, Unsigned> {
        if !key.exists() {
            let fresh = Self::generate(issuer, audience, SigningAlgorithm::EdDsa)?;
            let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(fresh.signer.pkcs8()));
            crate::config::secret::write_private(key, text.as_bytes())?;
            return Ok(fresh);
        }
        let text = crate::config::secret::read_private(key)?;
        let pkcs8 = URL_SAFE_NO_PAD
            .decode(text.trim())
            .map_err(|_error| Unsigned::Key)?;
        let signer = Signer::from_pkcs8(Zeroizing::new(pkcs8))?;
        Ok(Self::new(issuer, audience, signer))
    }

    fn new(issuer: &str, audience: &str, signer: Signer) -> Self {
        let kid = format!("local-{}", signer.kid());
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            signer: signer.called(kid),
        }
    }

    /// The `kid` of its key.
    pub fn kid(&self) -> &str {
        self.signer.kid()
    }

    /// Its public key as a JWKS, marked as a local issuer's.
    pub fn jwks(&self) -> String {
        json!({ LOCAL: true, "keys": [self.signer.jwk()] }).to_string()
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
        TokenDraft {
            issuer: self,
            header: self.signer.header("at+jwt"),
            claims: Map::new(),
        }
        .claim("iss", self.issuer.as_str())
        .claim("aud", self.audience.as_str())
        .claim("sub", sub)
        .claim("iat", now_s)
        .claim("exp", now_s.saturating_add(300))
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
        self.issuer.signer.sign(self.header, self.claims)
    }
}

fn put(into: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() {
        into.remove(name);
    } else {
        into.insert(name.to_owned(), value);
    }
}
