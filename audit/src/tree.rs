//! The Merkle tree of RFC 6962 over the leaf hashes (README §2): roots, proofs, and the nodes
//! that a bundle carries.
//!
//! A perfect subtree over the leaves `index * 2^level` up to `(index + 1) * 2^level` has the
//! name `(level, index)`; level 0 is a leaf hash.

mod frontier;
mod proof;
mod skip;

pub use self::frontier::{Frontier, FrontierError};
pub use self::proof::{
    Nodes, PathError, ProofError, consistency, consistency_needs, inclusion, inclusion_needs,
    range_root, verify_consistency, verify_inclusion,
};
pub use self::skip::{root_with, skipped};
use crate::hash::Hash;

/// Hash of a leaf: `H(0x00 || line)`.
pub fn leaf_hash(line: &[u8]) -> Hash {
    Hash::of(&[&[0], line])
}

/// Hash of a node: `H(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], left.as_ref(), right.as_ref()])
}

/// Root of the empty tree: `H("")`.
pub fn empty_root() -> Hash {
    Hash::of(&[])
}

/// Root over all leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// The largest power of two below `len`, for `len` of 2 or more (else 1).
fn split(len: u64) -> u64 {
    1 << len.saturating_sub(1).checked_ilog2().unwrap_or(0)
}
