//! Where the keys above the subject keys live, apart from the database and its backups.
//!
//! A vault holds period keys, epoch keys, the log's signing keys, one index key, and the
//! tombstones of what was destroyed. One trait; the directory is the first to implement it.
//! Calls are short and blocking; what serving needs of it is kept in memory.

pub mod directory;

pub use directory::Directory;

use zeroize::Zeroizing;

/// 32 secret bytes, wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// What a vault keeps under a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Keyed look-ups: owners, idempotency keys, digests.
    Index,
    /// Wraps subject keys; by number.
    Epoch(u32),
    /// One per retention class and month (`YYYY-MM`).
    Period {
        /// The retention class.
        class: String,
        /// The month.
        month: String,
    },
    /// Signs checkpoints.
    Checkpoint,
    /// Signs manifests.
    Manifest,
    /// Signs receipts.
    Receipt,
}

/// The vault could not do it. Its operator's concern; a caller sees `unrecorded`.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The device refused.
    #[error("the vault could not be read or written")]
    Io(#[from] std::io::Error),
    /// A key file has another length or a name outside the grammar.
    #[error("the vault holds something that is not a key")]
    Damaged,
    /// No randomness for a new key.
    #[error(transparent)]
    NoRandomness(#[from] crate::random::NoRandomness),
}

/// Keys apart from the database. Everything written is durable when the call returns.
pub trait Vault: std::fmt::Debug + Send + Sync {
    /// The key in `slot`, if there is one.
    fn key(&self, slot: &Slot) -> Result<Option<Key>, VaultError>;

    /// The key in `slot`, made first if there is none. Two that make it at once get the same.
    /// Fails for a slot that was destroyed.
    fn key_or_new(&self, slot: &Slot) -> Result<Key, VaultError>;

    /// Destroys the key in `slot`; nothing happens if there is none.
    fn destroy(&self, slot: &Slot) -> Result<(), VaultError>;

    /// Remembers that the key with this id is destroyed, for ever.
    fn bury(&self, id: &[u8; 16], at_us: i64) -> Result<(), VaultError>;

    /// The ids of all destroyed keys.
    fn tombstones(&self) -> Result<Vec<[u8; 16]>, VaultError>;
}
