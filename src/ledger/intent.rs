//! Intents: what a write was going to do, durable before it is done.
//!
//! Promises I9: every intent has an outcome, or a recovery record once its writer is gone. An
//! idempotency key belongs to one agent, subject and operation; a repeat gets the recorded outcome.

use crate::db::{Result, Tx, on};

/// An intent's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Ties intent and outcome.
    pub request: Vec<u8>,
    /// Keyed digest of agent, subject, operation and idempotency key.
    pub idempotency: Vec<u8>,
    /// Keyed digest of the arguments.
    pub arguments: Vec<u8>,
    /// The subject key its records are sealed under.
    pub key_id: Vec<u8>,
    /// Retention class.
    pub class: String,
    /// The replica that opened it.
    pub writer: String,
    /// Index of the intent record.
    pub seq: i64,
    /// Agent.
    pub agent: String,
    /// Operation.
    pub operation: String,
    /// Purpose.
    pub purpose: String,
    /// Policy version, hex.
    pub policy: String,
    /// Index of the outcome record, once there is one.
    pub outcome_seq: Option<i64>,
    /// When it was opened, microseconds.
    pub opened_us: i64,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for IntentRow
where
    usize: sqlx::ColumnIndex<R>,
    Vec<u8>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self> {
        Ok(Self {
            request: row.try_get(0)?,
            idempotency: row.try_get(1)?,
            arguments: row.try_get(2)?,
            key_id: row.try_get(3)?,
            class: row.try_get(4)?,
            writer: row.try_get(5)?,
            seq: row.try_get(6)?,
            agent: row.try_get(7)?,
            operation: row.try_get(8)?,
            purpose: row.try_get(9)?,
            policy: row.try_get(10)?,
            outcome_seq: row.try_get(11)?,
            opened_us: row.try_get(12)?,
        })
    }
}

impl Tx {
    /// Opens an intent; false if its idempotency key was used before.
    pub async fn intent_open(&mut self, row: &IntentRow) -> Result<bool> {
        const SQL: &str = "INSERT INTO intent (request, idempotency, arguments, key_id, class, \
             writer, seq, agent, operation, purpose, policy, outcome_seq, opened_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, $12) \
             ON CONFLICT (idempotency) DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(row.request.as_slice())
            .bind(row.idempotency.as_slice()).bind(row.arguments.as_slice())
            .bind(row.key_id.as_slice()).bind(row.class.as_str()).bind(row.writer.as_str())
            .bind(row.seq).bind(row.agent.as_str()).bind(row.operation.as_str())
            .bind(row.purpose.as_str()).bind(row.policy.as_str()).bind(row.opened_us)
            .execute(c).await.map(|done| done.rows_affected() == 1))
    }

    /// Closes an intent with its outcome's index; false if it is closed already.
    pub async fn intent_close(&mut self, request: &[u8], outcome_seq: i64) -> Result<bool> {
        const SQL: &str =
            "UPDATE intent SET outcome_seq = $1 WHERE request = $2 AND outcome_seq IS NULL";
        on!(self, c => sqlx::query(SQL).bind(outcome_seq).bind(request).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Forgets the closed intents of a destroyed key.
    pub async fn intent_forget(&mut self, key_id: &[u8]) -> Result<()> {
        const SQL: &str = "DELETE FROM intent WHERE key_id = $1 AND outcome_seq IS NOT NULL";
        on!(self, c => sqlx::query(SQL).bind(key_id).execute(c).await.map(drop))
    }

    /// The intent under an idempotency key.
    pub async fn intent_by_key(&mut self, idempotency: &[u8]) -> Result<Option<IntentRow>> {
        const SQL: &str = "SELECT request, idempotency, arguments, key_id, class, writer, seq, \
             agent, operation, purpose, policy, outcome_seq, opened_us FROM intent \
             WHERE idempotency = $1";
        on!(self, c => sqlx::query_as(SQL).bind(idempotency).fetch_optional(c).await)
    }

    /// Open intents of replicas whose lease ended before `now_us`.
    pub async fn intent_orphans(&mut self, now_us: i64) -> Result<Vec<IntentRow>> {
        const SQL: &str = "SELECT request, idempotency, arguments, key_id, class, \
             intent.writer, seq, agent, operation, purpose, policy, outcome_seq, opened_us \
             FROM intent LEFT JOIN writer ON writer.id = intent.writer \
             WHERE outcome_seq IS NULL AND COALESCE(writer.lease_until_us, 0) < $1 ORDER BY seq \
             LIMIT 64";
        on!(self, c => sqlx::query_as(SQL).bind(now_us).fetch_all(c).await)
    }
}
