//! The bundle (README §6): its files, and the writer that makes one.
//!
//! What is read here is read strictly and line by line; [`crate::verify`] judges what the lines
//! say of one another.

mod entry;
mod keys;
mod lines;
mod manifest;
mod path;
mod policy;
mod readme;
mod view;
mod writer;

pub use self::entry::{CutReason, Entry, EntryError};
pub use self::keys::{KeyError, Recipient, decrypt_keys, encrypt_keys};
pub use self::lines::{Custody, Erasure, Identity, KeyLine, Redaction};
pub use self::manifest::{Counts, FileEntry, Keys, Manifest, Scope};
pub use self::path::Place;
pub(crate) use self::path::{PolicyPath, is_part};
pub(crate) use self::policy::PolicyHasher;
pub use self::policy::policy_version;
pub use self::readme::README;
pub use self::view::{CSV_HEADER, csv_row};
pub use self::writer::{About, BundleError, BundleWriter, Release};
pub use crate::json::JsonError;
