//! The body in a token with several signatures (RFC 7515 §7.2.1), as Peatio's and Barong's
//! management APIs want it: every signer of the service must have signed, `exp` must be near,
//! `jti` new, and what the service gets to see is the claim `data`.

use super::once::{Once, REMEMBERED_US};
use crate::config::upstream::auth::Algorithm;
use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// How far the caller's clock may be off, seconds.
const LEEWAY_S: i64 = 10;
/// The longest a token may live, seconds: with the leeways less than what `jti`s are remembered.
const LIFETIME_S: i64 = 60;
/// More signatures than any service wants.
const SIGNATURES: usize = 8;

/// Opens to a token that every signer signed.
#[derive(Debug, Clone)]
pub struct JwsLock {
    /// Who must be `iss`.
    pub issuer: String,
    /// Who must be `aud`.
    pub audience: String,
    /// Whose signatures there must be.
    pub signers: Vec<Signer>,
}

/// A signer as the service knows it.
#[derive(Debug, Clone)]
pub struct Signer {
    /// Its name.
    pub kid: String,
    /// What its key signs with.
    pub algorithm: Algorithm,
    /// The public key: PKCS #1 for RSA, the uncompressed point for P-256, the 32 bytes of Ed25519.
    pub public: Vec<u8>,
}

#[derive(Deserialize)]
struct Token<'a> {
    #[serde(borrow)]
    payload: &'a str,
    #[serde(borrow)]
    signatures: Vec<Signed<'a>>,
}

#[derive(Deserialize)]
struct Signed<'a> {
    protected: &'a str,
    #[serde(borrow)]
    header: Header<'a>,
    signature: &'a str,
}

#[derive(Deserialize)]
struct Header<'a> {
    kid: &'a str,
}

#[derive(Deserialize)]
struct Protected {
    alg: String,
}

#[derive(Deserialize)]
struct Claims<'a> {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl JwsLock {
    /// The claim `data`, if the token is good for this moment and for the first time.
    pub(super) fn open(&self, body: &[u8], once: &Once, now_us: i64) -> Option<Bytes> {
        let token: Token<'_> = serde_json::from_slice(body).ok()?;
        if self.signers.is_empty() || token.signatures.len() > SIGNATURES {
            return None;
        }
        if !self.signers.iter().all(|signer| signer.signed(&token)) {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(token.payload).ok()?;
        let claims: Claims<'_> = serde_json::from_slice(&payload).ok()?;
        let now = now_us.div_euclid(1_000_000);
        let lifetime = claims.exp.checked_sub(claims.iat)?;
        let fresh = claims.iat <= now.saturating_add(LEEWAY_S)
            && claims.exp > now.saturating_sub(LEEWAY_S)
            && (1..=LIFETIME_S).contains(&lifetime);
        let ours = claims.iss == self.issuer && claims.aud == self.audience;
        let named = (8..=64).contains(&claims.jti.len());
        // Last, so that nobody but the signers fills the memory.
        (fresh && ours && named && once.is_first(&claims.jti, now_us))
            .then(|| Bytes::copy_from_slice(claims.data.get().as_bytes()))
    }
}

const _: () = assert!((LIFETIME_S + 2 * LEEWAY_S) * 1_000_000 <= REMEMBERED_US);

impl Signer {
    /// Whether a signature under this name is this signer's, over this payload.
    fn signed(&self, token: &Token<'_>) -> bool {
        let mut all = token.signatures.iter();
        all.any(|one| one.header.kid == self.kid && self.is_good(one, token.payload))
    }

    fn is_good(&self, one: &Signed<'_>, payload: &str) -> bool {
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let (Some(protected), Some(signature)) = (decoded(one.protected), decoded(one.signature))
        else {
            return false;
        };
        // The key says which algorithm, never the token.
        let named = serde_json::from_slice::<Protected>(&protected);
        let key = UnparsedPublicKey::new(self.verification(), &self.public);
        let input = format!("{}.{payload}", one.protected);
        named.is_ok_and(|named| named.alg == self.algorithm.as_str())
            && key.verify(input.as_bytes(), &signature).is_ok()
    }

    fn verification(&self) -> &'static dyn VerificationAlgorithm {
        match self.algorithm {
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
            Algorithm::EdDsa => &ED25519,
        }
    }
}
