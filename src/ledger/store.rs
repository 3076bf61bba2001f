//! The ledger's own tables: head, leaves, bodies, counters, nodes, checkpoints, index.

use crate::db::{Result, Tx, on};
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write;
use tidewaiter_audit::Hash;

mod append;

/// The head row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The log's origin.
    pub log: String,
    /// How many leaves there are.
    pub size: i64,
    /// Leaf hash of the last.
    pub hash: Vec<u8>,
    /// Time of the last, microseconds.
    pub time_us: i64,
    /// Raised by every destruction, switch and policy change.
    pub generation: i64,
}

/// A leaf as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRow {
    /// Its index.
    pub seq: i64,
    /// Its hash, as it was when it was written.
    pub hash: Vec<u8>,
    /// Its line.
    pub line: String,
}

/// A body as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyRow {
    /// Its leaf's index.
    pub seq: i64,
    /// The subject key it is sealed under.
    pub key_id: Vec<u8>,
    /// Salt and ciphertext.
    pub stored: Vec<u8>,
}

/// Rows of one statement: PostgreSQL allows 65,535 parameters, SQLite 32,766.
const ROWS: usize = 256;

/// `($1, $2), ($3, $4)…` after `from` other parameters, padded to a power of two of rows by the callers' chunking, so that few
/// statements are ever prepared.
pub(super) fn placeholders(
    prefix: &str,
    from: usize,
    rows: usize,
    columns: usize,
    suffix: &str,
) -> String {
    let mut sql = String::with_capacity(prefix.len() + rows * columns * 6 + suffix.len());
    sql.push_str(prefix);
    for row in 0..rows {
        sql.push_str(if row == 0 { " (" } else { ", (" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _infallible = write!(sql, "{comma}${}", from + row * columns + column + 1);
        }
        sql.push(')');
    }
    sql.push_str(suffix);
    sql
}

/// Splits into chunks of powers of two, at most [`ROWS`].
pub(super) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = (rows.len().checked_ilog2()?).min(ROWS.ilog2());
        let (chunk, rest) = rows.split_at_checked(1 << size)?;
        rows = rest;
        Some(chunk)
    })
}

impl Tx {
    /// Locks the head row until the transaction ends, and returns it.
    pub async fn ledger_head_lock(&mut self) -> Result<Option<Head>> {
        const READ: &str =
            "SELECT log, size, hash, time_us, generation FROM ledger_head WHERE id = 1";
        const LOCK: &str =
            "SELECT log, size, hash, time_us, generation FROM ledger_head WHERE id = 1 FOR UPDATE";
        // SQLite's BEGIN IMMEDIATE has the lock already.
        let sql = if self.is_postgres() { LOCK } else { READ };
        self.head(sql).await
    }

    /// The head row as it is now.
    pub async fn ledger_head(&mut self) -> Result<Option<Head>> {
        self.head("SELECT log, size, hash, time_us, generation FROM ledger_head WHERE id = 1")
            .await
    }

    async fn head(&mut self, sql: &'static str) -> Result<Option<Head>> {
        let row: Option<(String, i64, Vec<u8>, i64, i64)> =
            on!(self, c => sqlx::query_as(sql).fetch_optional(c).await)?;
        Ok(row.map(|(log, size, hash, time_us, generation)| Head {
            log,
            size,
            hash,
            time_us,
            generation,
        }))
    }

