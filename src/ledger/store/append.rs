//! Where each database has its own best way: appending a batch, and looking for many ids.

use super::{BodyRow, Head, LeafRow, ROWS, placeholders};
use crate::db::{Result, Tx};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Postgres, Transaction};

impl Tx {
    /// Appends leaves with their bodies, and moves the head over them; false if it was not at `from`
    /// any more, and then nothing of it may be committed.
    pub async fn ledger_append(
        &mut self,
        leaves: &[LeafRow],
        bodies: &[BodyRow],
        from: &Head,
        to: &Head,
    ) -> Result<bool> {
        match self {
            Self::Sqlite(_) => {
                self.ledger_leaf_insert(leaves).await?;
                self.ledger_body_insert(bodies).await?;
                self.ledger_head_move(from, to).await
            }
            Self::Postgres(tx) => append_to_postgres(tx, leaves, bodies, from, to).await,
        }
    }

    /// The counters of these tags, of those that have one.
    pub async fn ledger_tags_among(&mut self, tags: &[[u8; 16]]) -> Result<Vec<(Vec<u8>, i64)>> {
        self.select_among("SELECT tag, n FROM ledger_tag WHERE tag", tags)
            .await
    }

    /// The rows of a statement that ends before `IN (…)`, for these ids.
    pub(crate) async fn select_among<T>(&mut self, select: &str, ids: &[[u8; 16]]) -> Result<Vec<T>>
    where
        T: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>,
    {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let tx = match self {
            Self::Sqlite(tx) => tx,
            Self::Postgres(tx) => {
                let ids: Vec<&[u8]> = ids.iter().map(<[u8; 16]>::as_slice).collect();
                let sql = AssertSqlSafe(format!("{select} = ANY($1)"));
                return sqlx::query_as(sql).bind(ids).fetch_all(&mut **tx).await;
            }
        };
        let mut all = Vec::new();
        for chunk in padded(ids).chunks(ROWS) {
            let list = placeholders("", 0, 1, chunk.len(), "");
            let mut query = sqlx::query_as(AssertSqlSafe(format!("{select} IN{list}")));
            for id in chunk {
                query = query.bind(id.as_slice());
            }
            all.extend(query.fetch_all(&mut **tx).await?);
        }
        Ok(all)
    }
}

/// The ids, and the last again up to a power of two: few statements are ever prepared.
fn padded(ids: &[[u8; 16]]) -> Vec<[u8; 16]> {
    let mut all = ids.to_vec();
    if let Some(last) = ids.last() {
        all.resize(ids.len().next_power_of_two(), *last);
    }
    all
}

/// One statement, whose parts are all done or none.
async fn append_to_postgres(
    tx: &mut Transaction<'static, Postgres>,
    leaves: &[LeafRow],
    bodies: &[BodyRow],
    from: &Head,
    to: &Head,
) -> Result<bool> {
    const SQL: &str = "WITH leaf AS (INSERT INTO ledger_leaf (seq, hash, line) \
         SELECT * FROM UNNEST($1::bigint[], $2::bytea[], $3::text[])), \
         body AS (INSERT INTO ledger_body (seq, key_id, stored) \
         SELECT * FROM UNNEST($4::bigint[], $5::bytea[], $6::bytea[])) \
         UPDATE ledger_head SET size = $7, hash = $8, time_us = $9, generation = $10 \
         WHERE id = 1 AND size = $11 AND hash = $12";
    let seqs: Vec<i64> = leaves.iter().map(|row| row.seq).collect();
    let hashes: Vec<&[u8]> = leaves.iter().map(|row| row.hash.as_slice()).collect();
    let lines: Vec<&str> = leaves.iter().map(|row| row.line.as_str()).collect();
    let of: Vec<i64> = bodies.iter().map(|row| row.seq).collect();
    let keys: Vec<&[u8]> = bodies.iter().map(|row| row.key_id.as_slice()).collect();
    let stored: Vec<&[u8]> = bodies.iter().map(|row| row.stored.as_slice()).collect();
    let query = sqlx::query(SQL)
        .bind(seqs)
        .bind(hashes)
        .bind(lines)
        .bind(of)
        .bind(keys)
        .bind(stored);
    let query = query
        .bind(to.size)
        .bind(to.hash.as_slice())
        .bind(to.time_us)
        .bind(to.generation);
    let query = query.bind(from.size).bind(from.hash.as_slice());
    let done = query.execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}
