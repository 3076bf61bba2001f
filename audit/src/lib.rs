//! The ledger format `tw/1`: what is written, and how a stranger checks it.
//!
//! `README.md` beside this crate is normative; this crate both writes the format (for the
//! service) and verifies it (for anybody). It reads no clock, opens no connection and draws no
//! randomness (age draws its own when keys are encrypted to a recipient).

pub mod bundle;
pub mod calendar;
pub mod checkpoint;
mod encode;
pub mod grammar;
mod hash;
mod json;
mod line;
pub mod open;
pub mod record;
pub mod seal;
pub mod tree;
pub mod trust;
pub mod verify;

pub use hash::{Hash, Hasher};
pub use line::{LINE_MAX, LineError};
pub use record::{Decision, Kind, Leaf, LeafError};
