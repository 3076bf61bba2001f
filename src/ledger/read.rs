//! Reading records: by index, by public name, by owner; opening bodies; proofs.
//!
//! Reads never block appends. Who may read, and the record of it, is the callers' business.

use super::keys::{KeyError, OwnerId};
use super::store::BodyRow;
use super::{Ledger, month};
use tidewaiter_audit::tree::{self, Nodes};
use tidewaiter_audit::{Hash, Leaf, seal};
use zeroize::Zeroizing;

/// Why a record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database refused.
    #[error("the ledger's database refused")]
    Store(#[from] sqlx::Error),
    /// There is no such record.
    #[error("there is no such record")]
    Missing,
    /// The record is not what was committed.
    #[error("record {0} is not what was committed")]
    Damaged(i64),
    /// Its key is gone, or the vault refused.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A record as stored.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its leaf.
    pub leaf: Leaf,
    /// The leaf's line.
    pub line: String,
    /// Its body; none once purged.
    pub body: Option<BodyRow>,
}

impl Ledger {
    /// Catches the index up with the log, a little at a time: calls wait for whoever writes.
    pub async fn index(&self) -> Result<(), sqlx::Error> {
        loop {
            let mut tx = self.store().log.read().await?;
            let from = tx.record_index_end().await? + 1;
            let page = tx.ledger_leaf_page(from, 200).await?;
            drop(tx);
            if page.is_empty() {
                return Ok(());
            }
            let mut rows = Vec::with_capacity(page.len());
            for row in &page {
                // A leaf that does not parse is found by the checkpoints; it has no name here.
                if let Ok(leaf) = Leaf::parse(row.line.as_bytes()) {
                    rows.push((row.seq, leaf.rid, leaf.tag));
                }
            }
            if rows.len() < page.len() {
                return Ok(());
            }
            let mut tx = self.store().writer.begin().await?;
            tx.record_index_put(&rows).await?;
            tx.commit().await?;
        }
    }

    /// The index of the record with this public name.
    pub async fn find(&self, rid: &[u8; 16]) -> Result<i64, ReadError> {
        self.index().await?;
        let mut tx = self.store().log.read().await?;
        tx.record_index_rid(rid).await?.ok_or(ReadError::Missing)
    }

    /// One record.
    pub async fn entry(&self, seq: i64) -> Result<Entry, ReadError> {
        let mut tx = self.store().log.read().await?;
        let row = tx
            .ledger_leaf_page(seq, 1)
            .await?
            .into_iter()
            .find(|row| row.seq == seq)
            .ok_or(ReadError::Missing)?;
        let body = tx.ledger_body(seq).await?;
        let leaf = Leaf::parse(row.line.as_bytes()).map_err(|_why| ReadError::Damaged(seq))?;
        Ok(Entry {
            leaf,
            line: row.line,
            body,
        })
    }

    /// The key that opens an entry's body; nothing else opens with it.
    pub async fn record_key(&self, entry: &Entry) -> Result<seal::RecordKey, ReadError> {
        let seq = i64::try_from(entry.leaf.seq).map_err(|_range| ReadError::Missing)?;
        let body = entry.body.as_ref().ok_or(ReadError::Key(KeyError::Gone))?;
        let subject = self.keys().by_id(&body.key_id, &entry.leaf.class).await?;
        let period = self
            .keys()
            .period(&entry.leaf.class, &entry.leaf.period, false)?;
        let salt = body
            .stored
            .first_chunk::<32>()
            .ok_or(ReadError::Damaged(seq))?;
        Ok(seal::record_key(
            &subject.key,
            &period,
            salt,
            self.log(),
            &entry.leaf.rid,
        ))
    }

    /// The plaintext of an entry's body: one JSON object.
    pub async fn open_body(&self, entry: &Entry) -> Result<serde_json::Value, ReadError> {
        let seq = i64::try_from(entry.leaf.seq).map_err(|_range| ReadError::Missing)?;
        let key = self.record_key(entry).await?;
        let stored = entry.body.as_ref().ok_or(ReadError::Key(KeyError::Gone))?;
        let binding = seal::Binding {
            log: self.log(),
            rid: &entry.leaf.rid,
            tag: &entry.leaf.tag,
            kind: entry.leaf.kind,
            class: &entry.leaf.class,
        };
        let plain: Zeroizing<Vec<u8>> = seal::open(&stored.stored, &key, &entry.leaf.kc, binding)
            .map_err(|_why| ReadError::Damaged(seq))?;
        serde_json::from_slice(&plain).map_err(|_not_json| ReadError::Damaged(seq))
    }