    /// Makes the head row of an empty log; nothing happens if there is one.
    pub async fn ledger_head_insert(&mut self, log: &str) -> Result<()> {
        const SQL: &str = "INSERT INTO ledger_head (id, log, size, hash, time_us, generation) \
             VALUES (1, $1, 0, $2, 0, 1) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(log).bind(Hash::ZERO.as_ref()).execute(c).await
            .map(drop))
    }

    /// Moves the head; false if it was not at `from` any more.
    pub async fn ledger_head_move(&mut self, from: &Head, to: &Head) -> Result<bool> {
        const SQL: &str = "UPDATE ledger_head SET size = $1, hash = $2, time_us = $3, \
             generation = $4 WHERE id = 1 AND size = $5 AND hash = $6";
        on!(self, c => sqlx::query(SQL).bind(to.size).bind(to.hash.as_slice()).bind(to.time_us)
            .bind(to.generation).bind(from.size).bind(from.hash.as_slice()).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Appends leaves.
    pub async fn ledger_leaf_insert(&mut self, rows: &[LeafRow]) -> Result<()> {
        for chunk in chunks(rows) {
            let sql = placeholders(
                "INSERT INTO ledger_leaf (seq, hash, line) VALUES",
                0,
                chunk.len(),
                3,
                "",
            );
            on!(self, c => {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for row in chunk {
                    query = query.bind(row.seq).bind(row.hash.as_slice()).bind(row.line.as_str());
                }
                query.execute(c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Stores bodies.
    pub async fn ledger_body_insert(&mut self, rows: &[BodyRow]) -> Result<()> {
        for chunk in chunks(rows) {
            let sql = placeholders(
                "INSERT INTO ledger_body (seq, key_id, stored) VALUES",
                0,
                chunk.len(),
                3,
                "",
            );
            on!(self, c => {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for row in chunk {
                    query = query.bind(row.seq).bind(row.key_id.as_slice())
                        .bind(row.stored.as_slice());
                }
                query.execute(c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Raises counters by the given amounts; returns each tag with its count afterwards.
    pub async fn ledger_tag_raise(
        &mut self,
        rows: &[(Vec<u8>, i64)],
    ) -> Result<Vec<(Vec<u8>, i64)>> {
        if let Self::Postgres(tx) = self {
            const SQL: &str = "INSERT INTO ledger_tag (tag, n) \
                 SELECT * FROM UNNEST($1::bytea[], $2::bigint[]) ON CONFLICT (tag) \
                 DO UPDATE SET n = ledger_tag.n + excluded.n RETURNING tag, n";
            let (tags, by): (Vec<&[u8]>, Vec<i64>) =
                rows.iter().map(|(tag, by)| (tag.as_slice(), *by)).unzip();
            let query = sqlx::query_as(SQL).bind(tags).bind(by);
            return query.fetch_all(&mut **tx).await;
        }
        let mut out = Vec::with_capacity(rows.len());
        for chunk in chunks(rows) {
            let sql = placeholders(
                "INSERT INTO ledger_tag (tag, n) VALUES",
                0,
                chunk.len(),
                2,
                " ON CONFLICT (tag) DO UPDATE SET n = ledger_tag.n + excluded.n RETURNING tag, n",
            );
            let raised: Vec<(Vec<u8>, i64)> = on!(self, c => {
                let mut query = sqlx::query_as(AssertSqlSafe(sql));
                for (tag, by) in chunk {
                    query = query.bind(tag.as_slice()).bind(*by);
                }
                query.fetch_all(c).await
            })?;
            out.extend(raised);
        }
        Ok(out)
    }

    /// Leaves from `from`, at most `limit`, in order.
    pub async fn ledger_leaf_page(&mut self, from: i64, limit: i64) -> Result<Vec<LeafRow>> {
        const SQL: &str =
            "SELECT seq, hash, line FROM ledger_leaf WHERE seq >= $1 ORDER BY seq LIMIT $2";
        let rows: Vec<(i64, Vec<u8>, String)> =
            on!(self, c => sqlx::query_as(SQL).bind(from).bind(limit).fetch_all(c).await)?;
        Ok(rows
            .into_iter()
            .map(|(seq, hash, line)| LeafRow { seq, hash, line })
            .collect())
    }

    /// One body.
    pub async fn ledger_body(&mut self, seq: i64) -> Result<Option<BodyRow>> {
        const SQL: &str = "SELECT seq, key_id, stored FROM ledger_body WHERE seq = $1";
        let row: Option<(i64, Vec<u8>, Vec<u8>)> =
            on!(self, c => sqlx::query_as(SQL).bind(seq).fetch_optional(c).await)?;
        Ok(row.map(|(seq, key_id, stored)| BodyRow {
            seq,
            key_id,
            stored,
        }))
    }

    /// Purges the bodies of a destroyed key; the trigger refuses any other.
    pub async fn ledger_body_purge(&mut self, key_id: &[u8]) -> Result<u64> {
        const SQL: &str = "DELETE FROM ledger_body WHERE key_id = $1";
        on!(self, c => sqlx::query(SQL).bind(key_id).execute(c).await.map(|d| d.rows_affected()))
    }

    /// Stores the hash of a perfect subtree; the same again does nothing.
    pub async fn ledger_node_put(&mut self, level: i64, idx: i64, hash: &[u8]) -> Result<()> {
        const SQL: &str = "INSERT INTO ledger_node (level, idx, hash) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(level).bind(idx).bind(hash).execute(c).await.map(drop))
    }

    /// Hashes of subtrees of a stored level, from `idx` on, at most `limit`.
    pub async fn ledger_node_page(
        &mut self,
        level: i64,
        idx: i64,
        limit: i64,
    ) -> Result<Vec<Vec<u8>>> {
        const SQL: &str = "SELECT hash FROM ledger_node WHERE level = $1 AND idx >= $2 \
             ORDER BY idx LIMIT $3";
        let rows: Vec<(Vec<u8>,)> = on!(self, c => sqlx::query_as(SQL).bind(level).bind(idx)
            .bind(limit).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(hash,)| hash).collect())
    }

    /// Stores a signed checkpoint; a size is signed once.
    pub async fn ledger_checkpoint_put(&mut self, size: i64, note: &str, at_us: i64) -> Result<()> {
        const SQL: &str = "INSERT INTO ledger_checkpoint (size, note, at_us) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(size).bind(note).bind(at_us).execute(c).await
            .map(drop))
    }

    /// The newest checkpoint of at most `size` leaves that is not younger than `not_after_us`.
    pub async fn ledger_checkpoint_at(
        &mut self,
        size: i64,
        not_after_us: i64,
    ) -> Result<Option<(i64, String)>> {
        const SQL: &str = "SELECT size, note FROM ledger_checkpoint WHERE size <= $1 \
             AND at_us <= $2 ORDER BY size DESC LIMIT 1";
        on!(self, c => sqlx::query_as(SQL).bind(size).bind(not_after_us).fetch_optional(c).await)
    }

    /// Notes that a key is destroyed, with the record that says so.
    pub async fn destroyed_key_put(&mut self, id: &[u8], at_us: i64) -> Result<()> {
        const SQL: &str = "INSERT INTO destroyed_key (id, at_us) VALUES ($1, $2) \
             ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(id).bind(at_us).execute(c).await.map(drop))
    }

    /// Which of these keys are destroyed.
    pub async fn destroyed_keys_among(&mut self, ids: &[[u8; 16]]) -> Result<Vec<Vec<u8>>> {
        let rows: Vec<(Vec<u8>,)> = self
            .select_among("SELECT id FROM destroyed_key WHERE id", ids)
            .await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Keys whose destruction is recorded and not finished, but for those of an erasure whose holds
    /// are not served yet: it goes on with them itself.
    pub async fn destroyed_key_open(&mut self) -> Result<Vec<Vec<u8>>> {
        const SQL: &str = "SELECT id FROM destroyed_key d WHERE done = 0 AND NOT EXISTS \
             (SELECT 1 FROM erased_tag t JOIN erasure e ON e.gone_seq = t.seq \
              WHERE t.key_id = d.id AND e.kept_us IS NULL AND e.state = 'executing')";
        let rows: Vec<(Vec<u8>,)> = on!(self, c => sqlx::query_as(SQL).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Notes that a destruction is finished.
    pub async fn destroyed_key_done(&mut self, id: &[u8]) -> Result<()> {
        const SQL: &str = "UPDATE destroyed_key SET done = 1 WHERE id = $1";
        on!(self, c => sqlx::query(SQL).bind(id).execute(c).await.map(drop))
    }

    /// The last indexed record.
    pub async fn record_index_end(&mut self) -> Result<i64> {
        const SQL: &str = "SELECT COALESCE(MAX(seq), -1) FROM record_index";
        on!(self, c => sqlx::query(SQL).fetch_one(c).await.and_then(|row| row.try_get(0)))
    }

    /// Indexes records: seq, rid, tag.
    pub async fn record_index_put(&mut self, rows: &[(i64, [u8; 16], [u8; 16])]) -> Result<()> {
        for chunk in chunks(rows) {
            let sql = placeholders(
                "INSERT INTO record_index (seq, rid, tag) VALUES",
                0,
                chunk.len(),
                3,
                " ON CONFLICT DO NOTHING",
            );
            on!(self, c => {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for (seq, rid, tag) in chunk {
                    query = query.bind(*seq).bind(rid.as_slice()).bind(tag.as_slice());
                }
                query.execute(c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// The index of the record with this public name.
    pub async fn record_index_rid(&mut self, rid: &[u8; 16]) -> Result<Option<i64>> {
        const SQL: &str = "SELECT seq FROM record_index WHERE rid = $1";
        let row: Option<(i64,)> =
            on!(self, c => sqlx::query_as(SQL).bind(rid.as_slice()).fetch_optional(c).await)?;
        Ok(row.map(|(seq,)| seq))
    }

    /// Records under a tag after `after`, in order.
    pub async fn record_index_tag(
        &mut self,
        tag: &[u8; 16],
        after: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        const SQL: &str = "SELECT seq FROM record_index WHERE tag = $1 AND seq > $2 \
             ORDER BY seq LIMIT $3";
        let rows: Vec<(i64,)> = on!(self, c => sqlx::query_as(SQL).bind(tag.as_slice())
            .bind(after).bind(limit).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(seq,)| seq).collect())
    }

    /// Leaves under a tag from `from` up to but not including `to`, at most `limit`: the first of
    /// them in order, or the last of them, newest first.
    pub async fn record_index_leaves(
        &mut self,
        tag: &[u8; 16],
        (from, to): (i64, i64),
        newest: bool,
        limit: i64,
    ) -> Result<Vec<LeafRow>> {
        const OLDEST: &str = "SELECT l.seq, l.hash, l.line FROM record_index r \
             JOIN ledger_leaf l ON l.seq = r.seq \
             WHERE r.tag = $1 AND r.seq >= $2 AND r.seq < $3 ORDER BY r.seq LIMIT $4";
        const NEWEST: &str = "SELECT l.seq, l.hash, l.line FROM record_index r \
             JOIN ledger_leaf l ON l.seq = r.seq \
             WHERE r.tag = $1 AND r.seq >= $2 AND r.seq < $3 ORDER BY r.seq DESC LIMIT $4";
        let sql = if newest { NEWEST } else { OLDEST };
        let rows: Vec<(i64, Vec<u8>, String)> = on!(self, c => sqlx::query_as(sql)
            .bind(tag.as_slice()).bind(from).bind(to).bind(limit).fetch_all(c).await)?;
        Ok(rows
            .into_iter()
            .map(|(seq, hash, line)| LeafRow { seq, hash, line })
            .collect())
    }

    /// Ends every lease: nobody else can have this database open.
    pub async fn writer_end_leases(&mut self) -> Result<()> {
        const SQL: &str = "UPDATE writer SET lease_until_us = 0";
        on!(self, c => sqlx::query(SQL).execute(c).await.map(drop))
    }

    /// Says that this replica lives until then.
    pub async fn writer_put(&mut self, id: &str, lease_until_us: i64) -> Result<()> {
        const SQL: &str = "INSERT INTO writer (id, lease_until_us) VALUES ($1, $2) \
             ON CONFLICT (id) DO UPDATE SET lease_until_us = excluded.lease_until_us";
        on!(self, c => sqlx::query(SQL).bind(id).bind(lease_until_us).execute(c).await.map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_every_row_once() {
        for n in [0_usize, 1, 2, 3, 255, 256, 257, 1000] {
            let rows: Vec<usize> = (0..n).collect();
            let joined: Vec<usize> = chunks(&rows).flatten().copied().collect();
            assert_eq!(joined, rows);
            assert!(chunks(&rows).all(|c| c.len().is_power_of_two() && c.len() <= ROWS));
        }
    }

    #[test]
    fn placeholders_count_up() {
        assert_eq!(
            placeholders("I V", 0, 2, 2, " R"),
            "I V ($1, $2), ($3, $4) R"
        );
    }
}
