//! Bodies and their keys (README §3): sealing, opening, and the tag that names a subject to
//! nobody.
//!
//! Promises: a body that opens is the one that was sealed for this log, record, tag, kind and
//! class; a released record key opens one record and shows that it is the committed one, so that
//! one ciphertext cannot be shown as two texts. Keys are wiped from memory when dropped.
//!
//! Left to the caller: the randomness of salt, rid and keys, and never to reuse a salt.

use std::fmt;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use ring::hkdf;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::hash::Hash;
use crate::record::Kind;

/// The smallest padded plaintext.
pub const BUCKET_MIN: u64 = 1024;
/// The largest padded plaintext.
pub const BUCKET_MAX: u64 = 1_048_576;
/// Bytes of salt before the ciphertext.
pub const SALT_LEN: usize = 32;
/// Bytes that GCM adds at the end.
pub const GCM_TAG_LEN: usize = 16;

const PREFIX_LEN: usize = 4;

/// A fresh key per record makes one nonce enough.
const NONCE: [u8; 12] = [0; 12];

/// What a body is bound to: it opens under no other.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// The log's origin.
    pub log: &'a str,
    /// The record.
    pub rid: &'a [u8; 16],
    /// Subject × class × period.
    pub tag: &'a [u8; 16],
    /// What happened.
    pub kind: Kind,
    /// The retention class.
    pub class: &'a str,
}

impl Binding<'_> {
    fn aad(&self) -> String {
        let (rid, tag) = (hex::encode(self.rid), hex::encode(self.tag));
        format!(
            "tw/1 body\n{}\n{rid}\n{tag}\n{}\n{}\n",
            self.log, self.kind, self.class
        )
    }
}

/// The body does not fit the largest bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// More than [`BUCKET_MAX`] − 4 bytes of JSON.
    #[error("the body is longer than the largest record")]
    TooLong,
}

/// Why a body does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The key is not the one the leaf commits to.
    #[error("the key is not the one that the record commits to")]
    Commitment,
    /// The stored bytes have a length that no body has.
    #[error("the stored body has a length that no body has")]
    Length,
    /// GCM refused: other bytes, or bound to another record.
    #[error("the body does not open with its key: it was changed, or belongs to another record")]
    Ciphertext,
    /// Opened, and the padding breaks the rules.
    #[error("the body's padding is not as the format says")]
    Padding,
}

/// The key of one record, and what commits to it.
pub struct RecordKey {
    key: Zeroizing<[u8; 32]>,
    body_key: Zeroizing<[u8; 32]>,
    kc: Hash,
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordKey")
            .field("kc", &self.kc)
            .finish_non_exhaustive()
    }
}

impl RecordKey {
    /// A key that was released or kept. Its commitment follows from it.
    pub fn from_parts(key: [u8; 32]) -> Self {
        let key = Zeroizing::new(key);
        let pair: Zeroizing<[u8; 64]> = derive(&[], key.as_slice(), b"tw/1 body key\n");
        let (mut body_key, mut kc) = (Zeroizing::new([0; 32]), [0; 32]);
        let out = body_key.iter_mut().chain(kc.iter_mut());
        out.zip(pair.iter()).for_each(|(to, from)| *to = *from);
        Self {
            key,
            body_key,
            kc: Hash(kc),
        }
    }

    /// The commitment that stands in the leaf.
    pub fn kc(&self) -> Hash {
        self.kc
    }

    /// What is released or kept: enough to open this record, and no other.
    pub fn key_bytes(&self) -> &[u8; 32] {
        &self.key
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.body_key).into())
    }
}

/// A sealed body and what its leaf says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// `salt || ciphertext`: what is stored.
    pub stored: Vec<u8>,
    /// SHA-256 of `stored`.
    pub body: Hash,
    /// Length of the padded plaintext.
    pub body_len: u64,
    /// The key commitment.
    pub kc: Hash,
}

/// Names subject × class × period within one log.
pub fn tag(subject_key: &[u8; 32], period_key: &[u8; 32], log: &str) -> [u8; 16] {
    let ikm = join(subject_key, period_key);
    *derive(&[], ikm.as_slice(), format!("tw/1 tag\n{log}\n").as_bytes())
}

/// The key of the record `rid`.
pub fn record_key(
    subject_key: &[u8; 32],
    period_key: &[u8; 32],
    salt: &[u8; SALT_LEN],
    log: &str,
    rid: &[u8; 16],
) -> RecordKey {
    let info = format!("tw/1 record\n{log}\n{}\n", hex::encode(rid));
    let ikm = join(subject_key, period_key);
    RecordKey::from_parts(*derive(salt, ikm.as_slice(), info.as_bytes()))
}

