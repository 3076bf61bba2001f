//! Revocations as the ledger keeps them: rows that follow from records, gone when their term ends.

use super::store::{chunks, placeholders};
use crate::db::{Result, Tx, on};
use crate::revocation::{Mark, Term};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// How many there may be at once; more are refused, so that every replica can hold them.
pub const MOST: i64 = 100_000;

/// A revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id: 16 random bytes.
    pub id: Vec<u8>,
    /// `agent`, `subject`, `session`, `token`.
    pub kind: String,
    /// Keyed digest of what is revoked.
    pub target: Vec<u8>,
    /// The agent, if it is one.
    pub agent: Option<String>,
    /// Why.
    pub reason: String,
    /// Who, by pseudonym.
    pub officer: String,
    /// Since when, microseconds.
    pub since_us: i64,
    /// Tokens issued up to then are refused, seconds.
    pub before_s: i64,
    /// Until then, seconds.
    pub until_s: i64,
    /// Who asked that it be lifted, by pseudonym.
    pub lift_officer: Option<String>,
    /// When, microseconds.
    pub lift_us: Option<i64>,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for Row
where
    usize: sqlx::ColumnIndex<R>,
    Vec<u8>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            kind: row.try_get(1)?,
            target: row.try_get(2)?,
            agent: row.try_get(3)?,
            reason: row.try_get(4)?,
            officer: row.try_get(5)?,
            since_us: row.try_get(6)?,
            before_s: row.try_get(7)?,
            until_s: row.try_get(8)?,
            lift_officer: row.try_get(9)?,
            lift_us: row.try_get(10)?,
        })
    }
}

/// The columns of [`Row`], in order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, target, agent, reason, officer, since_us, before_s, until_s, ",
            "lift_officer, lift_us FROM revocation ",
            $rest
        )
    };
}

impl Tx {
    /// Revokes; the same again is a new revocation in the old one's place. False if there are
    /// [`MOST`].
    pub async fn revocation_put(&mut self, row: &Row) -> Result<bool> {
        const SQL: &str = "INSERT INTO revocation \
             (id, kind, target, agent, reason, officer, since_us, before_s, until_s) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 \
             WHERE (SELECT COUNT(*) FROM revocation) < $10 \
             ON CONFLICT (target) DO UPDATE SET id = excluded.id, reason = excluded.reason, \
             officer = excluded.officer, since_us = excluded.since_us, \
             before_s = excluded.before_s, until_s = excluded.until_s, \
             lift_officer = NULL, lift_us = NULL";
        on!(self, c => sqlx::query(SQL).bind(row.id.as_slice()).bind(row.kind.as_str())
            .bind(row.target.as_slice()).bind(row.agent.as_deref()).bind(row.reason.as_str())
            .bind(row.officer.as_str()).bind(row.since_us).bind(row.before_s).bind(row.until_s)
            .bind(MOST).execute(c).await.map(|done| done.rows_affected() == 1))
    }

    /// One person asks that a revocation be lifted; false if it is not in force.
    pub async fn revocation_lift_ask(
        &mut self,
        id: &[u8],
        officer: &str,
        at_us: i64,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE revocation SET lift_officer = $1, lift_us = $2 WHERE id = $3";
        on!(self, c => sqlx::query(SQL).bind(officer).bind(at_us).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Lifts a revocation; false if it is not in force, or if it takes two and nobody else asked.
    pub async fn revocation_lift(&mut self, id: &[u8], officer: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM revocation WHERE id = $1 \
             AND (kind IN ('session', 'token') OR lift_officer <> $2)";
        on!(self, c => sqlx::query(SQL).bind(id).bind(officer).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Every mark with its term.
    pub async fn revocation_terms(&mut self) -> Result<Vec<(Mark, Term)>> {
        const SQL: &str = "SELECT target, before_s, until_s FROM revocation";
        let rows: Vec<(Vec<u8>, i64, i64)> =
            on!(self, c => sqlx::query_as(SQL).fetch_all(c).await)?;
        rows.into_iter().map(term).collect()
    }

    /// Those of these marks that are revoked.
    pub async fn revocation_among(&mut self, marks: &[Mark]) -> Result<HashMap<Mark, Term>> {
        let mut found = HashMap::new();
        for chunk in chunks(marks) {
            let list = placeholders("", 0, 1, chunk.len(), "");
            let sql =
                format!("SELECT target, before_s, until_s FROM revocation WHERE target IN {list}");
            let rows: Vec<(Vec<u8>, i64, i64)> = on!(self, c => {
                let mut query = sqlx::query_as(AssertSqlSafe(sql));
                for mark in chunk {
                    query = query.bind(mark.as_slice());
                }
                query.fetch_all(c).await
            })?;
            for row in rows {
                let (mark, term) = term(row)?;
                found.insert(mark, term);
            }
        }
        Ok(found)
    }

    /// One revocation.
    pub async fn revocation(&mut self, id: &[u8]) -> Result<Option<Row>> {
        const SQL: &str = select!("WHERE id = $1");
        on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)
    }

    /// Revocations, newest first, after the one that was made at that time under that id.
    pub async fn revocation_page(
        &mut self,
        (since_us, id): (i64, &[u8]),
        limit: i64,
    ) -> Result<Vec<Row>> {
        const SQL: &str = select!(
            "WHERE since_us < $1 OR (since_us = $1 AND id < $2) \
             ORDER BY since_us DESC, id DESC LIMIT $3"
        );
        on!(self, c => sqlx::query_as(SQL).bind(since_us).bind(id).bind(limit).fetch_all(c).await)
    }

    /// Deletes revocations that no token can fall under any more; how many there were.
    pub async fn revocation_sweep(&mut self, now_s: i64) -> Result<u64> {
        const SQL: &str = "DELETE FROM revocation WHERE until_s <= $1";
        on!(self, c => sqlx::query(SQL).bind(now_s).execute(c).await.map(|d| d.rows_affected()))
    }
}

fn term((target, before_s, until_s): (Vec<u8>, i64, i64)) -> Result<(Mark, Term)> {
    let wrong = |_length: Vec<u8>| sqlx::Error::Decode("a mark is not 32 bytes".into());
    let mark = target.try_into().map_err(wrong)?;
    Ok((mark, Term { before_s, until_s }))
}
