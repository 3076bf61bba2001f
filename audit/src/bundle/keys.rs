//! `keys.age` (README §6.5): `keys.jsonl`, encrypted to the recipients of the bundle.

use std::io::{Read, Write};
use std::str::FromStr;

use age::armor::ArmoredReader;
use age::{Decryptor, Encryptor, IdentityFile};
use thiserror::Error;
use zeroize::Zeroizing;

/// Why keys could not be encrypted or decrypted. Holds nothing of keys or identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not an `age1…` recipient.
    #[error("a recipient is not an age recipient (age1…)")]
    Recipient,
    /// No recipient, or age could not encrypt.
    #[error("the keys could not be encrypted")]
    Encrypt,
    /// Not an age identity file.
    #[error("the identity file is not one of age (AGE-SECRET-KEY-1…)")]
    Identity,
    /// Not an age file, or encrypted to somebody else, or changed.
    #[error(
        "keys.age does not open with this identity: it is for another recipient, or was changed"
    )]
    Decrypt,
}

/// To whom keys are encrypted.
#[derive(Clone)]
pub struct Recipient(age::x25519::Recipient);

impl FromStr for Recipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        text.parse()
            .map(Self)
            .map_err(|_age: &str| KeyError::Recipient)
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Encrypts the lines of `keys.jsonl` to each of the recipients. age draws the randomness.
pub fn encrypt_keys(lines: &[u8], recipients: &[Recipient]) -> Result<Vec<u8>, KeyError> {
    let each = recipients.iter().map(|r| -> &dyn age::Recipient { &r.0 });
    let encryptor = Encryptor::with_recipients(each).map_err(|_age| KeyError::Encrypt)?;
    let mut out = Vec::new();
    let mut writer = encryptor
        .wrap_output(&mut out)
        .map_err(|_io| KeyError::Encrypt)?;
    writer.write_all(lines).map_err(|_io| KeyError::Encrypt)?;
    writer.finish().map_err(|_io| KeyError::Encrypt)?;
    Ok(out)
}

/// Decrypts `keys.age`, armoured or not, with the identities in an age identity file.
pub fn decrypt_keys(file: &[u8], identity_file: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let identities = IdentityFile::from_buffer(identity_file)
        .map_err(|_io| KeyError::Identity)?
        .into_identities()
        .map_err(|_age| KeyError::Identity)?;
    let decryptor =
        Decryptor::new_buffered(ArmoredReader::new(file)).map_err(|_age| KeyError::Decrypt)?;
    let each = identities
        .iter()
        .map(|identity| -> &dyn age::Identity { &**identity });
    let mut reader = decryptor.decrypt(each).map_err(|_age| KeyError::Decrypt)?;
    // Once, so that no copy of the keys is left behind by a growing buffer.
    let mut out = Zeroizing::new(Vec::with_capacity(file.len()));
    reader
        .read_to_end(&mut out)
        .map_err(|_io| KeyError::Decrypt)?;
    Ok(out)
}