    /// Indices of an owner's records of the last `months` months, in order.
    pub async fn of_owner(
        &self,
        owner: &OwnerId,
        months: u32,
        limit: i64,
    ) -> Result<Vec<i64>, ReadError> {
        self.index().await?;
        let mut found = Vec::new();
        for tag in self.tags_of(owner, months).await? {
            let mut tx = self.store().log.read().await?;
            found.extend(tx.record_index_tag(&tag, -1, limit).await?);
        }
        found.sort_unstable();
        Ok(found)
    }

    /// The tags of an owner's records of the last `months` months, as far as keys are there.
    pub async fn tags_of(&self, owner: &OwnerId, months: u32) -> Result<Vec<[u8; 16]>, ReadError> {
        let mut tags = Vec::new();
        let periods = last_months(self.clock().now_us(), months);
        for (id, class) in self.keys().of_owner(owner).await? {
            let key = match self.keys().by_id(&id, &class).await {
                Ok(key) => key,
                Err(KeyError::Gone) => continue,
                Err(error) => return Err(error.into()),
            };
            for period in &periods {
                let Ok(period_key) = self.keys().period(&class, period, false) else {
                    continue;
                };
                tags.push(seal::tag(&key.key, &period_key, self.log()));
            }
        }
        Ok(tags)
    }

    /// The hash of a perfect subtree: `level` 0 is a leaf.
    pub async fn node(&self, level: u32, index: u64) -> Result<Hash, ReadError> {
        let missing = || ReadError::Missing;
        let index = i64::try_from(index).map_err(|_range| missing())?;
        // The nearest stored level at or below, from which the rest is recomputed.
        let stored = level - level % 8;
        let span = 1_i64.checked_shl(level - stored).ok_or_else(missing)?;
        let first = index.checked_mul(span).ok_or_else(missing)?;
        let mut tx = self.store().log.read().await?;
        let hashes = if stored == 0 {
            let rows = tx.ledger_leaf_page(first, span).await?;
            rows.iter()
                .map(|row| tree::leaf_hash(row.line.as_bytes()))
                .collect::<Vec<_>>()
        } else {
            let rows = tx.ledger_node_page(i64::from(stored), first, span).await?;
            rows.into_iter()
                .map(|hash| hash.try_into().map(Hash).map_err(|_len: Vec<u8>| missing()))
                .collect::<Result<_, _>>()?
        };
        if i64::try_from(hashes.len()) != Ok(span) {
            return Err(missing());
        }
        Ok(tree::root(&hashes))
    }
}

/// The months before and including the one of `now_us`, newest first, `YYYY-MM`.
fn last_months(now_us: i64, count: u32) -> Vec<String> {
    let this = month(now_us);
    let mut parts = this
        .splitn(2, '-')
        .filter_map(|part| part.parse::<i64>().ok());
    let (Some(year), Some(number)) = (parts.next(), parts.next()) else {
        return Vec::new();
    };
    let newest = year * 12 + number - 1;
    (0..i64::from(count))
        .map(|back| newest - back)
        .map(|m| format!("{:04}-{:02}", m.div_euclid(12), m.rem_euclid(12) + 1))
        .collect()
}

/// Nodes fetched beforehand, for proofs.
#[derive(Debug, Default)]
pub struct Fetched(std::collections::HashMap<(u32, u64), Hash>);

impl Fetched {
    /// Fetches the given nodes.
    pub async fn of(ledger: &Ledger, wanted: &[(u32, u64)]) -> Result<Self, ReadError> {
        let mut nodes = std::collections::HashMap::with_capacity(wanted.len());
        for (level, index) in wanted {
            nodes.insert((*level, *index), ledger.node(*level, *index).await?);
        }
        Ok(Self(nodes))
    }
}

impl Nodes for Fetched {
    type Error = ReadError;
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, ReadError> {
        self.0
            .get(&(level, index))
            .copied()
            .ok_or(ReadError::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::last_months;

    #[test]
    fn months_go_back_over_the_year() {
        let november_2026 = 1_795_000_000_000_000;
        assert_eq!(last_months(november_2026, 12).first().unwrap(), "2026-11");
        assert_eq!(last_months(november_2026, 12).last().unwrap(), "2025-12");
    }
}
