//! What customers and officers may ask of the ledger itself: who looked, what is held, search,
//! transcripts, figures, erasure, holds, export.
//!
//! Promises I6 (erasure destroys keys, and keeps what law keeps) and I7 (nobody reads without a
//! reason; every officer's act is a record before its outcome is shown; no one approves their own
//! request). An officer's act is told from no other by its leaf: one kind, one class, one size.
//!
//! Leaves to the interfaces who the officer or customer is, and to run what must not be broken
//! off (approving an erasure, building an export) in a task that the connection does not own.

pub mod access;
pub mod assignment;
mod change;
pub mod conversation;
mod cursor;
mod duty;
pub mod erasure;
pub mod export;
pub mod figures;
pub mod hold;
pub mod lookups;
pub mod own;
pub mod policy;
pub mod reveal;
pub mod revocations;
mod scan;
pub mod search;
pub mod store;
pub mod switches;

#[cfg(test)]
mod tests;

pub use change::Change;
pub(crate) use duty::refuse_request;
pub use duty::{Access, Knows, pseudonym};
