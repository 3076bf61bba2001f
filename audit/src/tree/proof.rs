//! Inclusion and consistency proofs (RFC 6962 §2.1.1 and §2.1.2, verified as in RFC 9162).

use thiserror::Error;

use super::{node_hash, split};
use crate::hash::Hash;

/// Where the hashes of perfect subtrees come from.
pub trait Nodes {
    /// What can go wrong there.
    type Error;

    /// The hash of the perfect subtree (level, index); level 0 is a leaf hash.
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// Why a proof could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PathError<E> {
    /// The leaf or the older tree is not within the tree.
    #[error("not within the tree")]
    Range,
    /// The nodes could not be read.
    #[error("a node could not be read")]
    Node(E),
}

/// A proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The leaf or the older tree is not within the tree.
    #[error("the proof is for something outside the tree")]
    Range,
    /// Too many or too few hashes, or not the ones the shape of the tree asks for.
    #[error("the proof has not the hashes that this tree asks for")]
    Shape,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// The audit path of leaf `index` in the tree of `size` leaves, from the leaf upwards.
pub fn inclusion<N: Nodes>(
    size: u64,
    index: u64,
    nodes: &mut N,
) -> Result<Vec<Hash>, PathError<N::Error>> {
    if index >= size {
        return Err(PathError::Range);
    }
    let (mut lo, mut hi, mut ranges) = (0, size, Vec::new());
    while hi - lo > 1 {
        let middle = lo + split(hi - lo);
        if index < middle {
            ranges.push((middle, hi));
            hi = middle;
        } else {
            ranges.push((lo, middle));
            lo = middle;
        }
    }
    ranges
        .into_iter()
        .rev()
        .map(|(lo, hi)| range_root(lo, hi, nodes))
        .collect()
}

/// The proof that the tree of `old` leaves is a prefix of the tree of `new` leaves. Empty where
/// they are the same or the older one is empty.
pub fn consistency<N: Nodes>(
    old: u64,
    new: u64,
    nodes: &mut N,
) -> Result<Vec<Hash>, PathError<N::Error>> {
    if old > new {
        return Err(PathError::Range);
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut lo, mut hi, mut ranges) = (0, new, Vec::new());
    // Down to the subtree that ends where the older tree ends.
    while old != hi {
        let middle = lo + split(hi - lo);
        if old <= middle {
            ranges.push((middle, hi));
            hi = middle;
        } else {
            ranges.push((lo, middle));
            lo = middle;
        }
    }
    // Left out when it is the older tree itself: its root is known.
    if lo != 0 {
        ranges.push((lo, hi));
    }
    ranges
        .into_iter()
        .rev()
        .map(|(lo, hi)| range_root(lo, hi, nodes))
        .collect()
}

/// Root over the leaves `lo` up to but not including `hi`, where `lo` is a multiple of the
/// smallest power of two not below `hi - lo`.
pub fn range_root<N: Nodes>(lo: u64, hi: u64, nodes: &mut N) -> Result<Hash, PathError<N::Error>> {
    let mut parts = Vec::new();
    let mut at = lo;
    while at < hi {
        let level = (hi - at).ilog2().min(at.trailing_zeros());
        parts.push(nodes.node(level, at >> level).map_err(PathError::Node)?);
        at += 1 << level;
    }
    let joined = parts
        .into_iter()
        .rev()
        .reduce(|right, left| node_hash(&left, &right));
    joined.ok_or(PathError::Range)
}

/// Checks the audit path of a leaf hash.
pub fn verify_inclusion(
    size: u64,
    index: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for other in proof {
        if last == 0 {
            return Err(ProofError::Shape);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(other, &hash);
            let up = at.trailing_zeros();
            (at, last) = (at >> up, last >> up);
        } else {
            hash = node_hash(&hash, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Shape);
    }
    if hash == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// Checks that the tree `old` is a prefix of the tree `new`.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Range);
    }
    if old == 0 || old == new {
        let known = if old == 0 {
            super::empty_root()
        } else {
            *new_root
        };
        return match (proof.is_empty(), *old_root == known) {
            (false, _) => Err(ProofError::Shape),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    let mut hashes = proof.iter();
    let first = if old.is_power_of_two() {
        Some(old_root)
    } else {
        hashes.next()
    };
    let first = first.ok_or(ProofError::Shape)?;
    let up = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> up, (new - 1) >> up);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for other in hashes {
        if last == 0 {
            return Err(ProofError::Shape);
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(other, &old_hash);
            new_hash = node_hash(other, &new_hash);
            let up = at.trailing_zeros().min(63);
            (at, last) = (at >> up, last >> up);
        } else {
            new_hash = node_hash(&new_hash, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Shape);
    }
    if old_hash == *old_root && new_hash == *new_root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// The nodes that [`inclusion`] asks for, so that they can be fetched beforehand.
pub fn inclusion_needs(size: u64, index: u64) -> Vec<(u32, u64)> {
    let mut list = List::default();
    inclusion(size, index, &mut list)
        .map(|_zeros| list.0)
        .unwrap_or_default()
}

/// The nodes that [`consistency`] asks for, so that they can be fetched beforehand.
pub fn consistency_needs(old: u64, new: u64) -> Vec<(u32, u64)> {
    let mut list = List::default();
    consistency(old, new, &mut list)
        .map(|_zeros| list.0)
        .unwrap_or_default()
}

#[derive(Default)]
struct List(Vec<(u32, u64)>);

impl Nodes for List {
    type Error = std::convert::Infallible;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        self.0.push((level, index));
        Ok(Hash::ZERO)
    }
}
