//! The right edge of a growing tree: all that is needed to append.

use thiserror::Error;

use super::{empty_root, node_hash};
use crate::grammar::DEC_MAX;
use crate::hash::Hash;

/// A compact range from leaf 0: the perfect subtrees that make up the tree, left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    parts: Vec<Hash>,
}

/// The parts do not fit the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a tree of this size has another number of parts")]
pub struct FrontierError;

impl Frontier {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Continues where [`Frontier::parts`] of a tree of `size` leaves left off.
    pub fn from_parts(size: u64, parts: Vec<Hash>) -> Result<Self, FrontierError> {
        let fits =
            size <= DEC_MAX && usize::try_from(size.count_ones()).is_ok_and(|n| n == parts.len());
        if fits {
            Ok(Self { size, parts })
        } else {
            Err(FrontierError)
        }
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, &mut |_, _, _| {});
    }

    /// Appends a leaf hash and reports every perfect interior node it completes as
    /// (level, index, hash), from level 1 upwards.
    pub fn push_with(&mut self, leaf: Hash, node: &mut dyn FnMut(u32, u64, Hash)) {
        let mut hash = leaf;
        // The trailing ones of the size are the perfect subtrees that the new leaf completes.
        for level in 1..=self.size.trailing_ones() {
            let Some(left) = self.parts.pop() else { break };
            hash = node_hash(&left, &hash);
            node(level, self.size >> level, hash);
        }
        self.parts.push(hash);
        self.size += 1;
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        let joined = self
            .parts
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right));
        joined.unwrap_or_else(empty_root)
    }

    /// The hashes of the perfect subtrees, left to right.
    pub fn parts(&self) -> Vec<Hash> {
        self.parts.clone()
    }
}
