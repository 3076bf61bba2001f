//! The nodes a bundle carries for the leaves it leaves out (README §6.3).

use super::{ProofError, empty_root, node_hash, split};
use crate::hash::Hash;

/// Which nodes belong in `proofs/nodes`, in order, when the leaves `entries` (sorted, each once)
/// are given.
pub fn skipped(size: u64, entries: &[u64]) -> Vec<(u32, u64)> {
    let mut out = Vec::new();
    if size > 0 {
        walk(0, size, entries, &mut out);
    }
    out
}

fn walk(lo: u64, hi: u64, entries: &[u64], out: &mut Vec<(u32, u64)>) {
    let len = hi - lo;
    if entries.is_empty() {
        if len.is_power_of_two() {
            out.push((len.ilog2(), lo >> len.ilog2()));
            return;
        }
    } else if len == 1 {
        return;
    }
    let middle = lo + split(len);
    let (left, right) = entries.split_at(entries.partition_point(|seq| *seq < middle));
    walk(lo, middle, left, out);
    walk(middle, hi, right, out);
}

/// The root over `entries` (seq and leaf hash, sorted, each once) and the nodes between them.
/// Every node must be the next one that the shape asks for, and none may be left over.
pub fn root_with(
    size: u64,
    entries: &[(u64, Hash)],
    nodes: &[(u32, u64, Hash)],
) -> Result<Hash, ProofError> {
    if entries.last().is_some_and(|(seq, _)| *seq >= size) {
        return Err(ProofError::Range);
    }
    let mut nodes = nodes.iter();
    let root = if size == 0 {
        empty_root()
    } else {
        join(0, size, entries, &mut nodes)?
    };
    if nodes.next().is_some() {
        Err(ProofError::Shape)
    } else {
        Ok(root)
    }
}

fn join(
    lo: u64,
    hi: u64,
    entries: &[(u64, Hash)],
    nodes: &mut std::slice::Iter<'_, (u32, u64, Hash)>,
) -> Result<Hash, ProofError> {
    let len = hi - lo;
    match entries {
        [] if len.is_power_of_two() => {
            let level = len.ilog2();
            match nodes.next() {
                Some((l, i, hash)) if *l == level && *i == lo >> level => Ok(*hash),
                _ => Err(ProofError::Shape),
            }
        }
        [(seq, hash)] if len == 1 => {
            if *seq == lo {
                Ok(*hash)
            } else {
                Err(ProofError::Range)
            }
        }
        _ if len == 1 => Err(ProofError::Shape),
        _ => {
            let middle = lo + split(len);
            let (left, right) = entries.split_at(entries.partition_point(|(s, _)| *s < middle));
            let left = join(lo, middle, left, nodes)?;
            let right = join(middle, hi, right, nodes)?;
            Ok(node_hash(&left, &right))
        }
    }
}