/// The padded length that `len` bytes of JSON need, if any bucket holds them.
pub fn bucket(len: usize) -> Option<usize> {
    let needed = u64::try_from(len.checked_add(PREFIX_LEN)?)
        .ok()?
        .max(BUCKET_MIN);
    let bucket = needed.checked_next_power_of_two()?;
    (bucket <= BUCKET_MAX)
        .then(|| usize::try_from(bucket).ok())
        .flatten()
}

/// Seals `json`. The caller draws `salt` at random, once for each record.
pub fn seal(
    json: &[u8],
    subject_key: &[u8; 32],
    period_key: &[u8; 32],
    salt: [u8; SALT_LEN],
    binding: Binding<'_>,
) -> Result<Sealed, SealError> {
    let key = record_key(subject_key, period_key, &salt, binding.log, binding.rid);
    let bucket = bucket(json.len()).ok_or(SealError::TooLong)?;
    let prefix = u32::try_from(json.len())
        .map_err(|_too_long| SealError::TooLong)?
        .to_be_bytes();
    let mut stored = Vec::with_capacity(SALT_LEN + bucket + GCM_TAG_LEN);
    stored.extend_from_slice(&salt);
    stored.extend_from_slice(&prefix);
    stored.extend_from_slice(json);
    stored.resize(SALT_LEN + bucket, 0);
    let plaintext = stored.get_mut(SALT_LEN..).unwrap_or_default();
    let gcm_tag = key
        .cipher()
        .encrypt_inout_detached((&NONCE).into(), binding.aad().as_bytes(), plaintext.into())
        .map_err(|_too_long| SealError::TooLong)?;
    stored.extend_from_slice(&gcm_tag);
    let body = Hash::of(&[&stored]);
    let body_len = u64::try_from(bucket).map_err(|_too_long| SealError::TooLong)?;
    Ok(Sealed {
        stored,
        body,
        body_len,
        kc: key.kc,
    })
}

/// Opens a stored body. The commitment is compared before anything is decrypted.
pub fn open(
    stored: &[u8],
    key: &RecordKey,
    expected_kc: &Hash,
    binding: Binding<'_>,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if key.kc != *expected_kc {
        return Err(OpenError::Commitment);
    }
    let (_salt, sealed) = stored.split_at_checked(SALT_LEN).ok_or(OpenError::Length)?;
    let len = sealed
        .len()
        .checked_sub(GCM_TAG_LEN)
        .ok_or(OpenError::Length)?;
    let (ciphertext, gcm_tag) = sealed.split_at_checked(len).ok_or(OpenError::Length)?;
    let gcm_tag: &[u8; GCM_TAG_LEN] = gcm_tag.try_into().map_err(|_len| OpenError::Length)?;
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    key.cipher()
        .decrypt_inout_detached(
            (&NONCE).into(),
            binding.aad().as_bytes(),
            InOutBuf::from(plaintext.as_mut_slice()),
            gcm_tag.into(),
        )
        .map_err(|_refused| OpenError::Ciphertext)?;
    unpad(&plaintext)
}

fn unpad(plaintext: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (prefix, rest) = plaintext
        .split_first_chunk::<PREFIX_LEN>()
        .ok_or(OpenError::Padding)?;
    let len = usize::try_from(u32::from_be_bytes(*prefix)).map_err(|_len| OpenError::Padding)?;
    let (json, padding) = rest.split_at_checked(len).ok_or(OpenError::Padding)?;
    let minimal = bucket(len) == Some(plaintext.len());
    if minimal && padding.iter().all(|b| *b == 0) {
        Ok(Zeroizing::new(json.to_vec()))
    } else {
        Err(OpenError::Padding)
    }
}

fn join(subject_key: &[u8; 32], period_key: &[u8; 32]) -> Zeroizing<[u8; 64]> {
    let mut ikm = Zeroizing::new([0; 64]);
    let parts = subject_key.iter().chain(period_key);
    ikm.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
    ikm
}

/// HKDF-SHA256 (RFC 5869) for at most 255 × 32 bytes, as every use here is.
fn derive<const N: usize>(salt: &[u8], ikm: &[u8], info: &[u8]) -> Zeroizing<[u8; N]> {
    struct Len<const N: usize>;
    impl<const N: usize> hkdf::KeyType for Len<N> {
        fn len(&self) -> usize {
            N
        }
    }
    const { assert!(N <= 255 * 32) }
    let mut out = Zeroizing::new([0; N]);
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(ikm);
    let filled = prk
        .expand(&[info], Len::<N>)
        .and_then(|okm| okm.fill(out.as_mut_slice()));
    // Cannot fail: RFC 5869 bounds the length alone, and that is asserted above. Were it to, all
    // callers would get the same key, so stop instead.
    assert!(filled.is_ok(), "HKDF refused a length that RFC 5869 allows");
    out
}
