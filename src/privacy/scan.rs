//! Walking through the log within bounds: by index, or under some tags, either way round.
//!
//! Never by an index on anything random: a place is found by halving over times, a customer's
//! records by their tags.

use crate::ledger::read::ReadError;
use crate::ledger::store::LeafRow;
use crate::ledger::{Ledger, OwnerId};
use tidewaiter_audit::Leaf;

/// Leaves read at a time.
const PIECE: i64 = 500;

/// A span of the log that is still to be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The first index.
    pub(super) from: i64,
    /// The first beyond.
    pub(super) to: i64,
}

impl Span {
    pub(super) fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// What is left after `seq` was walked over.
    pub(super) fn after(self, seq: i64, newest: bool) -> Self {
        if newest {
            Self { to: seq, ..self }
        } else {
            Self {
                from: seq.saturating_add(1),
                ..self
            }
        }
    }
}

/// Where records may be.
#[derive(Debug, Clone)]
pub(super) enum Among {
    /// Anywhere.
    All,
    /// Under these tags.
    Tags(Vec<[u8; 16]>),
}

impl Among {
    /// The records of one owner, of the months from `from_us` on.
    pub(super) async fn owner(
        ledger: &Ledger,
        owner: &OwnerId,
        from_us: i64,
    ) -> Result<Self, ReadError> {
        ledger.index().await?;
        let first_us = leaf(ledger, 0).await?.time_us.max(from_us);
        let ago_us = ledger.clock().now_us().saturating_sub(first_us).max(0);
        // A month has 28 days at least.
        let months = ago_us.div_euclid(28 * 86_400_000_000).saturating_add(2);
        let months = u32::try_from(months).unwrap_or(MONTHS).min(MONTHS);
        Ok(Self::Tags(ledger.tags_of(owner, months).await?))
    }

    /// The next leaves of a span in order, and what is left of it then.
    pub(super) async fn next(
        &self,
        ledger: &Ledger,
        span: Span,
        newest: bool,
    ) -> Result<(Vec<LeafRow>, Span), ReadError> {
        match self {
            Self::All => all(ledger, span, newest).await,
            Self::Tags(tags) => under(ledger, tags, span, newest).await,
        }
    }
}

/// Longer than any term.
const MONTHS: u32 = 600;

async fn all(ledger: &Ledger, span: Span, newest: bool) -> Result<(Vec<LeafRow>, Span), ReadError> {
    let part = if newest {
        Span {
            from: span.to.saturating_sub(PIECE).max(span.from),
            ..span
        }
    } else {
        Span {
            to: span.from.saturating_add(PIECE).min(span.to),
            ..span
        }
    };
    let count = part.to.saturating_sub(part.from).max(0);
    let mut tx = ledger.store().log.read().await?;
    let mut rows = tx.ledger_leaf_page(part.from, count).await?;
    drop(tx);
    rows.retain(|row| row.seq < part.to);
    let left = if newest {
        rows.reverse();
        Span {
            to: part.from,
            ..span
        }
    } else {
        Span {
            from: part.to,
            ..span
        }
    };
    Ok((rows, left))
}

async fn under(
    ledger: &Ledger,
    tags: &[[u8; 16]],
    span: Span,
    newest: bool,
) -> Result<(Vec<LeafRow>, Span), ReadError> {
    let mut rows = Vec::new();
    // How far every tag has been looked through.
    let mut reach = span;
    for tag in tags {
        let mut tx = ledger.store().log.read().await?;
        let found = tx
            .record_index_leaves(tag, (span.from, span.to), newest, PIECE)
            .await?;
        drop(tx);
        let full = i64::try_from(found.len()).is_ok_and(|count| count >= PIECE);
        if let Some(last) = found.last().filter(|_| full) {
            if newest {
                reach.from = reach.from.max(last.seq);
            } else {
                reach.to = reach.to.min(last.seq.saturating_add(1));
            }
        }
        rows.extend(found);
    }
    rows.retain(|row| (reach.from..reach.to).contains(&row.seq));
    rows.sort_by_key(|row| row.seq);
    let left = if newest {
        rows.reverse();
        Span {
            from: span.from,
            to: reach.from,
        }
    } else {
        Span {
            from: reach.to,
            to: span.to,
        }
    };
    Ok((rows, left))
}

/// One leaf, without its body.
pub(super) async fn leaf(ledger: &Ledger, seq: i64) -> Result<Leaf, ReadError> {
    let mut tx = ledger.store().log.read().await?;
    let rows = tx.ledger_leaf_page(seq, 1).await?;
    drop(tx);
    let row = rows.into_iter().find(|row| row.seq == seq);
    parse(&row.ok_or(ReadError::Missing)?)
}

/// A leaf as it was read.
pub(super) fn parse(row: &LeafRow) -> Result<Leaf, ReadError> {
    Leaf::parse(row.line.as_bytes()).map_err(|_why| ReadError::Damaged(row.seq))
}

/// The first record at or after a moment, of the first `size`: times never decrease.
pub(super) async fn first_at(ledger: &Ledger, at_us: i64, size: i64) -> Result<i64, ReadError> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        if leaf(ledger, middle).await?.time_us < at_us {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
