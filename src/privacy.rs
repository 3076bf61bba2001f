//! What customers and officers may ask of the ledger itself: who looked, erasure, export.
//!
//! Promises I6 (erasure destroys keys, and keeps what law keeps) and I7 (nobody reads without a
//! reason; no one approves their own request).

pub mod store;
