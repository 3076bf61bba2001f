//! One transaction's worth of records, and how each gets its place.

use super::{BatchError, Sealed, Unrecorded};
use crate::db::Tx;
use crate::ledger::store::{BodyRow, Head, LeafRow};
use std::collections::HashMap;
use tidewaiter_audit::{Hash, tree};

/// What one transaction writes.
pub(super) struct Batch {
    pub(super) from: Head,
    pub(super) to: Head,
    pub(super) accepted: Vec<Sealed>,
    pub(super) refused: Vec<(Sealed, Unrecorded)>,
    /// Whether an effect raised the generation.
    pub(super) raised: bool,
    /// The counters of its tags, after it.
    pub(super) counters: Vec<([u8; 16], i64)>,
}

impl Batch {
    pub(super) fn new(from: Head, records: usize) -> Self {
        Self {
            to: from.clone(),
            from,
            accepted: Vec::with_capacity(records),
            refused: Vec::new(),
            raised: false,
            counters: Vec::new(),
        }
    }
}

/// Gives every leaf its place: seq, prev, time; returns the rows.
pub(super) fn link(batch: &mut Batch) -> Result<(Vec<LeafRow>, Vec<BodyRow>), BatchError> {
    let mut leaves = Vec::with_capacity(batch.accepted.len());
    let mut bodies = Vec::with_capacity(batch.accepted.len());
    let mut prev = hash(&batch.from.hash)?;
    for (seq, draft) in (batch.from.size..).zip(&mut batch.accepted) {
        draft.leaf.seq = u64::try_from(seq).map_err(|_negative| BatchError::RolledBack)?;
        draft.leaf.prev = prev;
        draft.leaf.time_us = batch.to.time_us;
        let line = draft.leaf.to_line()?;
        prev = tree::leaf_hash(line.as_bytes());
        leaves.push(LeafRow {
            seq,
            hash: prev.as_ref().to_vec(),
            line,
        });
        bodies.push(BodyRow {
            seq,
            key_id: draft.key_id.to_vec(),
            stored: std::mem::take(&mut draft.stored),
        });
    }
    batch.to.hash = prev.as_ref().to_vec();
    Ok((leaves, bodies))
}

fn hash(bytes: &[u8]) -> Result<Hash, BatchError> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_length| BatchError::RolledBack)?;
    Ok(Hash(bytes))
}

/// Counts each accepted leaf within its tag.
pub(super) async fn number(tx: &mut Tx, batch: &mut Batch) -> Result<(), BatchError> {
    let mut by_tag: HashMap<[u8; 16], i64> = HashMap::new();
    for draft in &batch.accepted {
        *by_tag.entry(draft.leaf.tag).or_default() += 1;
    }
    // Sorted, so that two replicas never lock rows in opposite orders.
    let mut raise: Vec<(Vec<u8>, i64)> =
        by_tag.iter().map(|(tag, by)| (tag.to_vec(), *by)).collect();
    raise.sort_unstable();
    let mut next: HashMap<[u8; 16], i64> = HashMap::with_capacity(raise.len());
    for (tag, n) in tx.ledger_tag_raise(&raise).await? {
        let tag: [u8; 16] = tag
            .try_into()
            .map_err(|_length: Vec<u8>| BatchError::RolledBack)?;
        let by = by_tag.get(&tag).copied().unwrap_or_default();
        next.insert(tag, n - by);
    }
    for draft in &mut batch.accepted {
        let n = next
            .get_mut(&draft.leaf.tag)
            .ok_or(BatchError::RolledBack)?;
        *n += 1;
        draft.leaf.n = u64::try_from(*n).map_err(|_negative| BatchError::RolledBack)?;
    }
    batch.counters = next.into_iter().collect();
    Ok(())
}
