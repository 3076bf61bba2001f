//! Subject keys and period keys: what a record is sealed under, and what erasure destroys.
//!
//! Promises I6: a destroyed key is not found, not made again for the same id, and not cached.
//! A key is committed before anything is sealed under it, and two replicas never make two.

mod owner;
mod store;

use super::vault::{Key, Slot, Vault, VaultError};
use crate::clock::Clock;
use crate::db::Store;
use crate::identity::Subject;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use quick_cache::sync::Cache;
use ring::hmac;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::KeyRow;
use zeroize::Zeroizing;

/// Whose key a record is sealed under. No record has two owners.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A customer.
    Subject(Arc<Subject>),
    /// A guest's conversation, by its id.
    Guest([u8; 16]),
    /// A member of staff: duty records.
    Officer {
        /// Who vouches for them.
        issuer: String,
        /// Their `sub`.
        sub: String,
    },
    /// The log itself.
    Log,
}

/// A keyed look-up of an owner: 32 bytes that say nothing without the vault's index key.
pub type OwnerId = [u8; 32];

/// A key of one owner in one class.
#[derive(Debug)]
pub struct SubjectKey {
    /// Random; what a tombstone names.
    pub id: [u8; 16],
    /// The key.
    pub key: Key,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database refused.
    #[error("the keys' database refused")]
    Store(#[from] sqlx::Error),
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A wrapped key does not open: another vault, or a damaged row.
    #[error("a wrapped key does not open under this vault")]
    Damaged,
    /// The key, its period's or its epoch's, is destroyed.
    #[error("the key is destroyed")]
    Gone,
    /// The owner was erased, and the token is from before.
    #[error("the token is older than the subject's erasure")]
    Erased,
    /// No randomness for a new key.
    #[error(transparent)]
    NoRandomness(#[from] crate::random::NoRandomness),
}

/// The keys of one log.
pub struct Keys {
    log: String,
    store: Store,
    vault: Arc<dyn Vault>,
    clock: Clock,
    index: hmac::Key,
    subjects: Cache<(OwnerId, String), Remembered>,
    periods: Cache<(String, String), Arc<Key>>,
    epochs: Cache<u32, Arc<Key>>,
    /// Counts how often caches were emptied.
    forgotten: AtomicU64,
}

/// A key in memory, and since when older tokens are refused.
#[derive(Clone)]
struct Remembered {
    key: Arc<SubjectKey>,
    erased_s: Option<i64>,
}

impl Remembered {
    fn for_token(self, issued_at_s: i64) -> Result<Arc<SubjectKey>, KeyError> {
        match self.erased_s {
            Some(erased_s) if issued_at_s <= erased_s => Err(KeyError::Erased),
            _ => Ok(self.key),
        }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// Opens the keys of `log`; makes the first epoch key and the index key in an empty vault.
    pub async fn open(
        log: &str,
        store: Store,
        vault: Arc<dyn Vault>,
        clock: Clock,
    ) -> Result<Self, KeyError> {
        let index = vault.key_or_new(&Slot::Index)?;
        let keys = Self {
            log: log.to_owned(),
            store,
            vault,
            clock,
            index: hmac::Key::new(hmac::HMAC_SHA256, index.as_slice()),
            subjects: Cache::new(8_192),
            periods: Cache::new(256),
            epochs: Cache::new(16),
            forgotten: AtomicU64::new(0),
        };
        let mut tx = keys.store.keys.begin().await?;
        if tx.key_head().await?.is_none() {
            keys.vault.key_or_new(&Slot::Epoch(1))?;
            tx.key_head_insert(1).await?;
        }
        tx.commit().await?;
        Ok(keys)
    }

    /// The keyed digest of some parts under the vault's index key; `what` keeps uses apart.
    pub fn digest(&self, what: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.index);
        for part in std::iter::once(what.as_bytes()).chain(parts.iter().copied()) {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut out = [0_u8; 32];
        out.iter_mut()
            .zip(context.sign().as_ref())
            .for_each(|(to, from)| *to = *from);
        out
    }

    /// The keyed look-up of an owner.
    pub fn owner_id(&self, owner: &Owner) -> OwnerId {
        match owner {
            Owner::Subject(s) => self.digest("subject", &[s.issuer.as_bytes(), s.sub.as_bytes()]),
            Owner::Guest(id) => self.digest("guest", &[id]),
            Owner::Officer { issuer, sub } => {
                self.digest("officer", &[issuer.as_bytes(), sub.as_bytes()])
            }
            Owner::Log => self.digest("log", &[]),
        }
    }

    /// The owner's key in `class`, made and committed first if there is none. A subject who was
    /// erased gets a new one only for a token issued (`issued_at_s`) after that.
    pub async fn subject(
        &self,
        owner: &OwnerId,
        class: &str,
        issued_at_s: i64,
    ) -> Result<Arc<SubjectKey>, KeyError> {
        let at = (*owner, class.to_owned());
        if let Some(known) = self.subjects.get(&at) {
            return known.for_token(issued_at_s);
        }
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let mut tx = self.store.keys.begin().await?;
        // An erasure takes the same lock first: it finds every key made before it, and none is
        // made for an older token after it.
        tx.owner_lock(owner).await?;
        let erased_s = tx.erased_owner(owner).await?;
        if erased_s.is_some_and(|erased_s| issued_at_s <= erased_s) {
            return Err(KeyError::Erased);
        }
        let row = if let Some(row) = tx.subject_key(owner, class).await? {
            row
        } else {
            let epoch = tx.key_head().await?.ok_or(KeyError::Damaged)?;
            let id = crate::random::bytes::<16>()?;
            let key = Zeroizing::new(crate::random::bytes::<32>()?);
            let wrapped = self.wrap(&key, &id, class, epoch)?;
            tx.subject_key_insert(
                &KeyRow {
                    id: id.to_vec(),
                    epoch: i64::from(epoch),
                    wrapped,
                },
                owner,
                class,
            )
            .await?;
            tx.subject_key(owner, class)
                .await?
                .ok_or(KeyError::Damaged)?
        };
        tx.commit().await?;
        let key = Arc::new(self.unwrap(&row, class)?);
        // Not if caches were emptied meanwhile: the key may be gone.
        if self.forgotten.load(Ordering::SeqCst) == forgotten {
            let key = Arc::clone(&key);
            self.subjects.insert(at, Remembered { key, erased_s });
        }
        Ok(key)
    }

    /// The key with this id, for opening a record; [`KeyError::Gone`] once it is destroyed.
    pub async fn by_id(&self, id: &[u8], class: &str) -> Result<SubjectKey, KeyError> {
        let mut tx = self.store.keys.read().await?;
        let row = tx.subject_key_by_id(id).await?.ok_or(KeyError::Gone)?;
        self.unwrap(&row, class)
    }

    /// The key of a class and month, made first if `month` may still be written to.
    pub fn period(&self, class: &str, month: &str, writing: bool) -> Result<Arc<Key>, KeyError> {
        let at = (class.to_owned(), month.to_owned());
        if let Some(key) = self.periods.get(&at) {
            return Ok(key);
        }
        let slot = Slot::Period {
            class: at.0.clone(),
            month: at.1.clone(),
        };
        let key = if writing {
            self.vault.key_or_new(&slot)?
        } else {
            self.vault.key(&slot)?.ok_or(KeyError::Gone)?
        };
        let key = Arc::new(key);
        self.periods.insert(at, Arc::clone(&key));
        Ok(key)
    }

    /// Finishes the destruction of keys whose `key.destroyed` is committed: tombstones, rows,
    /// caches, free pages. Safe to repeat; a crash in between is finished at the next start.
    pub async fn destroy(&self, ids: &[[u8; 16]]) -> Result<(), KeyError> {
        for id in ids {
            self.vault.bury(id, self.clock.now_us())?;
        }
        let mut tx = self.store.keys.begin().await?;
        for id in ids {
            tx.subject_key_delete(id).await?;
        }
        tx.commit().await?;
        self.forget();
        self.store.keys.scrub_whole().await?;
        Ok(())
    }

    /// Deletes key rows that the vault knows to be destroyed: a database restored from a backup
    /// brings them back, and they must not live.
    pub async fn enforce_tombstones(&self) -> Result<usize, KeyError> {
        let mut found = 0;
        let mut tx = self.store.keys.begin().await?;
        for id in self.vault.tombstones()? {
            found += usize::try_from(tx.subject_key_delete(&id).await?).unwrap_or(0);
        }
        tx.commit().await?;
        Ok(found)
    }

    /// Forgets cached keys, when another replica may have destroyed some.
    pub fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.subjects.clear();
    }

    /// The vault.
    pub fn vault(&self) -> &Arc<dyn Vault> {
        &self.vault
    }

    fn epoch(&self, epoch: u32) -> Result<Arc<Key>, KeyError> {
        if let Some(key) = self.epochs.get(&epoch) {
            return Ok(key);
        }
        let key = Arc::new(self.vault.key(&Slot::Epoch(epoch))?.ok_or(KeyError::Gone)?);
        self.epochs.insert(epoch, Arc::clone(&key));
        Ok(key)
    }

    fn aad(&self, id: &[u8], class: &str, epoch: u32) -> Vec<u8> {
        format!(
            "tw/1 subject key\n{}\n{}\n{class}\n{epoch}\n",
            self.log,
            hex::encode(id)
        )
        .into_bytes()
    }

    fn wrap(&self, key: &Key, id: &[u8; 16], class: &str, epoch: u32) -> Result<Vec<u8>, KeyError> {
        let cipher = Aes256Gcm::new_from_slice(self.epoch(epoch)?.as_slice())
            .map_err(|_wrong_length| KeyError::Damaged)?;
        let nonce = crate::random::bytes::<12>()?;
        let aad = self.aad(id, class, epoch);
        let sealed = cipher
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: key.as_slice(),
                    aad: &aad,
                },
            )
            .map_err(|_opaque| KeyError::Damaged)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unwrap(&self, row: &KeyRow, class: &str) -> Result<SubjectKey, KeyError> {
        let epoch = u32::try_from(row.epoch).map_err(|_range| KeyError::Damaged)?;
        let cipher = Aes256Gcm::new_from_slice(self.epoch(epoch)?.as_slice())
            .map_err(|_wrong_length| KeyError::Damaged)?;
        let (nonce, sealed) = row
            .wrapped
            .split_first_chunk::<12>()
            .ok_or(KeyError::Damaged)?;
        let aad = self.aad(&row.id, class, epoch);
        let key = Zeroizing::new(
            cipher
                .decrypt(
                    &Nonce::from(*nonce),
                    Payload {
                        msg: sealed,
                        aad: &aad,
                    },
                )
                .map_err(|_opaque| KeyError::Damaged)?,
        );
        let key: [u8; 32] = key
            .as_slice()
            .try_into()
            .map_err(|_len| KeyError::Damaged)?;
        let id = row
            .id
            .as_slice()
            .try_into()
            .map_err(|_len| KeyError::Damaged)?;
        Ok(SubjectKey {
            id,
            key: Zeroizing::new(key),
        })
    }
}
