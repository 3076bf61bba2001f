//! Who the gateway is to the demonstration exchange: keys made once per directory, what the
//! exchange knows of them, and what the gateway's configuration says about them.

use crate::config::secret::{read_private, write_private};
use crate::config::upstream::auth::Algorithm;
use crate::demo::exchange::{
    ACCOUNTS_BASE, CORE_BASE, Credentials, DESK_BASE, HmacLock, JwsLock, Lock, Signer,
};
use anyhow::{Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The gateway's name at the exchange.
const NAME: &str = "tidewaiter";
/// Who else signs for the trading core: it lets nobody in on one key.
const SECOND: &str = "support-desk";

static P256: &EcdsaSigningAlgorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;

/// What opens the exchange's doors; makes in `dir/secrets` what is not there yet.
pub(super) fn credentials(dir: &Path) -> Result<Credentials> {
    let name = place(dir, "desk.name");
    if !name.exists() {
        write_private(&name, NAME.as_bytes())?;
    }
    let token = |audience: &str, signers| {
        Lock::Jws(JwsLock {
            issuer: NAME.to_owned(),
            audience: audience.to_owned(),
            signers,
        })
    };
    Ok(Credentials {
        core: token(
            "peatio",
            vec![
                signer(dir, "core-1.pem", NAME, Algorithm::EdDsa)?,
                signer(dir, "core-2.pem", SECOND, Algorithm::Es256)?,
            ],
        ),
        accounts: token(
            "barong",
            vec![signer(dir, "accounts.pem", NAME, Algorithm::Es256)?],
        ),
        desk: Lock::Hmac(HmacLock {
            key: NAME.to_owned(),
            secret: password(dir, "desk")?.as_str().into(),
        }),
    })
}

/// The part of the gateway's configuration that goes with them.
pub(super) fn configuration(exchange: &str) -> String {
    format!(
        r#"[[upstreams]]
name = "core"
url = "{exchange}{CORE_BASE}"

# The body of each request in a token with two signatures.
[upstreams.auth]
kind = "jws"
issuer = "{NAME}"
audience = ["peatio"]
keys = [
    {{ kid = "{NAME}", alg = "EdDSA", key = {{ file = "secrets/core-1.pem" }} }},
    {{ kid = "{SECOND}", alg = "ES256", key = {{ file = "secrets/core-2.pem" }} }},
]

[[upstreams]]
name = "accounts"
url = "{exchange}{ACCOUNTS_BASE}"

[upstreams.auth]
kind = "jws"
issuer = "{NAME}"
audience = ["barong"]
keys = [{{ kid = "{NAME}", alg = "ES256", key = {{ file = "secrets/accounts.pem" }} }}]

[[upstreams]]
name = "desk"
url = "{exchange}{DESK_BASE}"

# A keyed digest over each request.
[upstreams.auth]
kind = "hmac"
secret = {{ file = "secrets/desk" }}
key = {{ file = "secrets/desk.name" }}
string = "{{timestamp}}\n{{nonce}}\n{{method}}\n{{target}}\n{{body}}"

[upstreams.auth.send]
key = {{ header = "X-Desk-Key" }}
timestamp = {{ header = "X-Desk-Timestamp" }}
nonce = {{ header = "X-Desk-Nonce" }}
signature = {{ header = "X-Desk-Signature" }}
"#
    )
}

/// The secret text of this name: 24 random bytes in hexadecimal, made once.
pub(super) fn password(dir: &Path, name: &str) -> Result<Zeroizing<String>> {
    let path = place(dir, name);
    if !path.exists() {
        let secret = Zeroizing::new(hex::encode(crate::random::bytes::<24>()?));
        write_private(&path, secret.as_bytes())?;
    }
    let text = read_private(&path)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// A signer whose private key is in a file of this name, made once.
fn signer(dir: &Path, file: &str, kid: &str, algorithm: Algorithm) -> Result<Signer> {
    let path = place(dir, file);
    let random = SystemRandom::new();
    let failed = |_: ring::error::Unspecified| anyhow!("no key could be made");
    let rejected = |_: ring::error::KeyRejected| anyhow!("{file} is not what was made");
    if !path.exists() {
        let pkcs8 = match algorithm {
            Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(P256, &random),
            Algorithm::Rs256 => bail!("RSA keys are not made here"),
        };
        write_private(&path, pem(pkcs8.map_err(failed)?.as_ref()).as_bytes())?;
    }
    let text = read_private(&path)?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes());
    let key = key.map_err(|_error| anyhow!("{file} is not what was made"))?;
    let der = key.secret_pkcs8_der();
    let public = match algorithm {
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(der).map_err(rejected)?;
            pair.public_key().as_ref().to_vec()
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(P256, der, &random).map_err(rejected)?;
            pair.public_key().as_ref().to_vec()
        }
        Algorithm::Rs256 => bail!("RSA keys are not made here"),
    };
    Ok(Signer {
        kid: kid.to_owned(),
        algorithm,
        public,
    })
}

fn place(dir: &Path, name: &str) -> PathBuf {
    dir.join("secrets").join(name)
}

/// RFC 7468 §10.
fn pem(pkcs8: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(STANDARD.encode(pkcs8));
    let mut pem = Zeroizing::new(String::with_capacity(512));
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at.is_multiple_of(64) {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END PRIVATE KEY-----\n");
    pem
}
