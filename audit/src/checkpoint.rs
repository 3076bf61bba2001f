//! Signed statements: checkpoints, manifests and receipts as C2SP signed notes (README §4, §5).
//!
//! Promises: parsing is strict, so that a note has one form; a signature by a known key that does
//! not verify is an error, never passed over. Left to the caller: which keys to trust.

mod key;
mod note;

pub use self::key::{Algorithm, KeyError, LogKeys, SigningKey, VerifierKey};
pub use self::note::{Note, NoteError, SIGNATURES_MAX, Signature, cosign_note, sign_note};
use crate::encode::{base64, base64_array};
use crate::grammar::dec;
use crate::hash::Hash;
use crate::tree::empty_root;

/// The size and root of a log, as its operator signs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The three lines that are signed.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            base64(self.root.as_ref())
        )
    }

    /// Reads exactly what [`Checkpoint::text`] writes.
    pub fn parse_text(text: &str) -> Result<Self, NoteError> {
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(NoteError::Checkpoint)?
            .split('\n');
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let (Some(origin), Some(size), Some(root), None) = (origin, size, root, lines.next())
        else {
            return Err(NoteError::Checkpoint);
        };
        let size = dec(size).ok_or(NoteError::Checkpoint)?;
        let root = base64_array(root).map(Hash).ok_or(NoteError::Checkpoint)?;
        // Of another log's the checkpoint may be: C2SP allows any origin.
        if origin.is_empty() || (size == 0 && root != empty_root()) {
            return Err(NoteError::Checkpoint);
        }
        Ok(Self {
            origin: origin.into(),
            size,
            root,
        })
    }
}

/// The statement over `manifest.json`.
pub fn manifest_text(log: &str, manifest_json_sha256: &Hash) -> String {
    format!(
        "tidewaiter/manifest/v1\n{log}\n{}\n",
        manifest_json_sha256.to_hex()
    )
}

/// The statement over `receipt.json`.
pub fn receipt_text(log: &str, receipt_json_sha256: &Hash) -> String {
    format!(
        "tidewaiter/receipt/v1\n{log}\n{}\n",
        receipt_json_sha256.to_hex()
    )
}
