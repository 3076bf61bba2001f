//! Private keys that sign.

use super::SignFailed;
use crate::config::Secret;
use crate::config::upstream::auth::Algorithm;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

/// A private key of one algorithm.
pub(super) enum Key {
    Rs256(Box<RsaKeyPair>),
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Key {
    /// From PEM: PKCS #8, or PKCS #1 for RSA. RSA keys have 2,048 bits or more.
    pub(super) fn read(algorithm: Algorithm, pem: &Secret) -> Result<Self, SignFailed> {
        let der = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes());
        let der = der.map_err(|_error| SignFailed::Key)?;
        let key = match (algorithm, &der) {
            (Algorithm::Rs256, PrivateKeyDer::Pkcs8(key)) => {
                RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).map(|key| Self::Rs256(Box::new(key)))
            }
            (Algorithm::Rs256, PrivateKeyDer::Pkcs1(key)) => {
                RsaKeyPair::from_der(key.secret_pkcs1_der()).map(|key| Self::Rs256(Box::new(key)))
            }
            (Algorithm::Es256, PrivateKeyDer::Pkcs8(key)) => EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                key.secret_pkcs8_der(),
                &SystemRandom::new(),
            )
            .map(Self::Es256),
            // Other tools write these keys without the public part.
            (Algorithm::EdDsa, PrivateKeyDer::Pkcs8(key)) => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der()).map(Self::EdDsa)
            }
            (_, _) => return Err(SignFailed::Key),
        };
        key.map_err(|_rejected| SignFailed::Key)
    }

    /// The signature as JWS wants it (RFC 7518 §3.3, §3.4; RFC 8037 §3.1).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignFailed> {
        let random = SystemRandom::new();
        let failed = |_: ring::error::Unspecified| SignFailed::Machine;
        match self {
            Self::Rs256(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Self::Es256(key) => {
                let signature = key.sign(&random, message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::EdDsa(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}
