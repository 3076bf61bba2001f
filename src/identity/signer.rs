//! A private key that signs tokens: the built-in issuer's, that of exchanged tokens, an agent's.
//!
//! Promises that the key is wiped from memory when dropped and never printed.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// What a [`Signer`] signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256.
    Es256,
}

/// Keys or tokens could not be made, written or read.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// The random source failed us, or what should be a key is none.
    #[error("the key cannot be made, or is no Ed25519 or P-256 private key in PKCS#8")]
    Key,
    /// A file could not be read or written.
    #[error("a key file cannot be read or written")]
    File(#[from] std::io::Error),
    /// A secret file is not private.
    #[error("the key file: {0}")]
    Private(#[from] crate::config::secret::Unread),
}

/// A private key and the `kid` of its public half.
pub struct Signer {
    pair: Pair,
    kid: String,
    pkcs8: Zeroizing<Vec<u8>>,
}

enum Pair {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// A fresh key.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, Unsigned> {
        let random = SystemRandom::new();
        let pkcs8 = match algorithm {
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            }
        };
        let pkcs8 = pkcs8.map_err(|ring::error::Unspecified| Unsigned::Key)?;
        Self::from_pkcs8(Zeroizing::new(pkcs8.as_ref().to_vec()))
    }

    /// The key in a text of PEM: `PRIVATE KEY`, PKCS#8, with or without its public half.
    pub fn from_pem(text: &str) -> Result<Self, Unsigned> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes());
        let der = der.map_err(|_error| Unsigned::Key)?;
        Self::from_pkcs8(Zeroizing::new(der.secret_pkcs8_der().to_vec()))
    }

    pub(super) fn from_pkcs8(pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, Unsigned> {
        let on = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8) {
            Pair::EdDsa(pair)
        } else {
            EcdsaKeyPair::from_pkcs8(on, &pkcs8, &SystemRandom::new())
                .map(Pair::Es256)
                .map_err(|_error| Unsigned::Key)?
        };
        let public = ring::digest::digest(&ring::digest::SHA256, pair.public());
        let kid = hex::encode(public.as_ref().get(..8).unwrap_or_default());
        Ok(Self { pair, kid, pkcs8 })
    }

    /// With another `kid`.
    #[must_use]
    pub(super) fn called(mut self, kid: String) -> Self {
        self.kid = kid;
        self
    }

    /// The private key: a secret.
    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The private key in PEM: a secret, for a file that only its owner can read.
    pub fn to_pem(&self) -> Zeroizing<String> {
        let base64 = Zeroizing::new(STANDARD.encode(&*self.pkcs8));
        let mut text = String::with_capacity(base64.len() + 96);
        text.push_str("-----BEGIN PRIVATE KEY-----\n");
        let mut rest = base64.as_str();
        while let Some((line, more)) = rest.split_at_checked(64) {
            text.push_str(line);
            text.push('\n');
            rest = more;
        }
        if !rest.is_empty() {
            text.push_str(rest);
            text.push('\n');
        }
        text.push_str("-----END PRIVATE KEY-----\n");
        Zeroizing::new(text)
    }

    /// The `kid` of its public half.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, RFC 7517.
    pub fn jwk(&self) -> Value {
        let public = self.pair.public();
        let part = |from: usize, to: usize| {
            URL_SAFE_NO_PAD.encode(public.get(from..to).unwrap_or_default())
        };
        match &self.pair {
            Pair::EdDsa(_) => json!({
                "kty": "OKP", "crv": "Ed25519", "x": part(0, 32),
                "kid": self.kid, "alg": "EdDSA", "use": "sig",
            }),
            Pair::Es256(_) => json!({
                "kty": "EC", "crv": "P-256", "x": part(1, 33), "y": part(33, 65),
                "kid": self.kid, "alg": "ES256", "use": "sig",
            }),
        }
    }

    /// A JWKS of the public half alone.
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.jwk()] }).to_string()
    }

    /// `EdDSA` or `ES256`.
    pub fn algorithm(&self) -> &'static str {
        match &self.pair {
            Pair::EdDsa(_) => "EdDSA",
            Pair::Es256(_) => "ES256",
        }
    }

    /// A header for what it signs.
    pub(super) fn header(&self, typ: &str) -> Map<String, Value> {
        let mut header = Map::new();
        header.insert("typ".to_owned(), typ.into());
        header.insert("alg".to_owned(), self.algorithm().into());
        header.insert("kid".to_owned(), self.kid.as_str().into());
        header
    }

    /// The compact form (RFC 7515 §7.1) of a header and claims.
    pub(super) fn sign(
        &self,
        header: Map<String, Value>,
        claims: Map<String, Value>,
    ) -> Result<String, Unsigned> {
        let encode =
            |part: Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = self.signature(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Unsigned> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `openssl genpkey -algorithm ed25519`: without its public half.
    const OPENSSL_ED25519: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICitJ+1A+QcMnDtZvp22INSO2vmsO9j4VQ8pfH9ctp9w
-----END PRIVATE KEY-----
";

    #[test]
    fn a_key_is_the_same_after_pem() {
        for algorithm in [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256] {
            let signer = Signer::generate(algorithm).unwrap();
            let pem = signer.to_pem();
            assert!(pem.lines().all(|line| line.len() <= 64));
            assert_eq!(Signer::from_pem(&pem).unwrap().jwks(), signer.jwks());
        }
        let other = Signer::from_pem(OPENSSL_ED25519).unwrap();
        assert_eq!(other.algorithm(), "EdDSA");
    }

    #[test]
    fn what_is_no_key_is_refused_and_a_key_is_not_shown() {
        let rsa = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        for text in ["", "x", rsa] {
            assert!(matches!(Signer::from_pem(text), Err(Unsigned::Key)));
        }
        let signer = Signer::generate(SigningAlgorithm::EdDsa).unwrap();
        assert!(!format!("{signer:?}").contains("pkcs8"));
        assert!(!signer.jwks().contains("\"d\""));
    }
}
