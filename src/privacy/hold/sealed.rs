//! What a hold says and keeps, under a key of its own.

use super::keep::Unkept;
use crate::ledger::Ledger;
use crate::privacy::duty::CLASS;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use serde_json::Value;
use zeroize::Zeroizing;

/// A hold's key in the hand: made with the hold, destroyed with its release.
pub(super) struct Hand {
    cipher: Aes256Gcm,
    about: Vec<u8>,
}

impl Hand {
    /// Makes the key of a hold that is being placed.
    pub(super) async fn new(ledger: &Ledger, hold: &[u8; 16]) -> Result<Self, Unkept> {
        let keys = ledger.keys();
        let key = keys.subject(&owner(ledger, hold), CLASS, i64::MAX).await?;
        Self::with(ledger, hold, &key.key)
    }

    /// The key of a hold; none once it was released.
    pub(super) async fn of(ledger: &Ledger, hold: &[u8; 16]) -> Result<Option<Self>, Unkept> {
        let keys = ledger.keys();
        let Some((id, class)) = keys.of_owner(&owner(ledger, hold)).await?.pop() else {
            return Ok(None);
        };
        let key = keys.by_id(&id, &class).await?;
        Self::with(ledger, hold, &key.key).map(Some)
    }

    fn with(ledger: &Ledger, hold: &[u8; 16], key: &[u8; 32]) -> Result<Self, Unkept> {
        let about = format!("tidewaiter hold\n{}\n{}\n", ledger.log(), hex::encode(hold));
        let cipher = Aes256Gcm::new_from_slice(key).map_err(|_length| Unkept::Damaged)?;
        Ok(Self {
            cipher,
            about: about.into_bytes(),
        })
    }

    /// Nonce and ciphertext.
    pub(super) fn seal(&self, text: &[u8]) -> Result<Vec<u8>, Unkept> {
        let nonce = crate::random::bytes::<12>()?;
        let payload = Payload {
            msg: text,
            aad: &self.about,
        };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_opaque| Unkept::Damaged)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed.
    pub(super) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unkept> {
        let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(Unkept::Damaged)?;
        let payload = Payload {
            msg: sealed,
            aad: &self.about,
        };
        let text = self.cipher.decrypt(&Nonce::from(*nonce), payload);
        text.map(Zeroizing::new).map_err(|_opaque| Unkept::Damaged)
    }
}

/// The ids of a hold's keys; none once they are destroyed.
pub(super) async fn keys_of(ledger: &Ledger, hold: &[u8; 16]) -> Result<Vec<[u8; 16]>, Unkept> {
    let found = ledger.keys().of_owner(&owner(ledger, hold)).await?;
    Ok(found.into_iter().map(|(id, _class)| id).collect())
}

/// What a hold says: matter, basis, reason, customer. Null if its key is gone.
pub(super) async fn says(ledger: &Ledger, hold: &[u8; 16], sealed: &[u8]) -> Result<Value, Unkept> {
    let Some(hand) = Hand::of(ledger, hold).await? else {
        return Ok(Value::Null);
    };
    serde_json::from_slice(&hand.open(sealed)?).map_err(|_not_json| Unkept::Damaged)
}

/// Whose key it is: the hold's, and nobody's data is sealed under it otherwise.
fn owner(ledger: &Ledger, hold: &[u8; 16]) -> [u8; 32] {
    ledger.keys().digest("hold", &[hold])
}
