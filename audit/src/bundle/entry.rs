//! A line of `entries.jsonl` (README §6.2): a leaf as stored, or cut to its hash.

use std::fmt;

use thiserror::Error;

use crate::grammar::{dec, hex_array};
use crate::hash::Hash;
use crate::line::{self, LineError, Value, Writer};
use crate::record::{Leaf, LeafError};

/// Why a leaf is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutReason {
    /// Its keys are gone.
    Erased,
    /// It is kept from this reader.
    Withheld,
}

impl CutReason {
    /// The word in the line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::Withheld => "withheld",
        }
    }
}

impl fmt::Display for CutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EntryError {
    /// Neither a leaf nor a cut leaf.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// A cut leaf breaks the rules.
    #[error("a cut leaf is not as the format says")]
    Cut,
}

impl From<LineError> for EntryError {
    fn from(error: LineError) -> Self {
        Self::Leaf(error.into())
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The leaf as it is stored.
    Whole(Box<Leaf>),
    /// The leaf's hash.
    Cut {
        /// Leaf hash.
        hash: Hash,
        /// Why it is cut.
        reason: CutReason,
        /// Index in the log.
        seq: u64,
    },
}

impl Entry {
    /// Reads a line without its line feed.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if !bytes.starts_with(b"{\"cut\":") {
            return Ok(Self::Whole(Box::new(Leaf::parse(bytes)?)));
        }
        let members = line::read(bytes)?;
        let [
            ("cut", Value::Text(cut)),
            ("reason", Value::Text(reason)),
            ("seq", Value::Text(seq)),
        ] = members.as_slice()
        else {
            return Err(EntryError::Cut);
        };
        let reason = match *reason {
            "erased" => CutReason::Erased,
            "withheld" => CutReason::Withheld,
            _ => return Err(EntryError::Cut),
        };
        let hash = hex_array(cut).map(Hash).ok_or(EntryError::Cut)?;
        let seq = dec(seq).ok_or(EntryError::Cut)?;
        Ok(Self::Cut { hash, reason, seq })
    }

    /// The line of a cut leaf, without a line feed.
    pub fn cut_line(seq: u64, hash: &Hash, reason: CutReason) -> String {
        let mut line = Writer::new();
        line.text("cut", &hash.to_hex());
        line.text("reason", reason.as_str());
        line.text("seq", &seq.to_string());
        line.finish()
    }

    /// Index in the log.
    pub fn seq(&self) -> u64 {
        match self {
            Self::Whole(leaf) => leaf.seq,
            Self::Cut { seq, .. } => *seq,
        }
    }
}
