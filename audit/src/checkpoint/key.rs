//! Ed25519 keys of signed notes, in C2SP's `vkey` form.

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::encode::{base64, base64_array};
use crate::grammar::is_origin;
use crate::hash::Hash;
use crate::record::{Kind, Leaf};

const KEY_ID_LEN: usize = 4;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The note's text: a log's, a manifest's or a receipt's signature (type 0x01).
    Ed25519,
    /// `cosignature/v1`: a witness's, with the time of signing (type 0x04).
    Cosignature,
}

impl Algorithm {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// Text or bytes are not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Empty, or with white space or a plus sign.
    #[error("the key's name is not one that a signed note can carry")]
    Name,
    /// Not `NAME+KEYID+BASE64` of an Ed25519 key.
    #[error("not a verifier key (NAME+KEYID+BASE64) of type Ed25519")]
    Form,
    /// Name, id and key do not belong together.
    #[error("the key's id does not belong to its name and key")]
    Id,
    /// Of small order, or not in its one encoding: a signature by it would bind nobody.
    #[error("the key is one that anybody can sign for, or is not written in the one way")]
    Weak,
    /// The seed makes no key.
    #[error("the seed makes no key")]
    Seed,
}

/// The public half of a key, with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    public: [u8; 32],
}

impl VerifierKey {
    /// Reads a `vkey`.
    pub fn parse(vkey: &str) -> Result<Self, KeyError> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let [byte, public @ ..]: [u8; 33] = base64_array(key).ok_or(KeyError::Form)?;
        let algorithm = [Algorithm::Ed25519, Algorithm::Cosignature]
            .into_iter()
            .find(|algorithm| algorithm.byte() == byte)
            .ok_or(KeyError::Form)?;
        let parsed = Self::new(name, algorithm, public)?;
        if hex::encode(parsed.id()) == id {
            Ok(parsed)
        } else {
            Err(KeyError::Id)
        }
    }

    fn new(name: &str, algorithm: Algorithm, public: [u8; 32]) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name);
        }
        if is_weak(&public) {
            return Err(KeyError::Weak);
        }
        Ok(Self {
            name: name.into(),
            algorithm,
            public,
        })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The Ed25519 public key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The first four bytes of `H(name || LF || type || key)`.
    pub fn id(&self) -> [u8; KEY_ID_LEN] {
        let hash = Hash::of(&[
            self.name.as_bytes(),
            b"\n",
            &[self.algorithm.byte()],
            &self.public,
        ]);
        let [a, b, c, d, ..] = hash.0;
        [a, b, c, d]
    }

    /// Whether the Ed25519 signature over `message` is this key's.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(message, signature)
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.algorithm.byte()];
        key.extend_from_slice(&self.public);
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex::encode(self.id()),
            base64(&key)
        )
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A key that signs. The seed is wiped when dropped; the expanded key lives for one signature.
pub struct SigningKey {
    seed: Zeroizing<[u8; 32]>,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key of a log, or of its manifests or receipts.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Self::with(name, seed, Algorithm::Ed25519)
    }

    /// The key of a witness.
    pub fn witness_from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Self::with(name, seed, Algorithm::Cosignature)
    }

    fn with(name: &str, seed: &[u8; 32], algorithm: Algorithm) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_ring| KeyError::Seed)?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_len| KeyError::Seed)?;
        let verifier = VerifierKey::new(name, algorithm, public)?;
        Ok(Self {
            seed: Zeroizing::new(*seed),
            verifier,
        })
    }

    /// The verifier key as text.
    pub fn vkey(&self) -> String {
        self.verifier.to_string()
    }

    /// The verifier key.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let pair = Ed25519KeyPair::from_seed_unchecked(self.seed.as_slice());
        // The same seed made the same key before.
        pair.map(|pair| pair.sign(message).as_ref().to_vec())
            .unwrap_or_default()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("vkey", &self.verifier)
            .finish_non_exhaustive()
    }
}

/// The three keys that the first leaf of a log names (README §1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeys {
    /// Signs checkpoints.
    pub checkpoint: VerifierKey,
    /// Signs manifests.
    pub manifest: VerifierKey,
    /// Signs receipts.
    pub receipt: VerifierKey,
}

impl LogKeys {
    /// The keys in a leaf of kind `checkpoint.key`, if it is as the first leaf must be.
    pub fn of(leaf: &Leaf) -> Option<Self> {
        if leaf.kind != Kind::CheckpointKey || leaf.x.len() != 3 {
            return None;
        }
        let key = |member: &str, suffix: &str| {
            let key = VerifierKey::parse(leaf.x.get(member)?).ok()?;
            let named = key.name().strip_prefix(leaf.log.as_str()) == Some(suffix);
            (named && key.algorithm() == Algorithm::Ed25519).then_some(key)
        };
        let keys = Self {
            checkpoint: key("checkpoint", "")?,
            manifest: key("manifest", "/manifest")?,
            receipt: key("receipt", "/receipt")?,
        };
        let [a, b, c] = [&keys.checkpoint, &keys.manifest, &keys.receipt].map(VerifierKey::public);
        (is_origin(&leaf.log) && a != b && b != c && a != c).then_some(keys)
    }
}

/// The y coordinates of the points of small order (little-endian), but for −1, which is of order
/// 2: 0, 1, and the two of order 8.
const SMALL: [&str; 4] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

/// Whether a public key is of small order, or its y coordinate not below 2²⁵⁵ − 19. The point
/// whose x is 0 is of small order, so its wrong sign needs no look of its own.
fn is_weak(public: &[u8; 32]) -> bool {
    let mut y = *public;
    let [first, middle @ .., last] = &mut y;
    *last &= 0x7f;
    // 2²⁵⁵ − 20, which is −1, is 0xec 0xff … 0xff 0x7f: from there on all are refused.
    let high = *first >= 0xec && middle.iter().all(|b| *b == 0xff) && *last == 0x7f;
    high || SMALL.iter().any(|small| *small == hex::encode(y))
}

/// Not empty, no white space, no plus sign.
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+')
}
