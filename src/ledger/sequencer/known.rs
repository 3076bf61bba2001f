//! What the database must hold if nobody else has written: the head, and counters as of it.

use super::BatchError;
use crate::db::Db;
use crate::ledger::store::Head;
use quick_cache::unsync::Cache;
use std::collections::BTreeMap;

/// Counters remembered at once.
const TAGS: usize = 65_536;

/// What the newest batch left behind in the database.
pub(in crate::ledger) struct Known {
    pub(super) head: Option<Head>,
    pub(super) tags: Cache<[u8; 16], i64>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            head: None,
            tags: Cache::new(TAGS),
        }
    }
}

impl Known {
    /// The counters of these tags as the last batch left them.
    pub(super) async fn counters(
        &mut self,
        db: &Db,
        tags: &[[u8; 16]],
    ) -> Result<BTreeMap<[u8; 16], i64>, BatchError> {
        let mut found = BTreeMap::new();
        let mut missing = Vec::new();
        for tag in tags {
            match self.tags.get(tag) {
                Some(n) => drop(found.insert(*tag, *n)),
                None => missing.push(*tag),
            }
        }
        if !missing.is_empty() {
            let mut tx = db.read().await?;
            for (tag, n) in tx.ledger_tags_among(&missing).await? {
                let tag = tag
                    .try_into()
                    .map_err(|_len: Vec<u8>| BatchError::RolledBack)?;
                found.insert(tag, n);
            }
        }
        Ok(found)
    }
}
