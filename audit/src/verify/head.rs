//! `--head`: the bundle against a checkpoint that the reader holds.

use super::Judged;
use super::proofs::Signed;
use crate::checkpoint::{Checkpoint, NoteError};
use crate::hash::Hash;
use crate::tree;

/// What the comparison shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    Agrees,
    Contradicts,
    Incomparable,
}

/// Reads the checkpoint. Its signatures are not looked at: its holder vouches for it.
pub(super) fn parse(bytes: &[u8]) -> Result<Checkpoint, NoteError> {
    Signed::parse(bytes).map(|signed| signed.checkpoint)
}

/// Compares by whatever the bundle offers.
pub(super) fn compare(judged: &Judged, head: &Checkpoint) -> Compared {
    let bundle = &judged.proofs.head.checkpoint;
    if head.origin != bundle.origin || head.size > bundle.size {
        return Compared::Incomparable;
    }
    let before = judged
        .proofs
        .before
        .as_ref()
        .map(|signed| &signed.checkpoint);
    let root = if head.size == bundle.size {
        Some(bundle.root)
    } else if let Some(root) = root_below(judged, head.size) {
        Some(root)
    } else {
        before
            .filter(|before| before.size == head.size)
            .map(|before| before.root)
    };
    match root {
        Some(root) if root == head.root => Compared::Agrees,
        Some(_) => Compared::Contradicts,
        None => Compared::Incomparable,
    }
}

/// The root over the first `size` leaves, if the bundle has them all.
fn root_below(judged: &Judged, size: u64) -> Option<Hash> {
    let hashes = &judged.entries.hashes;
    let first = hashes.get(..usize::try_from(size).ok()?)?;
    // Sorted, each once, from 0: the last one tells.
    let all = first
        .last()
        .is_none_or(|(seq, _)| seq.checked_add(1) == Some(size));
    all.then(|| tree::root(&first.iter().map(|(_, hash)| *hash).collect::<Vec<_>>()))
}
